"""The command that makes an account for a person, and how it asks for the password."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from engine.actors import SYSTEM
from engine.commands import accounts
from engine.db.revisions import require_current
from engine.installation import opened_engine


@click.command("create-account")
@click.argument("account_id", metavar="ID")
@click.option("--name", required=True, help="The person's name.")
@click.option("--org-unit", metavar="ID", help="The window the person belongs to. [default: DOUDI_ORG_UNIT]")
@click.option(
    "--group", "groups", multiple=True, metavar="ID", help="Candidate group, e.g. window, window_head, coordinator, D07. May be repeated."
)
@click.option("--role", type=click.Choice(["A", "B"]), default="A", show_default=True, help="A: holds the post; B: stands in.")
@click.option("--exception", default="", metavar="REASON", help="Why a window post without recorded training; kept as evidence.")
@click.option("--password", help="Better left out: then it is asked for, or read from standard input.")
def create_account(
    account_id: str, name: str, org_unit: str | None, groups: Sequence[str], role: str, exception: str, password: str | None
) -> None:
    """Make an account for a person.

    The person logs in as ID. A post of the window needs training that was recorded and admitted (P29), or a written exception.
    """
    with opened_engine() as engine:
        require_current(engine.database)
        word = password or asked_password()
        accounts.create_account(engine, SYSTEM, account_id, name, word, org_unit or engine.settings.org_unit, groups, role, exception)
        click.echo(f"{account_id} ({name}) can log in.")


def asked_password() -> str:
    """From the person at the terminal, twice and unseen; from a script, the first line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
