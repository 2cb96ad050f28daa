"""``ckan maroc-usage``: by hand what the worker does by itself."""

from __future__ import annotations

import time
from pathlib import Path

import click
from flask import Flask

import ckan.plugins.toolkit as tk
from ckan.lib.i18n import get_locales

from . import logs, store
from .settings import settings

__all__ = ["maroc_usage"]


@click.group(name="maroc-usage", short_help="What readers use.")
def maroc_usage() -> None:
    """Load, count and check what readers use."""


@maroc_usage.command()
@click.option(
    "--every",
    type=click.FloatRange(min=1),
    help="Go on, and load again after these many seconds: beside a web process on a"
    " machine without a worker.",
)
def load(every: float | None) -> None:
    """Load every record written until now, open segments too."""
    while True:
        loaded = store.load(settings().spool_dir)
        if loaded or not every:
            click.echo(f"{loaded} records loaded")
        if not every:
            break
        time.sleep(every)


@maroc_usage.command()
def rollup() -> None:
    """Bring the counts of the days that changed up to date."""
    days = store.count()
    click.echo(
        f"Counted: {', '.join(map(str, days))}" if days else "Nothing new to count"
    )


@maroc_usage.command()
def status() -> None:
    """Tell where the counting stands, and the lag from a download to its count."""
    found = store.status(settings().spool_dir)
    click.echo(f"events of all days    {found.events}")
    click.echo(f"records to load       {found.waiting}")
    click.echo(f"days to count         {found.uncounted}")
    if found.counted_at and found.lag:
        click.echo(f"last count            {found.counted_at.isoformat()}")
        click.echo(f"lag of that count     {found.lag.total_seconds():.1f} s")
    else:
        click.echo("last count            none yet")
    click.echo(f"lists of agents       {'; '.join(found.lists) or 'none yet'}")
    click.echo(
        "of the last weeks     "
        f"{found.dropped} dropped, {found.damaged} damaged, {found.late} late"
    )


@maroc_usage.command()
def verify() -> None:
    """Count every day whose events are kept anew, and compare."""
    checked = store.verify()
    for each in checked:
        click.echo(
            f"{'✓' if each.right else '✗'} {each.day}: {each.events} events"
            f" ({each.expected} loaded), {each.different} different rows"
        )
    if not all(each.right for each in checked):
        raise click.ClickException("The counts differ from the events.")
    click.echo(f"{len(checked)} days checked, all right")


@maroc_usage.command("import-log")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.pass_context
def import_log(context: click.Context, files: tuple[Path, ...]) -> None:
    """Load access logs of a server that answers in the portal's place.

    FILES are logs of nginx or Apache in the combined format, compressed by gzip or not,
    of any age. Logs of the same days belong in one command: once the command is over,
    days of before the day before yesterday are counted and frozen. What was read of a
    log before is not read again.
    """
    mine = settings()
    if mine.count_answers:
        click.secho(
            "The portal counts its own answers too: what it saw itself counts twice."
            " See ckanext.maroc_usage.count_answers.",
            fg="yellow",
            err=True,
        )
    routes = logs.Routes(_application(context), get_locales())
    reader = logs.Reader(routes, mine, tk.config["ckan.site_url"])
    told = logs.Told()
    with (
        logs.one_import(),
        click.progressbar(
            length=sum(path.stat().st_size for path in files), label="Reading"
        ) as bar,
    ):
        for path in files:
            logs.import_log(path, reader, told, bar.update)
    click.echo(
        f"{told.lines} new lines, {told.uses} uses, {told.loaded} loaded,"
        f" {told.unreadable} lines unreadable"
    )
    if told.unclear:
        click.echo(
            f"{told.unclear} parts of files left out: where they begin is not in the"
            " log (add $sent_http_content_range to its format)"
        )


def _application(context: click.Context) -> Flask:
    return context.meta["flask_app"]
