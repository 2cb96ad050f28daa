from __future__ import annotations

import ckan.plugins as p


class MarocFilesPlugin(p.SingletonPlugin):
    """Placeholder."""
