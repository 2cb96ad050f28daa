"""Institutions with data of their own; CKAN's tables shadowed by worked examples."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories

from ckanext.maroc_kpi import compute, facts
from ckanext.maroc_law.tests.cases import lawful
from ckanext.maroc_portal import clock
from ckanext.maroc_portal.interfaces import file_checks

# Whatever a definition may read; each is shadowed, so that no row of the database
# under test is ever counted in a worked example.
TABLES = (
    "package",
    "resource",
    "group",
    "member",
    "maroc_usage_daily",
    "maroc_files_file",
    "maroc_files_load",
    "maroc_workflow_version",
    "maroc_workflow_decision",
    "maroc_kpi_entry",
    "maroc_kpi_roster",
    "maroc_kpi_roster_row",
    "maroc_kpi_confirmation",
)

# What the bytes of a format are found to be.
FOUND = {
    "CSV": "text/csv",
    "PDF": "application/pdf",
    "XLSX": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Given = Mapping[str, Sequence[Mapping[str, Any]]]


@pytest.fixture
def empty(portal: Any) -> None:
    """Leave no institution, dataset, use or figure; accounts stay."""
    model.Session.remove()
    execute(
        """
        TRUNCATE "group", package, resource, maroc_usage_daily, maroc_portal_outbox,
            maroc_kpi_value, maroc_kpi_history, maroc_kpi_refresh, maroc_kpi_month,
            maroc_kpi_frozen, maroc_kpi_draft,
            maroc_kpi_facts_state, maroc_kpi_dirty, maroc_kpi_entry,
            maroc_kpi_roster, maroc_kpi_roster_row, maroc_kpi_confirmation,
            maroc_kpi_dispute, maroc_kpi_dispute_answer, maroc_workflow_version,
            maroc_workflow_decision, maroc_workflow_state CASCADE
        """
    )


@pytest.fixture
def connection(portal: Any):
    """Open a connection whose work is thrown away."""
    with model.ensure_engine().connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def planted(connection: sa.Connection):
    """Give a function that shadows the tables with the rows of an example.

    PostgreSQL looks in ``pg_temp`` first, so a definition's SQL runs as it is.
    """

    def plant(given: Given) -> sa.Connection:
        return shadow(connection, given)

    return plant


def shadow(connection: sa.Connection, given: Given) -> sa.Connection:
    """Lay tables with an example's rows over those of the database."""
    assert set(given) <= set(TABLES)
    quote = connection.dialect.identifier_preparer.quote
    for name in TABLES:
        table = quote(name)
        connection.execute(
            sa.text(
                f"CREATE TEMP TABLE {table} ON COMMIT DROP"
                f" AS TABLE public.{table} WITH NO DATA"
            )
        )
        over = sa.Table(name, sa.MetaData(), autoload_with=connection)
        for row in given.get(name, ()):
            connection.execute(sa.insert(over).values(row))
    return connection


def derive(connection: sa.Connection, until: dt.date) -> None:
    """Build the derived tables of a day, over the tables that an example laid."""
    for table, query in facts.built().items():
        connection.execute(
            sa.text(f"CREATE TEMP TABLE {table} ON COMMIT DROP AS {query}"),
            {"until": until},
        )


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch):
    """Give a function that says what day it is in Morocco, at noon."""

    def turn(date: dt.date) -> None:
        noon = dt.datetime.combine(date, dt.time(12), clock.CASABLANCA)
        monkeypatch.setattr(clock, "now", lambda: noon)

    return turn


@pytest.fixture
def fes(empty: None) -> dict[str, Any]:
    """Commune de Fès, as the demonstration makes it."""
    return institution("commune-fes", "Commune de Fès", "جماعة فاس")


