"""``ckan maroc-workflow``: whether the trail holds, and what was public before."""

from __future__ import annotations

import datetime as dt

import click

from . import adoption, trail

__all__ = ["maroc_workflow"]


@click.group(name="maroc-workflow", short_help="The gate and its trail.")
def maroc_workflow() -> None:
    """Verify the trail of decisions; adopt a catalogue."""


@maroc_workflow.command()
def verify() -> None:
    """Check every chain of decisions, and that all that is public was decided.

    Fails, and says where, when a row was changed or something public has no decision.
    """
    broken, uncovered = trail.broken(), trail.uncovered()
    for package_id, number in broken:
        click.echo(f"✗ decision {number} of {package_id} is not as it was written")
    for package_id in uncovered:
        click.echo(f"✗ {package_id} is public without a decision on what it says")
    heads, digest = trail.digest()
    click.echo(f"{heads} datasets with decisions; digest over all of them: {digest}")
    nights = trail.broken_digests()
    for day, value in nights:
        click.echo(f"✗ the rows do not give the digest of {day} any more: {value}")
    if broken or uncovered or nights:
        raise click.ClickException("The trail does not hold.")


@maroc_workflow.command()
@click.option(
    "--examine-by",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="The day by which all of it must have been examined.",
)
@click.option(
    "--reason", required=True, help="Why the catalogue is trusted until then."
)
def adopt(examine_by: dt.datetime, reason: str) -> None:
    """Keep public what already is, by one decision a dataset: "not examined".

    For a portal that had datasets before the gate. Repeatable.
    """
    adopted = adoption.adopt(examine_by.date(), reason)
    click.echo(f"{len(adopted)} datasets adopted, to be examined by {examine_by:%F}")
