"""``ckan maroc-usage``: by hand what the worker does by itself."""

from __future__ import annotations

import time

import click

from . import store
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
