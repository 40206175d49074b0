"""Deployments as ZIP files to carry to another installation. Refuses what is hostile, too large, or not as its list says."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import InvalidInput

LISTING = "deployment.json"
LARGEST_ARCHIVE = 20_000_000
MOST_FILES = 500

#: ZIP keeps no moment before this one; a fixed one makes equal archives equal bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Archive:
    """What an archive says of itself, and its files by name."""

    name: str
    reason: str
    files: Mapping[str, bytes]


def packed(name: str, reason: str, files: Mapping[str, bytes]) -> bytes:
    """The archive of these files with a listing of their digests."""
    listing = {"name": name, "reason": reason, "files": {file: _digest(content) for file, content in sorted(files.items())}}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, LISTING, json.dumps(listing, ensure_ascii=False, indent=1).encode())
        for file, content in sorted(files.items()):
            _add(archive, file, content)
    return target.getvalue()


def unpacked(content: bytes) -> Archive:
    """Raises InvalidInput when it is no archive of a deployment, or when a file is not the one that was listed."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _require_bounded(archive)
            listing = json.loads(archive.read(LISTING))
            digests = {str(file): str(digest) for file, digest in listing["files"].items()}
            files = {file: archive.read(file) for file in digests}
    # NotImplementedError is what zipfile raises for a compression it does not know.
    except (zipfile.BadZipFile, KeyError, ValueError, AttributeError, TypeError, OSError, RuntimeError, NotImplementedError) as error:
        raise _refused("an archive of a deployment", "it cannot be read", "请选择从“版本”页下载的归档文件（.zip）。") from error
    for file, digest in digests.items():
        if _digest(files[file]) != digest:
            raise _refused(f"{file} as it was packed", "its content is another", f"文件“{file}”与清单不符，请重新下载归档。")
    return Archive(str(listing.get("name", "")), str(listing.get("reason", "")), files)


def _require_bounded(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > LARGEST_ARCHIVE:
        raise _refused(f"at most {MOST_FILES} files and {LARGEST_ARCHIVE:,} bytes", "it holds more", "归档过大，请分次导入。")


def _refused(expected: str, found: str, remedy: str) -> InvalidInput:
    return InvalidInput(f"Expected {expected} but {found}.", {"archive": [remedy]})


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    archive.writestr(entry, content)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
