"""The search index, brought up to date at once; the outbox does it where this fails."""

from __future__ import annotations

import logging
from typing import Any

from ckan import logic, model

log = logging.getLogger(__name__)


def update(package_id: str, dicts: Any = None) -> bool:
    """Index what is committed of a dataset now; return whether the index has it."""
    try:
        package = model.Package.get(package_id)
        if package is None or package.state == "deleted":
            logic.index_remove_package(package_id)
        elif dicts:
            logic.index_update_package_dicts(dicts)
        else:
            logic.index_update_package({"ignore_auth": True}, package_id)
    except Exception:
        log.exception("%s is indexed later", package_id)
        return False
    return True
