"""Keys of partners at the command line: shown once, listed without themselves."""

from __future__ import annotations

from tests.cli.conftest import Doudi


def test_a_key_is_shown_when_it_is_made_and_never_again(prepared: Doudi) -> None:
    made = prepared("partner-key", "create", "12345")
    key = made.stdout.strip()
    assert made.exit_code == 0 and len(key) == 64
    listed = prepared("partner-key", "list").stdout
    assert key not in listed and "in use" in next(line for line in listed.splitlines() if line.startswith("12345"))
    assert "no key" in next(line for line in listed.splitlines() if line.startswith("GRID"))


def test_a_new_key_leaves_the_old_one_its_days(prepared: Doudi) -> None:
    prepared("partner-key", "create", "12345")
    made = prepared("partner-key", "rotate", "12345", "--overlap-days", "3")
    assert "The old key holds until" in made.stderr
    states = [line.split("  ")[-1] for line in prepared("partner-key", "list").stdout.splitlines() if line.startswith("12345")]
    assert states[0].startswith("until 20") and states[1] == "in use"


def test_a_key_that_cannot_be_made_says_what_to_do(prepared: Doudi) -> None:
    assert "partners.csv" in prepared("partner-key", "create", "12333").output
    refused = prepared("partner-key", "rotate", "12345")
    assert refused.exit_code == 1 and "doudi partner-key create 12345" in refused.output
