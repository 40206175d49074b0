"""What a file is, decided by its content alone; never by its name. Refuses every type but a few, and those that hide something."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

import puremagic
from PIL import Image

from engine.errors import InvalidInput
from engine.services.typed_text import readable


@dataclass(frozen=True)
class FileType:
    """A type that is taken in, and the suffix that its files get when they are served."""

    media_type: str
    suffix: str


PDF = FileType("application/pdf", "pdf")
JPEG = FileType("image/jpeg", "jpg")
PNG = FileType("image/png", "png")
DOCX = FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx")
XLSX = FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
OFD = FileType("application/ofd", "ofd")
TEXT = FileType("text/plain", "txt")

ALLOWED = (PDF, JPEG, PNG, DOCX, XLSX, OFD, TEXT)

#: Bounds of what an archive may unfold to: far above honest documents, far below what hurts.
MOST_PARTS = 2_000
LARGEST_UNFOLDED = 300_000_000
#: Text packs to a twentieth at best, zeros to a thousandth.
HIGHEST_RATIO = 150
#: Small parts may pack well without doing harm.
_SMALL = 1_000_000
MOST_PIXELS = 80_000_000

_CONTENT_TYPES = "[Content_Types].xml"
_MAIN_PARTS = {
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": DOCX,
    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": XLSX,
}
_MACROS = re.compile(rb"macroEnabled|vbaProject|ms-office\.activeX", re.IGNORECASE)
_MACRO_PARTS = re.compile(r"vbaProject|/activeX/|oleObject\d*\.bin$|\.(exe|dll|js|vbs|ps1|bat|cmd)$", re.IGNORECASE)
#: A relationship that opens something elsewhere as soon as the document is opened; links that a person follows are fine.
_REMOTE = re.compile(
    rb'<Relationship\b(?=[^>]*attachedTemplate|[^>]*oleObject|[^>]*/frame")[^>]*TargetMode\s*=\s*["\']External', re.IGNORECASE
)
_MARKUP = ("text/html", "image/svg+xml", "text/xml", "application/xml")


def type_of(content: bytes) -> FileType:
    """The type of a content. Raises InvalidInput (field ``file``) with one of the codes empty, not-allowed, broken, macros, bomb,
    encrypted."""
    if not content:
        raise refused("empty", "a file with something in it", "it is empty")
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _image(content)
    if content.startswith(b"PK\x03\x04"):
        return _package(content)
    return _text(content)


def refused(code: str, expected: str, found: str) -> InvalidInput:
    return InvalidInput(f"Expected {expected} but {found}. Nothing was kept.", {"file": [code]})


def _pdf(content: bytes) -> FileType:
    if b"%%EOF" not in content[-2048:]:
        raise refused("broken", "a whole PDF file", "its end is missing")
    return PDF


def _image(content: bytes) -> FileType:
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
            width, height = image.size
            kind = JPEG if image.format == "JPEG" else PNG
            if width * height > MOST_PIXELS:
                raise refused("bomb", f"at most {MOST_PIXELS:,} pixels", f"it has {width} × {height}")
            image.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise refused("bomb", f"at most {MOST_PIXELS:,} pixels", "it has more") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise refused("broken", "a picture that can be opened", "it is damaged") from error
    return kind


def _package(content: bytes) -> FileType:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            _require_harmless(parts, len(content))
            names = {part.filename for part in parts}
            if "OFD.xml" in names:
                return _ofd(package)
            if _CONTENT_TYPES in names:
                return _office(package, names)
    # NotImplementedError is what zipfile raises for a compression it does not know.
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError, EOFError, ValueError, zipfile.LargeZipFile) as error:
        raise refused("broken", "a document that can be opened", "it is damaged") from error
    raise _not_allowed("a ZIP archive")


def _require_harmless(parts: list[zipfile.ZipInfo], size: int) -> None:
    """The directory says what it unfolds to; a part that lies about it fails when it is read."""
    if any(part.flag_bits & 0x1 for part in parts):
        raise refused("encrypted", "a document without a password", "it is encrypted")
    unfolded = sum(part.file_size for part in parts)
    grows = any(part.file_size > _SMALL and part.file_size > HIGHEST_RATIO * max(part.compress_size, 1) for part in parts)
    if len(parts) > MOST_PARTS or unfolded > LARGEST_UNFOLDED or unfolded > HIGHEST_RATIO * max(size, _SMALL // HIGHEST_RATIO) or grows:
        raise refused("bomb", "a document of usual size", f"it unfolds to {unfolded:,} bytes in {len(parts)} parts")


def _office(package: zipfile.ZipFile, names: set[str]) -> FileType:
    types = _part(package, _CONTENT_TYPES)
    if _MACROS.search(types) or any(_MACRO_PARTS.search(name) for name in names):
        raise refused("macros", "a document without macros or embedded programs", "it holds some")
    if any(_REMOTE.search(_part(package, name)) for name in sorted(names) if name.endswith(".rels")):
        raise refused("macros", "a document that stands by itself", "it fetches a template or an object from elsewhere")
    kind = next((kind for main, kind in _MAIN_PARTS.items() if main in types), None)
    if kind is None:
        raise _not_allowed("an Office document of another kind")
    return kind


def _ofd(package: zipfile.ZipFile) -> FileType:
    if b"ofdspec.org" not in _part(package, "OFD.xml"):
        raise _not_allowed("a ZIP archive")
    return OFD


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    """At most so much of a part: a directory may lie about its size."""
    with package.open(name) as part:
        return part.read(_SMALL * 4)


def _text(content: bytes) -> FileType:
    """Strict UTF-8 without control characters, and no markup that somebody's program would carry out."""
    found = _known_as(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_allowed(found) from error
    plain = text.replace("\t", "").replace("\f", "")
    if any(ord(sign) < 32 and sign not in "\r\n" for sign in plain) or readable(plain.replace("\r\n", "\n")) != plain.replace("\r\n", "\n"):
        raise _not_allowed(found)
    if found in _MARKUP or re.match(r"\s*<(!doctype|html|script|svg|\?xml)", text, re.IGNORECASE):
        raise _not_allowed(found)
    return TEXT


def _known_as(content: bytes) -> str:
    """What it may be, for the words of a refusal."""
    try:
        matches = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        return "a file of unknown type"
    return next((match.mime_type for match in matches if match.mime_type), "a file of unknown type")


def _not_allowed(found: str) -> InvalidInput:
    return refused("not-allowed", "a PDF, picture (JPEG, PNG), Word, Excel, OFD or plain text file", f"it is {found}")
