"""docs/processes.md shows every diagram as it is drawn now: `./dev pictures` writes it anew."""

from __future__ import annotations

import hashlib

from .drawn import DIAGRAMS, PROJECT

PAGE = PROJECT / "docs" / "processes.md"


def test_the_pictures_are_of_the_diagrams_as_they_are_now() -> None:
    drawn = [line.split() for line in PAGE.read_text("utf-8").splitlines() if line.startswith("<!-- drawn ")]
    digests = {key: hashlib.sha256(file.read_bytes()).hexdigest()[:16] for key, file in DIAGRAMS.items()}
    assert {key: digest for _open, _drawn, key, digest, _close in drawn} == digests
    assert {file.stem for file in (PROJECT / "docs" / "images" / "processes").glob("*.png")} == set(DIAGRAMS)
