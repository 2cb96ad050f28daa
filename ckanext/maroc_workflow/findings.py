"""What is found of a content before anyone decides: the law, the checks, the policy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ckan import model

from ckanext.maroc_portal.interfaces import FileReport, bare_tables, file_reports
from ckanext.maroc_schema import legal

from . import errors, versions
from .machine import Finding


@dataclass(frozen=True, kw_only=True)
class Found:
    """The finding on a content, with what it rests on."""

    finding: Finding
    verdict: legal.Verdict
    policy: str
    """The institution's review policy: ``alerts`` or ``all``."""
    reports: tuple[FileReport, ...] = ()
    """The files' reports that are not clean."""
    bare: tuple[str, ...] = ()
    """The resources whose table came by the DataStore's API: no check has seen its
    rows, and no decision is on them."""

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """Why it is not published alone, reason by reason, ready for JSON."""
        law = [each.as_dict() for each in self.verdict.reasons]
        files = [
            {
                "resource": each.resource_id,
                "check": each.check,
                "state": each.state,
                "reasons": [dict(reason) for reason in each.reasons],
            }
            for each in self.reports
        ]
        bare = [{"resource": each, "check": "table"} for each in self.bare]
        return [*law, *files, *bare]


def examine(dataset: Mapping[str, Any]) -> Found:
    """Return what is found of a dataset, as package_show gives it, today."""
    verdict = legal.verdict(dataset)
    policy = policy_of(dataset.get("owner_org"))
    reports = (
        *(each for each in file_reports(dataset["id"]) if each.state != "clean"),
        *_closed(dataset["id"]),
    )
    links = [
        each["id"]
        for each in dataset.get("resources") or ()
        if each.get("url_type") != "upload"
    ]
    bare = tuple(sorted(bare_tables(links))) if links else ()
    files = {each.state for each in reports}
    return Found(
        finding=Finding.STOPPED if bare else _finding(verdict, policy, files),
        verdict=verdict,
        policy=policy,
        reports=reports,
        bare=bare,
    )


def _closed(package_id: str) -> list[FileReport]:
    """Return an alert for each file whose bytes somebody closed as a version."""
    return [
        FileReport(
            resource_id=row.id,
            sha256=row.hash,
            check="closed-version",
            state="alert",
            reasons=(errors.SENTENCES["closed_bytes"],),
        )
        for row in versions.closed_files(package_id)
    ]


def policy_of(owner_org: str | None) -> str:
    """Return an institution's review policy; where it chose none, ``alerts``."""
    group = model.Group.get(owner_org) if owner_org else None
    extras: Any = group.extras if group is not None else {}  # pyright: ignore[reportAttributeAccessIssue]
    return "all" if extras.get("review_policy") == "all" else "alerts"


def _finding(verdict: legal.Verdict, policy: str, files: Collection[str]) -> Finding:
    if verdict.outcome in (legal.Outcome.BLOCKED, legal.Outcome.INCOMPLETE):
        return Finding.STOPPED
    if "waiting" in files:
        return Finding.UNCHECKED
    if verdict.outcome == legal.Outcome.REVIEW or "alert" in files:
        return Finding.ALERT
    return Finding.POLICY if policy == "all" else Finding.CLEAR
