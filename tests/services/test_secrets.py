"""Keys, encryption, blind indexes and signatures."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import Conflict, InvalidInput
from engine.services.secrets import Secrets, read_or_create_key
from engine.settings import Settings

SECRETS = Secrets(b"one key of at least sixteen bytes")
OTHER = Secrets(b"another key of at least sixteen bytes")


def test_what_is_encrypted_opens_with_the_same_key_and_purpose() -> None:
    assert SECRETS.decrypt(SECRETS.encrypt("示例·何女士", "party.name"), "party.name") == "示例·何女士"


def test_the_same_text_never_looks_the_same_twice() -> None:
    assert SECRETS.encrypt("示例", "party.name") != SECRETS.encrypt("示例", "party.name")


@pytest.mark.parametrize("purpose", ["party.phone", ""])
def test_what_is_encrypted_does_not_open_for_another_purpose(purpose: str) -> None:
    with pytest.raises(Conflict, match="secret key"):
        SECRETS.decrypt(SECRETS.encrypt("示例", "party.name"), purpose)


def test_what_is_encrypted_does_not_open_with_another_key_or_when_changed() -> None:
    sealed = SECRETS.encrypt("示例", "party.name")
    with pytest.raises(Conflict):
        OTHER.decrypt(sealed, "party.name")
    with pytest.raises(Conflict):
        SECRETS.decrypt(sealed[:-1] + bytes([sealed[-1] ^ 1]), "party.name")
    with pytest.raises(Conflict):
        SECRETS.decrypt(b"", "party.name")


def test_a_blind_index_depends_on_text_purpose_and_key() -> None:
    index = SECRETS.blind_index("13800001234", "phone")
    assert index == SECRETS.blind_index("13800001234", "phone") and len(index) == 64
    assert index not in {
        SECRETS.blind_index("13800001235", "phone"),
        SECRETS.blind_index("13800001234", "cert"),
        OTHER.blind_index("13800001234", "phone"),
    }


def test_a_signature_holds_for_its_content_only() -> None:
    signature = SECRETS.sign(b"root")
    assert SECRETS.is_signed(b"root", signature)
    assert not SECRETS.is_signed(b"other", signature) and not OTHER.is_signed(b"root", signature)


def test_keys_for_different_purposes_are_different() -> None:
    assert len({SECRETS.derive("a"), SECRETS.derive("b"), OTHER.derive("a")}) == 3
    assert len(SECRETS.derive("a", 64)) == 64


def test_the_key_is_never_printed() -> None:
    assert "sixteen" not in repr(SECRETS)


def test_a_missing_key_file_is_made_for_its_owner_alone_and_read_again(settings: Settings) -> None:
    without_key = replace(settings, secret_key=None)
    first = Secrets.from_settings(without_key)
    assert stat.S_IMODE(without_key.key_file.stat().st_mode) == 0o600
    assert Secrets.from_settings(without_key).master_key == first.master_key
    assert [path.name for path in without_key.data_folder.iterdir()] == ["secret.key"]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read_or_create_key(tmp_path / "data" / "secret.key"), range(8)))
    assert len(keys) == 1


def test_a_short_secret_key_is_refused(settings: Settings) -> None:
    with pytest.raises(InvalidInput, match="at least 16"):
        Secrets.from_settings(replace(settings, secret_key="short"))
