"""``ckan maroc-kpi``: the indicators at the keyboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

import ckan.plugins.toolkit as tk

from . import chain, compute, explain, freezing, history, publication, store
from .definition import indicators
from .errors import UNKNOWN_INDICATOR, UNKNOWN_INSTITUTION, sentence

__all__ = ["maroc_kpi"]

_LANG = click.option(
    "--lang", type=click.Choice(["fr", "ar", "en"]), default="fr", show_default=True
)
_ORGANIZATION = click.option(
    "--organization", help="The name or id of an institution; without it, the country."
)


@click.group(name="maroc-kpi", short_help="The indicators.")
def maroc_kpi() -> None:
    """Compute the indicators and read them."""


@maroc_kpi.command(name="refresh")
def refresh_command() -> None:
    """Look at every dataset and compute every indicator now, for every institution."""
    done = compute.refresh(anew=True)
    click.echo(
        f"{done.indicators} indicators for the country and {done.institutions}"
        f" institutions in {done.seconds:.2f} s"
    )


@maroc_kpi.command(name="list")
@_ORGANIZATION
@_LANG
def list_command(organization: str | None, lang: str) -> None:
    """List the indicators with their values."""
    for each in _act("maroc_kpi_list", organization=organization):
        click.echo(
            f"{each['number']:>2}  {each['name']:<18} {each['state']:<15}"
            f" {each['text'][lang]}"
        )


@maroc_kpi.command()
@click.argument("name")
@_ORGANIZATION
def show(name: str, organization: str | None) -> None:
    """Print one indicator as the API gives it."""
    shown = _act("maroc_kpi_show", name=name, organization=organization)
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2))


@maroc_kpi.command()
@click.argument("month", required=False)
def freeze(month: str | None) -> None:
    """Draw up the months that are over; freeze those that institutions have seen.

    MONTH, as 2026-01, is the last one to look at; without it, all are. A month is
    frozen fifteen days after it was drawn up. What is done already stays as it is.
    """
    try:
        until = history.last_day(month) if month else None
    except ValueError as error:
        raise click.ClickException(f"{month} is no month: write 2026-01") from error
    done = freezing.freeze(until)
    for each in done.drawn:
        click.echo(f"{each:%Y-%m} is drawn up for the institutions.")
    for each in done.frozen:
        click.echo(f"{each:%Y-%m} is frozen.")
    for each, day in done.waiting.items():
        click.echo(f"{each:%Y-%m} will be frozen on {day}.")
    if not (done.drawn or done.frozen or done.waiting):
        click.echo("No month is to be drawn up or frozen.")


@maroc_kpi.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
def verify(file: Path | None) -> None:
    """Say whether the frozen months are as they were: those of the database, or FILE.

    FILE is what /indicateurs/historique.json or .csv gives. Without this portal the
    same is done by: python3 chain.py FILE
    """
    try:
        found = chain.check(chain.read(file)) if file else freezing.verify()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{file} cannot be read: {error}") from error
    if found.faults:
        raise click.ClickException(chain.told(found))
    click.echo(chain.told(found))


@maroc_kpi.command()
@click.option("--organization", required=True, help="The institution that publishes.")
@click.option("--account", required=True, help="An account that may write for it.")
def dataset(organization: str, account: str) -> None:
    """Prepare the indicators as a dataset: a draft, which people submit.

    Once it is public, the worker keeps its file up to date every day.
    """
    try:
        made = publication.prepare(organization, account)
    except (tk.NotAuthorized, tk.ObjectNotFound, tk.ValidationError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"The draft {made['name']} is there. Answer what the law asks and submit it;"
        " from then on its file is written every day."
    )


@maroc_kpi.command(name="explain")
@click.argument("name", metavar="INDICATOR")
@click.argument("institution", required=False)
@_LANG
def explain_command(name: str, institution: str | None, lang: str) -> None:
    """Print how a figure came about: formula, query, rows behind, value and state."""
    indicator = indicators().get(name)
    if indicator is None:
        raise click.ClickException(sentence(UNKNOWN_INDICATOR, name, lang))
    found = store.institution(institution) if institution else None
    if institution and found is None:
        raise click.ClickException(sentence(UNKNOWN_INSTITUTION, institution, lang))
    for line in explain.explain(indicator, found, lang):
        click.echo(line)


def _act(action: str, **data: Any) -> Any:
    given = {key: value for key, value in data.items() if value is not None}
    try:
        return tk.get_action(action)({"ignore_auth": True}, given)
    except tk.ObjectNotFound as error:
        raise click.ClickException(str(error)) from error
