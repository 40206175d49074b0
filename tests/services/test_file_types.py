"""What a file is, by its content: what is taken in, and what is refused with which word."""

from __future__ import annotations

import io
import zipfile
import zlib

import pytest
from PIL import Image

from engine.errors import InvalidInput
from engine.services.file_types import type_of

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def picture(kind: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (12, 9)).save(target, kind)
    return target.getvalue()


def packed(parts: dict[str, bytes | str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()


def office(main: str, **parts: bytes | str) -> bytes:
    types = f'<Types><Override PartName="/main.xml" ContentType="{main}"/></Types>'
    return packed({"[Content_Types].xml": types, "main.xml": "<a/>", **{name.replace("__", "/"): part for name, part in parts.items()}})


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
OFD = packed({"OFD.xml": '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>'})


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (PDF, "pdf"),
        (picture("JPEG"), "jpg"),
        (picture("PNG"), "png"),
        (office(_WORD), "docx"),
        (office(_SHEET), "xlsx"),
        (OFD, "ofd"),
        ("说明:\r\n\t材料齐全。".encode(), "txt"),
        ("\ufeff带标记的文本".encode(), "txt"),
        (b"MZ is how this note begins", "txt"),
        ("👨‍👩‍👧 一家三口".encode(), "txt"),
        (office(_SHEET, xl__printerSettings__printerSettings1_bin=b"\0" * 20), "xlsx"),
    ],
)
def test_the_type_follows_from_the_content(content: bytes, suffix: str) -> None:
    assert type_of(content).suffix == suffix


def huge_picture() -> bytes:
    """A PNG that says it has ten thousand million pixels."""
    header = (100_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    chunk = b"IHDR" + header
    return b"\x89PNG\r\n\x1a\n" + len(header).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big") + picture("PNG")[33:]


def with_password() -> bytes:
    content = bytearray(office(_WORD))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(mark, at + 1)
    return bytes(content)


_REMOTE = '<Relationship Type="http://x/attachedTemplate" Target="http://evil/x.dotm" TargetMode="External"/>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"MZ\x90\0" + b"\0" * 200, "not-allowed"),
        (b"\x7fELF" + b"\0" * 200, "not-allowed"),
        (picture("GIF"), "not-allowed"),
        (b"<html><script>alert(1)</script></html>", "not-allowed"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "not-allowed"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "not-allowed"),
        ("国标编码的文本".encode("gbk"), "not-allowed"),
        ("半个字符\ud800".encode("utf-8", "surrogatepass"), "not-allowed"),
        ("看不见的\u202e转向".encode(), "not-allowed"),
        (b"a\0b", "not-allowed"),
        (packed({"a.txt": "b"}), "not-allowed"),
        (packed({"OFD.xml": "<html/>"}), "not-allowed"),
        (office("application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"), "not-allowed"),
        (b"%PDF-1.7 cut off", "broken"),
        (picture("JPEG")[:60], "broken"),
        (picture("PNG")[:40], "broken"),
        (b"PK\x03\x04 and then nothing", "broken"),
        (office("application/vnd.ms-word.document.macroEnabled.main+xml"), "macros"),
        (office(_WORD, word__vbaProject_bin=b"x"), "macros"),
        (packed({"[Content_Types].xml": _WORD, "word/embeddings/oleObject1.bin": "x"}), "macros"),
        (packed({"[Content_Types].xml": _WORD, "word/_rels/settings.xml.rels": _REMOTE}), "macros"),
        (office(_WORD, word__document_xml=b"\0" * 60_000_000), "bomb"),
        (packed({f"{number}": "x" for number in range(2_500)}), "bomb"),
        (huge_picture(), "bomb"),
        (with_password(), "encrypted"),
    ],
)
def test_what_is_refused_says_why(content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        type_of(content)
    assert refusal.value.fields == {"file": [code]}
    assert "Nothing was kept" in str(refusal.value)
