"""Contents kept outside the database: encrypted, each once, found by a keyed digest. Takes no path from anybody."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets as randomness
from dataclasses import dataclass
from pathlib import Path

from engine.errors import NotFound, StorageFailed
from engine.services.secrets import Secrets

_ADDRESS = re.compile(r"[0-9a-f]{64}")
#: The disk or the quota is full, or a file may grow no further.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True)
class FileStore:
    """A folder of sealed contents. An address says nothing of the content to whoever lacks the installation's key."""

    folder: Path
    secrets: Secrets

    def put(self, content: bytes) -> str:
        """Keep the content and give its address; what is there already is not written again. Raises StorageFailed."""
        address = self.secrets.blind_index(hashlib.sha256(content).hexdigest(), "file")
        if not self._path(address).is_file():
            self._write(self._path(address), self.secrets.encrypt_bytes(content, f"file.{address}"))
        return address

    def get(self, address: str) -> bytes:
        """The content at an address. Raises NotFound; Conflict when it does not open with this installation's key."""
        try:
            sealed = self._path(address).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(f"Expected a file at {address} but it is gone. Restore the files folder from the backup.") from error
        except OSError as error:
            raise StorageFailed(f"Expected to read a kept file but the disk answered: {error.strerror}.") from error
        return self.secrets.decrypt_bytes(sealed, f"file.{address}")

    def discard(self, address: str) -> None:
        """Delete the content at an address. Raises StorageFailed; one that is gone already is no failure."""
        try:
            self._path(address).unlink(missing_ok=True)
        except OSError as error:
            raise StorageFailed(f"Expected to delete a kept file but the disk answered: {error.strerror}.") from error

    def _path(self, address: str) -> Path:
        if not _ADDRESS.fullmatch(address):
            raise NotFound(f"Expected the address of a file but got {ascii(address)[:80]}.")
        return self.folder / address[:2] / address

    def _write(self, path: Path, sealed: bytes) -> None:
        """Whole or not at all: a file appears under its name only when all of it is on the disk."""
        draft = path.with_name(f"{path.name}.{randomness.token_hex(8)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            raise _storage_failed(error) from error
        finally:
            _discard(draft)


def _storage_failed(error: OSError) -> StorageFailed:
    if error.errno in _NO_ROOM:
        return StorageFailed("Expected room for the file but the disk is full. Nothing was kept. Free some space and try again.")
    return StorageFailed(f"Expected to keep the file but the disk answered: {error.strerror}. Nothing was kept. Try again later.")


def _discard(draft: Path) -> None:
    try:
        draft.unlink(missing_ok=True)
    except OSError:
        return  # the folder is away; the refusal on its way says so
