"""What the web's database role may do, table by table."""

from __future__ import annotations

import sqlalchemy as sa

import ckan.plugins as p

from .interfaces import IMarocGrants


def table() -> dict[str, str]:
    """Return the web's rights on the bundle's own tables, from all plugins."""
    rights: dict[str, str] = {}
    for plugin in p.PluginImplementations(IMarocGrants):
        rights |= plugin.get_web_grants()
    return rights


def append_only() -> list[str]:
    """Return the tables where the web may add rows and change none."""
    return [
        name
        for name, rights in table().items()
        if "INSERT" in rights and "UPDATE" not in rights and "DELETE" not in rights
    ]


def apply(connection: sa.Connection, role: str) -> None:
    """Grant the web's role what it needs and revoke the rest.

    Run as the owner of the tables. Core's own tables stay writable; their version
    tables do not. ``role`` comes from the configuration, never from a request.
    """
    quote = sa.sql.compiler.IdentifierPreparer(connection.dialect).quote
    name = quote(role)
    for right in (
        "USAGE ON SCHEMA",
        "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA",
        "USAGE, SELECT ON ALL SEQUENCES IN SCHEMA",
    ):
        connection.execute(sa.text(f"GRANT {right} public TO {name}"))
    versions = connection.execute(
        sa.text(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " AND tablename LIKE '%alembic_version'"
        )
    ).scalars()
    rights = {**table(), **dict.fromkeys(versions, "SELECT")}
    for relation, allowed in rights.items():
        target = quote(relation)
        connection.execute(sa.text(f"REVOKE ALL ON {target} FROM {name}"))
        if allowed:
            connection.execute(sa.text(f"GRANT {allowed} ON {target} TO {name}"))
