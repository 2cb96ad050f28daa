"""``ckan maroc-kpi``: the indicators at the keyboard."""

from __future__ import annotations

import json
from typing import Any

import click

import ckan.plugins.toolkit as tk

from . import compute

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


@maroc_kpi.command(name="compute")
def compute_command() -> None:
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


def _act(action: str, **data: Any) -> Any:
    given = {key: value for key, value in data.items() if value is not None}
    try:
        return tk.get_action(action)({"ignore_auth": True}, given)
    except tk.ObjectNotFound as error:
        raise click.ClickException(str(error)) from error