def act(action: str, **data: Any) -> Any:
    """Call an action as the portal itself does."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    context: Any = {"user": user["name"], "ignore_auth": True}
    return tk.get_action(action)(context, data)


def member(owner: dict[str, Any], role: str) -> dict[str, Any]:
    """Make an account, with a token, that has a role in an institution."""
    user = factories.UserWithToken()
    act(
        "organization_member_create",
        id=owner["id"],
        username=user["name"],
        role=role,
    )
    return user


def ask(user: dict[str, Any] | None, action: str, **data: Any) -> Any:
    """Call an action as someone, or as anyone."""
    context: Any = {"user": user["name"] if user else "", "ignore_auth": False}
    if user:
        context["auth_user_obj"] = model.User.get(user["id"])
    return tk.get_action(action)(context, data)


def execute(sql: str, **given: Any) -> None:
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text(sql), given)


def institutions(count: int) -> None:
    """Add institutions that have a name and nothing else."""
    execute(
        """
        INSERT INTO "group" (id, name, title, type, is_organization, state, created)
        SELECT 'i' || n, 'i' || n, 'Institution ' || n, 'organization', true, 'active',
               now()
        FROM generate_series(1, :count) n
        """,
        count=count,
    )


def institution(name: str, fr: str, ar: str) -> dict[str, Any]:
    return act(
        "organization_create",
        name=name,
        title_translated={"fr": fr, "ar": ar},
        title=fr,
        body_kind="collectivite-territoriale",
    )


def publish(owner: dict[str, Any], name: str, *formats: str, **fields: Any) -> Any:
    """Publish a dataset through CKAN's own actions, one hosted file a format."""
    dataset = act(
        "package_create",
        **{
            # The clock of these tests stands in another year.
            **lawful(classification_date=clock.today().isoformat()),
            "name": name,
            "title_translated": {"fr": f"Jeu {name}", "ar": f"مجموعة {name}"},
            "notes_translated": {"fr": "Un essai.", "ar": "تجربة."},
            "owner_org": owner["id"],
            "classification": "non-classifie",
            "art10_category": "statistiques",
            "collection_frequency": "ANNUAL",
            "geographic_coverage": ["MA"],
            "license_id": "cc-by",
            **fields,
        },
    )
    for each in formats:
        act(
            "resource_create",
            package_id=dataset["id"],
            name=f"{name}.{each.lower()}",
            url=f"https://example.org/{name}.{each.lower()}",
            format=each,
        )
    # As an upload would leave them: of the bytes only what they were found to be
    # matters here.
    for resource in model.Session.query(model.Resource).filter_by(
        package_id=dataset["id"]
    ):
        resource.url_type = "upload"
        resource.hash = hashlib.sha256(resource.url.encode()).hexdigest()
        execute(
            "INSERT INTO maroc_files_file (sha256, size, mimetype)"
            " VALUES (:sha256, 1, :mimetype) ON CONFLICT DO NOTHING",
            sha256=resource.hash,
            mimetype=FOUND[resource.format],
        )
        for check in file_checks().values():
            execute(
                "INSERT INTO maroc_files_check_report"
                " (sha256, check_name, version, verdict)"
                " VALUES (:sha256, :name, :version, 'clean') ON CONFLICT DO NOTHING",
                sha256=resource.hash,
                name=check.name,
                version=check.version,
            )
    model.Session.commit()
    if not fields.get("private"):
        told = act("maroc_workflow_submit", id=dataset["id"])
        if not told["public"]:
            # No file was checked, as there is none: ADD looks, and decides.
            add = {"user": factories.Sysadmin()["name"]}
            tk.get_action("maroc_workflow_approve")(add, {"id": dataset["id"]})
    return dataset


def used(
    owner: dict[str, Any],
    total: int,
    *,
    kind: str = "download",
    agent_class: str = "regular",
    on: dt.date | None = None,
) -> None:
    """Count uses, as maroc_usage's rollup writes them."""
    execute(
        """
        INSERT INTO maroc_usage_daily AS row (day, kind, agent_class, dataset_id,
            resource_id, organization_id, total, uniq, uniq_resource)
        VALUES (:day, :kind, :agent_class, 'd', 'r', :owner, :total, 1, 1)
        ON CONFLICT (day, kind, agent_class, dataset_id, resource_id, organization_id)
        DO UPDATE SET total = row.total + excluded.total
        """,
        day=on or clock.today(),
        kind=kind,
        agent_class=agent_class,
        owner=owner["id"],
        total=total,
    )


def shown(name: str, organization: str | None = None) -> dict[str, Any]:
    """Return what the API says of an indicator."""
    given = {"organization": organization} if organization else {}
    return act("maroc_kpi_show", name=name, **given)


def needed() -> bool:
    with model.ensure_engine().connect() as connection:
        return compute.needed(connection)


@pytest.fixture
def statements():
    """Give a block that lists the SQL statements sent inside it, on any connection."""

    @contextmanager
    def recording() -> Iterator[list[str]]:
        sent: list[str] = []

        def heard(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            sent.append(statement)

        engine = model.ensure_engine()
        sa.event.listen(engine, "before_cursor_execute", heard)
        try:
            yield sent
        finally:
            sa.event.remove(engine, "before_cursor_execute", heard)

    return recording
