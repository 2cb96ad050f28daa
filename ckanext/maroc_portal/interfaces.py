"""Where the bundle's plugins meet without importing each other.

A plugin implements the interfaces that it needs; maroc_portal asks all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

import ckan.plugins as p

CARRIED: ContextVar[frozenset[str]] = ContextVar("maroc_carried", default=frozenset())
"""The hashes of files that code of ours brings from one dataset to another."""


@dataclass(frozen=True, kw_only=True)
class PeriodicJob:
    """A row of the table of periodic work.

    ``run`` does the work and may be repeated at any time without harm. ``needed``
    is a cheap question, asked before each run, that spares the worker an empty one.
    """

    name: str
    every: dt.timedelta
    run: Callable[[], object]
    needed: Callable[[sa.Connection], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """A small question about one thing that must work; it raises when it does not."""

    name: str
    check: Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class AccountLink:
    """A link among those of the account, at the top of every page."""

    label: str
    page: str
    """Its endpoint."""
    count: int
    """How many things wait there."""


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """What is known of an uploaded file's content."""

    rows: int | None = None
    columns: int | None = None


class IMarocPeriodic(p.Interface):
    """For plugins whose work returns: every minute, every night."""

    def get_periodic_jobs(self) -> Sequence[PeriodicJob]:
        """Return the plugin's rows of the table."""
        return ()


class IMarocOutbox(p.Interface):
    """For plugins that act after a change was committed."""

    def get_outbox_handlers(
        self,
    ) -> Mapping[str, Callable[[Mapping[str, Any]], None]]:
        """Return handlers by topic, for instance ``dataset.changed``.

        A handler is called at least once for each message, in the worker, in the
        order of the messages; it must bear being called again.
        """
        return {}


class IMarocGrants(p.Interface):
    """For plugins with tables of their own."""

    def get_web_grants(self) -> Mapping[str, str]:
        """Return what the web's role may do on each table: ``"SELECT, INSERT"``.

        A table with INSERT and without UPDATE and DELETE is append-only for the web.
        """
        return {}


class IMarocHealth(p.Interface):
    """For plugins with something that can fail on its own."""

    def get_health_checks(self) -> Sequence[HealthCheck]:
        """Return the plugin's checks."""
        return ()


class IMarocAccount(p.Interface):
    """For plugins with pages of somebody's own."""

    def get_account_links(self) -> Sequence[AccountLink]:
        """Return the links for who is signed in; asked once a page, so cheap."""
        return ()


class IMarocRemarks(p.Interface):
    """For plugins that know what others asked to be corrected in a dataset."""

    def get_remarks(self, package_id: str) -> Mapping[str, str]:
        """Return words by field; those of ``""`` are about the whole."""
        return {}


class IMarocFileFacts(p.Interface):
    """For plugins that have read the files."""

    def get_file_facts(self, resource_ids: Sequence[str]) -> Mapping[str, FileFacts]:
        """Return what is known of some files, by the resource's id."""
        return {}
