"""``ckan maroc-portal``: preparing the databases, the worker, the demonstration."""

from __future__ import annotations

from pathlib import Path

import click
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli.db import upgrade
from ckan.lib import search

from . import demo, grants, health, outbox, periodic
from .settings import settings
from .worker import Worker

__all__ = ["maroc_portal"]


@click.group(name="maroc-portal", short_help="The portal's frame.")
def maroc_portal() -> None:
    """Prepare, run and check the portal."""


@maroc_portal.command()
@click.option("--reindex", is_flag=True, help="Rebuild the search index.")
@click.pass_context
def prepare(ctx: click.Context, reindex: bool) -> None:
    """Bring the databases to this version and set the web role's rights.

    Run as the owner of the main database. Repeatable.
    """
    ctx.invoke(upgrade, version="head", plugin="", skip_core=False, skip_plugins=False)
    with model.ensure_engine().begin() as connection:
        known = connection.execute(
            sa.text("SELECT FROM pg_roles WHERE rolname = :name"),
            {"name": settings().web_role},
        ).first()
        if known is None:
            raise click.ClickException(
                f"There is no database role {settings().web_role}: run ops/roles.sql."
            )
        grants.apply(connection, settings().web_role)
    if reindex:
        search.rebuild(force=True)
    click.echo("The databases are ready.")


@maroc_portal.command()
@click.option("--beat", type=click.Path(path_type=Path), help="A file to touch.")
def worker(beat: Path | None) -> None:
    """Run background jobs and the periodic work until stopped."""
    Worker(
        beat or Path(tk.config["ckan.storage_path"]).parent / "run/worker.beat"
    ).work(with_scheduler=True)


@maroc_portal.command(name="periodic")
@click.argument("names", nargs=-1)
def periodic_command(names: tuple[str, ...]) -> None:
    """Run rows of the periodic work by hand; without a name, tell what they are."""
    table = periodic.table()
    unknown = [name for name in names if name not in table]
    if unknown:
        raise click.ClickException(
            f"There is no periodic job {unknown[0]}; there are: {', '.join(table)}."
        )
    if not names:
        for row in table.values():
            click.echo(f"{row.name:<24} every {row.every}")
    for name in names:
        periodic.run(name)
        click.echo(f"{name}: done")


@maroc_portal.command(name="outbox")
def outbox_command() -> None:
    """Handle the messages that wait, now."""
    click.echo(f"{outbox.dispatch()} messages handled")


@maroc_portal.command(name="demo")
def demo_command() -> None:
    """Put in the demonstration: institutions, accounts, HCP's census. Repeatable."""
    added = demo.put_in()
    click.echo(f"Added: {', '.join(added) or 'nothing, all was there'}")


@maroc_portal.command(name="health")
def health_command() -> None:
    """Check everything that must work; fail when something does not."""
    results = health.results()
    for name, error in results.items():
        click.echo(
            f"{'✓' if error is None else '✗'} {name}{f': {error}' if error else ''}"
        )
    if any(results.values()):
        raise click.ClickException("Something does not work.")
