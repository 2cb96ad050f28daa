"""How every plugin of the bundle migrates: briefly, alone, and waiting for no one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import context

# One migration at a time on a database, whoever starts it.
LOCK = 7_311_300_920


def run(env_file: str) -> None:
    """Run the migrations beside ``env_file``; its folder's name is the plugin's."""
    plugin = Path(env_file).parent.name
    options: dict[str, Any] = {"version_table": f"{plugin}_alembic_version"}
    url = context.config.get_main_option("sqlalchemy.url")
    if context.is_offline_mode():
        context.configure(url=url, literal_binds=True, **options)
        with context.begin_transaction():
            context.run_migrations()
        return
    engine = sa.create_engine(url or "", poolclass=sa.pool.NullPool)
    with engine.connect() as connection, connection.begin():
        # A migration that cannot have its lock soon gives up, so that readers do
        # not queue behind it.
        connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
        connection.execute(sa.text("SET LOCAL statement_timeout = '5min'"))
        connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
