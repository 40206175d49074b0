"""The command with which an auditor checks a file that was taken along. Opens no installation: it needs the ZIP alone."""

from __future__ import annotations

from pathlib import Path

import click

from engine.services.audit_packs import PackReport, verified


@click.command("verify-export")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", metavar="ID", help="The key that the window has published; another one is a fault.")
def verify_export(file: Path, key: str | None) -> None:
    """Check an audit export without the installation.

    Reads the digests, the chain, the seals, the ledger and the documents of FILE again; exit code 1 and a list of places when
    something does not fit. A pack made with a key of its own fits, too: compare the key, or give it as --key.
    """
    found = verified(file.read_bytes())
    click.echo(f"File {found.case_no}, exported {found.exported_at} by {found.exported_by}; key {found.key_id}.")
    click.echo(f"Checked {found.files} files, {found.rows} events and {found.seals} seals; {found.unsealed} events are not sealed yet.")
    if faults := (*found.faults, *_key_faults(found, key)):
        raise click.ClickException("\n".join(["Expected an unchanged export but:", *faults]))
    click.echo("Everything is as it was exported.")


def _key_faults(found: PackReport, key: str | None) -> tuple[str, ...]:
    return (f"The key: expected {key} but it is {found.key_id}.",) if key and key.lower() != found.key_id else ()
