"""A case file as a ZIP that an auditor takes along and checks without us. Packs, signs and verifies; reads no row and knows no page.

``manifest.json`` has the SM3 digest of every other file and ``manifest.sig`` the platform's signature over it. ``evidence.json`` has
the chain with its seals, ``ledger.json`` the facts of the ledger exactly as they were digested.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from engine.db.tables import EvidenceSeal
from engine.errors import InvalidInput
from engine.services import evidence
from engine.services.documents import content_digest
from engine.services.inclusion import Step, root_by
from engine.services.secrets import Secrets

FORMAT = "doudi-audit-1"
MANIFEST, SIGNATURE, CHAIN, LEDGER = "manifest.json", "manifest.sig", "evidence.json", "ledger.json"
DOCUMENTS = "documents/"
LARGEST_PACK = 200_000_000
MOST_FILES = 2_000

#: ZIP keeps no moment before this one; a fixed one makes equal packs equal bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class ChainRow:
    """A row of the chain as it was hashed, the seal that covers it and its way to that seal's root; no seal: not sealed yet."""

    chain: str
    sequence: int
    event: str
    actor: str
    facts: str
    recorded_at: str
    previous_hash: str
    hash: str
    seal: int | None
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class SealCopy:
    """A seal as it was signed; the signature in hexadecimal digits."""

    id: int
    first_id: int
    last_id: int
    root: str
    previous_root: str
    algorithm: str
    key_id: str
    sealed_at: str
    signature: str


@dataclass(frozen=True)
class LedgerLine:
    """A line of the ledger with its facts unworded: their digest is in the chain."""

    entry: int
    kind: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Head:
    """Whose file it is, and who took it along when."""

    case_no: str
    kind: str
    exported_at: str
    exported_by: str


@dataclass(frozen=True)
class PackReport:
    """What a verification read and what it found wrong. ``unsealed``: rows that no seal covers yet."""

    case_no: str
    exported_at: str
    exported_by: str
    key_id: str
    files: int
    rows: int
    seals: int
    unsealed: int
    faults: tuple[str, ...]


def packed(secrets: Secrets, head: Head, files: Mapping[str, bytes]) -> bytes:
    """The ZIP of these files with its signed manifest."""
    digests = {name: content_digest(content) for name, content in sorted(files.items())}
    about = {"format": FORMAT, **asdict(head), "digest": "SM3", "key_id": secrets.key_id, "public_key": secrets.public_key.hex()}
    manifest = _json({**about, "files": digests})
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        signature = secrets.sign(manifest).hex().encode()
        for name, content in ((MANIFEST, manifest), (SIGNATURE, signature), *sorted(files.items())):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return target.getvalue()


def chain_files(rows: Sequence[ChainRow], seals: Sequence[SealCopy], ledger: Sequence[LedgerLine]) -> dict[str, bytes]:
    """The two files that a verification reads."""
    chain = {"rows": [asdict(row) for row in rows], "seals": [asdict(one) for one in seals]}
    return {CHAIN: _json(chain), LEDGER: _json([asdict(line) for line in ledger])}


def verified(content: bytes) -> PackReport:
    """Everything read again, each place that does not fit named. Raises InvalidInput when it is no such pack at all."""
    files = _unpacked(content)
    try:
        manifest = json.loads(files[MANIFEST])
        key = bytes.fromhex(manifest["public_key"])
        chain, ledger = json.loads(files[CHAIN]), json.loads(files[LEDGER])
        rows = [ChainRow(**{**row, "steps": tuple(map(tuple, row["steps"]))}) for row in chain["rows"]]
        seals = [SealCopy(**one) for one in chain["seals"]]
        lines = [LedgerLine(**line) for line in ledger]
        faults = (
            *_manifest_faults(manifest, files, key),
            *_chain_faults(str(manifest["case_no"]), rows),
            *_seal_faults(rows, seals, key),
            *_ledger_faults(rows, lines),
            *_document_faults(rows, files),
        )
        told = (str(manifest["case_no"]), str(manifest["exported_at"]), str(manifest["exported_by"]), _key_id(key))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise _no_pack("a part of it is missing or cannot be read") from error
    return PackReport(*told, len(files), len(rows), len(seals), sum(row.seal is None for row in rows), tuple(faults))


