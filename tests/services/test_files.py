"""Contents kept outside the database: sealed, once each, whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from engine.errors import Conflict, NotFound, StorageFailed
from engine.services.files import FileStore
from engine.services.secrets import Secrets

SECRETS = Secrets(b"one key of at least sixteen bytes")
CONTENT = "身份证明材料".encode() * 100


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files", SECRETS)


def kept(store: FileStore) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()]


def test_a_content_comes_back_as_it_was(store: FileStore) -> None:
    assert store.get(store.put(CONTENT)) == CONTENT


def test_the_disk_holds_nothing_of_it_in_clear(store: FileStore) -> None:
    address = store.put(CONTENT)
    (path,) = kept(store)
    assert CONTENT[:12] not in path.read_bytes()
    assert address not in (Secrets(b"another key, long enough").blind_index("x", "file"),)


def test_an_equal_content_is_kept_once(store: FileStore) -> None:
    assert store.put(CONTENT) == store.put(CONTENT)
    assert len(kept(store)) == 1


def test_only_the_owner_may_read_the_file(store: FileStore) -> None:
    store.put(CONTENT)
    assert kept(store)[0].stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("address", ["", "../secret.key", "a" * 63, "A" * 64, "/etc/passwd", "a" * 64 + "\n", "\0"])
def test_an_address_is_never_a_path(store: FileStore, address: str) -> None:
    with pytest.raises(NotFound):
        store.get(address)


def test_a_content_that_is_gone_says_so(store: FileStore) -> None:
    with pytest.raises(NotFound, match="backup"):
        store.get("a" * 64)


def test_a_changed_file_does_not_open(store: FileStore) -> None:
    address = store.put(CONTENT)
    (path,) = kept(store)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(Conflict, match="secret key"):
        store.get(address)


def test_a_file_put_in_the_place_of_another_does_not_open(store: FileStore) -> None:
    first, second = store.put(CONTENT), store.put(CONTENT + b"2")
    (store.folder / second[:2] / second).write_bytes((store.folder / first[:2] / first).read_bytes())
    with pytest.raises(Conflict, match="secret key"):
        store.get(second)


def test_a_full_disk_keeps_nothing_half(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFailed, match="disk is full"):
        store.put(CONTENT)
    assert kept(store) == []


def test_a_folder_that_cannot_be_made_is_a_clear_refusal(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where the folder should be")
    with pytest.raises(StorageFailed, match="Nothing was kept"):
        FileStore(tmp_path / "files", SECRETS).put(CONTENT)
