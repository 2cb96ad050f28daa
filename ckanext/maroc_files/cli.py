"""``ckan maroc-files``: loading tables by hand, taking old files in."""

from __future__ import annotations

import datetime as dt

import click

from ckanext.maroc_portal.interfaces import file_checks

from . import checks, intake, loading, loads, reports

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


@maroc_files.command(name="check")
@click.option("--failed", is_flag=True, help="Also files whose check failed.")
def check_command(failed: bool) -> None:
    """Look now at every file that lacks a report of a check. Repeatable."""
    if failed:
        reports.forget_failed()
    reports.want(None, list(file_checks().values()))
    chosen = [sha256 for sha256, _ in reports.waiting(dt.timedelta(seconds=-1))]
    for sha256 in chosen:
        checks.check(sha256)
    click.echo(f"Files: {len(chosen)}")
