from __future__ import annotations

import ckan.plugins as p


class MarocUsagePlugin(p.SingletonPlugin):
    """Placeholder."""
