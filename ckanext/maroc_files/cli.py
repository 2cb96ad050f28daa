"""``ckan maroc-files``: loading tables by hand, taking old files in."""

from __future__ import annotations

import click

from . import intake, loading, loads

__all__ = ["maroc_files"]


@click.group(name="maroc-files", short_help="Uploaded tables.")
def maroc_files() -> None:
    """Load uploaded tables into the DataStore; take old files into the store."""


@maroc_files.command()
@click.argument("resources", nargs=-1)
@click.option("--failed", is_flag=True, help="Also those that could not be loaded.")
@click.option("--all", "every", is_flag=True, help="Every uploaded table, again.")
def load(resources: tuple[str, ...], failed: bool, every: bool) -> None:
    """Load tables now: those named, or those that wait.

    Repeatable.
    """
    chosen = list(resources)
    if every:
        chosen += loading.uploaded_tables()
    if not chosen:
        chosen = loads.ids("queued", *(["failed"] if failed else []))
    for resource_id in chosen:
        if not loading.queue(resource_id):
            raise click.ClickException(f"{resource_id} is no uploaded table.")
        loading.load(resource_id)
        found = loads.of_resource(resource_id)
        click.echo(f"{resource_id}: {found.error or found.state if found else 'gone'}")
    click.echo(f"Tables: {len(chosen)}")


@maroc_files.command(name="take-in")
def take_in() -> None:
    """Take the files of core's old layout into the store.

    Repeatable. A file whose row waits for a decision stays where it is.
    """
    told = intake.take_in()
    click.echo(
        f"Taken in: {told.taken}; missing: {told.missing}; empty: {told.refused};"
        f" waiting for a decision: {told.undecided}"
    )
