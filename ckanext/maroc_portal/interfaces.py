"""Where the bundle's plugins meet without importing each other.

A plugin implements the interfaces that it needs; maroc_portal asks all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal

import sqlalchemy as sa

import ckan.plugins as p
from ckan import model

CARRIED: ContextVar[frozenset[str]] = ContextVar("CARRIED", default=frozenset())
"""The hashes of files that code of this process may carry from one row to another.

What a caller says of the hash of an uploaded file never counts; who makes a revision
of a dataset, or applies one, sets this while it writes the rows.
"""


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


Texts = Mapping[str, str]
"""A sentence by language: ``fr``, ``ar`` and ``en``."""


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """What is known of an uploaded file before anyone looks into it."""

    sha256: str
    size: int
    mimetype: str
    names: tuple[str, ...]
    """The names under which it was uploaded."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a check found in a file."""

    verdict: Literal["clean", "alert", "failed"]
    """``failed`` where it could not be looked at: that counts as an alert."""
    reasons: tuple[Texts, ...] = ()
    """For people; never with a value of the file."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """For programs; never with a value of the file."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of an uploaded table, as its reader found it."""

    at: int
    """Its place in the file, from 0."""
    id: str
    """Its name in the DataStore."""
    label: str
    """Its title in the file."""
    kind: str
    """How its values are written, for the reader alone."""
    type: str
    """Its type in PostgreSQL."""


@dataclass(frozen=True, kw_only=True)
class TableShape:
    """What rows must fit that are added to a table in a text file."""

    sha256: str
    """Of the file in which the shape was found."""
    columns: tuple[Column, ...]
    encoding: str
    delimiter: str

    @property
    def places(self) -> list[Column | None]:
        """The columns by their place in the file; None where none is."""
        by_place = {each.at: each for each in self.columns}
        return [by_place.get(at) for at in range(max(by_place, default=-1) + 1)]


@dataclass(frozen=True, kw_only=True)
class RefusedRow:
    """A row that was not added, and why."""

    row: int
    """Its number among those that were sent, from 1; 0 for all of them."""
    column: str
    """The id of the column; empty where the whole row is meant."""
    reason: Texts
    """For people; never with a value of the row."""


