from __future__ import annotations

import ckan.plugins as p


class MarocSchemaPlugin(p.SingletonPlugin):
    """Placeholder."""