def _manifest_faults(manifest: Mapping[str, Any], files: Mapping[str, bytes], key: bytes) -> Iterator[str]:
    if not _is_signed(key, files[MANIFEST], bytes.fromhex(files.get(SIGNATURE, b"").decode("ascii"))):
        yield f"{MANIFEST}: its signature is not valid."
    if manifest["key_id"] != _key_id(key):
        yield f"{MANIFEST}: expected key {manifest['key_id']} but its key is {_key_id(key)}."
    listed = manifest["files"]
    for name in sorted({*listed, *files} - {MANIFEST, SIGNATURE}):
        if name not in files:
            yield f"{name}: it is missing."
        elif name not in listed:
            yield f"{name}: the manifest does not list it."
        elif content_digest(files[name]) != listed[name]:
            yield f"{name}: its content was changed."


def _chain_faults(case_no: str, rows: Sequence[ChainRow]) -> Iterator[str]:
    columns = [(r.chain, r.sequence, r.event, r.actor, r.facts, r.recorded_at, r.previous_hash, r.hash) for r in rows]
    yield from (fault for fault in evidence.chain_faults(columns) if fault)
    yield from (f"{row.chain} #{row.sequence}: it is of another file than {case_no}." for row in rows if row.chain != case_no)


def _seal_faults(rows: Sequence[ChainRow], seals: Sequence[SealCopy], key: bytes) -> Iterator[str]:
    by_id = {one.id: one for one in seals}
    for one in seals:
        place = f"Seal {one.id} (rows {one.first_id}-{one.last_id})"
        if one.key_id != _key_id(key):
            yield f"{place}: expected key {_key_id(key)} but it was signed with {one.key_id}."
        elif not _is_signed(key, evidence.signed_content(_seal(one)), bytes.fromhex(one.signature)):
            yield f"{place}: its signature is not valid."
    for row in rows:
        if row.seal is not None and (row.seal not in by_id or root_by(row.hash, row.steps) != by_id[row.seal].root):
            yield f"{row.chain} #{row.sequence}: it is not what seal {row.seal} covers."


def _ledger_faults(rows: Sequence[ChainRow], ledger: Sequence[LedgerLine]) -> Iterator[str]:
    """Lines that other events stand for (opened by, whose turn) have no digest of their own in the chain."""
    recorded = {facts["entry"]: facts for facts in _facts_of(rows, "case:entry")}
    for line in ledger:
        said = recorded.pop(line.entry, None)
        if said is not None and (said["kind"], said["digest"]) != (line.kind, evidence.digest(line.facts)):
            yield f"Ledger line {line.entry} ({line.kind}): it is not what was recorded."
    yield from (f"Ledger line {entry} ({facts['kind']}): it was recorded but is missing." for entry, facts in recorded.items())


def _document_faults(rows: Sequence[ChainRow], files: Mapping[str, bytes]) -> Iterator[str]:
    issued = {facts["digest"] for facts in _facts_of(rows, "document:issue")}
    for name, content in files.items():
        if name.startswith(DOCUMENTS) and content_digest(content) not in issued:
            yield f"{name}: it is not the document that was issued."


def _facts_of(rows: Sequence[ChainRow], event: str) -> Iterator[Mapping[str, Any]]:
    return (json.loads(row.facts) for row in rows if row.event == event)


def _seal(copy: SealCopy) -> EvidenceSeal:
    given = {name: value for name, value in asdict(copy).items() if name not in ("signature", "sealed_at")}
    return EvidenceSeal(**given, sealed_at=datetime.fromisoformat(copy.sealed_at).astimezone(UTC))


def _is_signed(key: bytes, content: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _key_id(key: bytes) -> str:
    """As ``Secrets.key_id`` names it."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key)
    return digest.finalize().hex()[:16]


def _unpacked(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > LARGEST_PACK:
                raise _no_pack(f"it holds more than {MOST_FILES} files or {LARGEST_PACK:,} bytes")
            return {entry.filename: archive.read(entry) for entry in entries}
    # NotImplementedError, a RuntimeError, is what zipfile raises for a compression it does not know; the last two are cut contents.
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, EOFError, zlib.error) as error:
        raise _no_pack("it cannot be read as a ZIP file") from error


def _no_pack(found: str) -> InvalidInput:
    return InvalidInput(f"Expected an audit export of a case file but {found}.")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