@dataclass(frozen=True, kw_only=True)
class RowsAdded:
    """A table with the rows that were added to it."""

    sha256: str
    """Of the new file; of the one before where no row was added."""
    size: int
    """Bytes of the new file; 0 where there is none."""
    accepted: int
    refused: tuple[RefusedRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FileCheck:
    """A question that is asked of every uploaded file, once for each hash.

    ``run`` gets the path of the file, or an open copy where it lies on no disk here. It
    may be stopped and called again at any time. A new ``version`` asks all files again.

    ``rows`` looks at rows alone, before they are added to a file: it gets the table's
    shape, the rows with one cell for each place in the file, and the ``detail`` of its
    own report on the file that somebody decided on. Without it nothing is added to
    files that must pass the check.
    """

    name: str
    version: int
    run: Callable[[Path | BinaryIO, FileFacts], Report]
    rows: (
        Callable[
            [TableShape, Sequence[Sequence[str]], Mapping[str, Any]],
            Sequence[RefusedRow],
        ]
        | None
    ) = None


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """Where a file of a dataset stands with a check that is required of it."""

    resource_id: str
    sha256: str
    """Empty for a resource whose file is missing, which is an alert."""
    check: str
    state: Literal["waiting", "clean", "alert"]
    """``alert`` also where the check failed, or is late."""
    reasons: tuple[Texts, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TableFacts:
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


class IMarocReaders(p.Interface):
    """For plugins that let people read what is not public of more institutions."""

    def get_institutions(self, user_id: str) -> Iterable[str]:
        """Return the ids of institutions all of whose datasets this person may read.

        They come on top of those that the person belongs to. Asked once a request, for
        people who are signed in: one query at most.
        """
        return ()


class IMarocHealth(p.Interface):
    """For plugins with something that can fail on its own."""

    def get_health_checks(self) -> Sequence[HealthCheck]:
        """Return the plugin's checks."""
        return ()


class IMarocGate(p.Interface):
    """For the plugin that decides what is public."""

    def was_public(self, package_id: str) -> bool:
        """Whether the dataset was ever public, whatever it is now."""
        return False

    def get_names_of_old(self, beginning: str) -> Collection[str]:
        """Return the addresses, beginning so, under which a dataset was once public.

        They stay its own, whatever became of it.
        """
        return ()


def was_public(package_id: str) -> bool:
    """Whether anyone may have read the dataset: now, or at some time before."""
    package = model.Package.get(package_id)
    if package is not None and package.state != "draft" and not package.private:
        return True
    return any(
        each.was_public(package_id) for each in p.PluginImplementations(IMarocGate)
    )


def names_of_old(beginning: str) -> set[str]:
    """Return the addresses, beginning so, that are given to no other dataset."""
    return {
        name
        for each in p.PluginImplementations(IMarocGate)
        for name in each.get_names_of_old(beginning)
    }


class IMarocFileKeepers(p.Interface):
    """For plugins that refer to files from elsewhere than a resource's row."""

    def get_kept_files(self) -> set[str]:
        """Return the SHA-256 of each file that must not be deleted.

        For instance those of the older versions of public datasets.
        """
        return set()


class IMarocFileServer(p.Interface):
    """For the plugin that keeps the files."""

    def get_file_response(self, sha256: str) -> Any:
        """Return the answer that gives a file's bytes, or None where there is none."""
        return None

    def take_in(self, package_id: str) -> Collection[Path]:
        """Keep a dataset's files of core's layout, and write their hashes on its rows.

        The change is the session's, for the caller to commit. Returns where they lay:
        they may be deleted once that is committed.
        """
        return ()


def file_response(sha256: str) -> Any:
    """Return the answer that gives a file's bytes, or None where nobody has it."""
    for each in p.PluginImplementations(IMarocFileServer):
        if (response := each.get_file_response(sha256)) is not None:
            return response
    return None


def take_in(package_id: str) -> list[Path]:
    """Let who keeps the files keep those of a dataset; return where they lay before."""
    return [
        path
        for each in p.PluginImplementations(IMarocFileServer)
        for path in each.take_in(package_id)
    ]


def kept_files() -> frozenset[str]:
    """Return the files that any plugin keeps."""
    return frozenset().union(
        *(each.get_kept_files() for each in p.PluginImplementations(IMarocFileKeepers))
    )


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


class IMarocTableFacts(p.Interface):
    """For plugins that have read the files."""

    def get_table_facts(self, resource_ids: Sequence[str]) -> Mapping[str, TableFacts]:
        """Return what is known of some files, by the resource's id."""
        return {}


class IMarocTables(p.Interface):
    """For the plugin that writes tables."""

    def get_table_shape(self, resource_id: str) -> TableShape | None:
        """Return the shape of an uploaded text table; None where it is none, yet."""
        return None

    def get_bare_tables(self, resource_ids: Sequence[str]) -> Collection[str]:
        """Return those of some resources that have a table."""
        return ()

    def add_rows(
        self,
        shape: TableShape,
        base: str | None,
        rows: Sequence[Mapping[str, Any]],
    ) -> RowsAdded | None:
        """Write a file with rows that fit the shape; the rest are told.

        :param base: the SHA-256 of the file that they are added to; None for a file
            of these rows alone
        :raises ValidationError: where nothing can be added at all
        """
        return None


def bare_tables(resource_ids: Sequence[str]) -> set[str]:
    """Return those of some resources without a file that have a table all the same."""
    return {
        found
        for each in p.PluginImplementations(IMarocTables)
        for found in each.get_bare_tables(resource_ids)
    }


def table_shape(resource_id: str) -> TableShape | None:
    """Return the shape of an uploaded text table; None where it is none, yet."""
    for each in p.PluginImplementations(IMarocTables):
        if (shape := each.get_table_shape(resource_id)) is not None:
            return shape
    return None


def add_rows(
    shape: TableShape, base: str | None, rows: Sequence[Mapping[str, Any]]
) -> RowsAdded:
    """Write a file with the rows that fit; see :class:`IMarocTables`."""
    for each in p.PluginImplementations(IMarocTables):
        if (added := each.add_rows(shape, base, rows)) is not None:
            return added
    raise LookupError("no plugin writes tables")


class IMarocFileChecks(p.Interface):
    """For plugins that look into uploaded files."""

    def get_file_checks(self) -> Sequence[FileCheck]:
        """Return the plugin's checks."""
        return ()


def file_checks() -> dict[str, FileCheck]:
    """Return the checks of all plugins, by name."""
    found: dict[str, FileCheck] = {}
    for plugin in p.PluginImplementations(IMarocFileChecks):
        for check in plugin.get_file_checks():
            if check.name in found:
                raise ValueError(f"two checks of files are called {check.name}")
            found[check.name] = check
    return found


class IMarocFileReports(p.Interface):
    """For the plugin that keeps the reports of the checks."""

    def reports(self, package_id: str) -> Sequence[FileReport]:
        """Return one report for each file of the dataset and each required check.

        Seen from the session's own transaction: files that are just being added, too.
        """
        return ()


def file_reports(package_id: str) -> list[FileReport]:
    """Return what every plugin reports of a dataset's files."""
    return [
        report
        for plugin in p.PluginImplementations(IMarocFileReports)
        for report in plugin.reports(package_id)
    ]
