"""The command that gives partners the keys they sign with, and lists them. Shows a key once, when it is made."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from engine.actors import SYSTEM
from engine.clock import local
from engine.commands import partner_keys as commands
from engine.commands.partner_keys import NewKey
from engine.db.revisions import require_current
from engine.installation import opened_engine
from engine.queries import partner_keys as queries
from engine.queries.partner_keys import KeyView

#: How long the old key goes on to hold unless said otherwise: a partner changes it on one of its working days.
OVERLAP_DAYS = 7
LONGEST_OVERLAP_DAYS = 90


@click.group("partner-key")
def partner_key() -> None:
    """Make, replace and list the keys partners sign with.

    Partners are the rows of partners.csv: 12345, the grid, portals, windows elsewhere. A key is shown once, when it is made.
    """


@partner_key.command("create")
@click.argument("partner")
def create(partner: str) -> None:
    """Make the first key of PARTNER, a code such as 12345."""
    with opened_engine() as engine:
        require_current(engine.database)
        _show(commands.create_key(engine, SYSTEM, partner))


@partner_key.command("rotate")
@click.argument("partner")
@click.option(
    "--overlap-days",
    default=OVERLAP_DAYS,
    show_default=True,
    type=click.IntRange(0, LONGEST_OVERLAP_DAYS),
    help="How long the old key goes on to hold; 0 when it is in wrong hands.",
)
def rotate(partner: str, overlap_days: int) -> None:
    """Replace the key of PARTNER.

    Until the old key ends, signatures with either are believed, and we sign with the old one; afterwards with the new one.
    """
    with opened_engine() as engine:
        require_current(engine.database)
        _show(commands.rotate_key(engine, SYSTEM, partner, timedelta(days=overlap_days)))


@partner_key.command("list")
def list_keys() -> None:
    """List partners and their keys, without the keys."""
    with opened_engine() as engine:
        require_current(engine.database)
        for found in queries.keys(engine):
            click.echo(_line(found))


def _show(made: NewKey) -> None:
    """The key alone on standard output, so that it can be piped; what to do with it beside it."""
    click.echo(made.key)
    click.echo(f"Key {made.mark} of {made.partner}. It is not shown again: hand it over by a safe way, not by mail.", err=True)
    if made.old_until is not None:
        click.echo(f"The old key holds until {_moment(made.old_until)}.", err=True)


def _line(found: KeyView) -> str:
    if found.created_at is None:
        return f"{found.partner:<10} no key     {found.name}"
    state = "ended" if not found.holds else f"until {_moment(found.valid_until)}" if found.valid_until else "in use"
    return f"{found.partner:<10} {found.mark}   {found.name}  since {_moment(found.created_at)}  {state}"


def _moment(at: datetime) -> str:
    return f"{local(at):%Y-%m-%d %H:%M}"
