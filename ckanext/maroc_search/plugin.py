from __future__ import annotations

import ckan.plugins as p


class MarocSearchPlugin(p.SingletonPlugin):
    """Placeholder."""
