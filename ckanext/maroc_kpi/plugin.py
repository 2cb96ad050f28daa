from __future__ import annotations

import ckan.plugins as p


class MarocKpiPlugin(p.SingletonPlugin):
    """Placeholder."""
