"""Files that nothing refers to any more are deleted, a day later at the earliest.

A refused form, a replaced file, a purged dataset each leave one. What an older public
version still shows is kept by whoever keeps that version (IMarocFileKeepers).
"""

from __future__ import annotations

import logging

from ckanext.maroc_portal import interfaces

from . import ledger
from .store import the_store

log = logging.getLogger(__name__)


def collect() -> int:
    """Delete the orphans; return how many there were. Repeatable."""
    store = the_store()
    store.sweep()
    ledger.adopt(store, store.hashes())
    found = ledger.orphans()
    # Asked after the rows were read: what a row let go to a keeper meanwhile is kept.
    kept = interfaces.kept_files() if found else frozenset()
    gone = sum(ledger.let_go(store, each) for each in found if each not in kept)
    if gone:
        log.info("%s files that nothing refers to are deleted", gone)
    return gone
