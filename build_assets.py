"""Builds what the packages ship but git does not keep: browser and FEEL bundles, compiled translations. Skips what is current.

python build_assets.py          called by ./dev and, through hatch_build.py, by pip
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent
FRONTEND_SCRIPT = ROOT / "frontend" / "build.py"
TRANSLATIONS = ROOT / "webapp" / "translations"


def build_all() -> None:
    """Everything that is out of date; a second call does nothing."""
    # Behind a proxy that signs for others, npm trusts what the machine trusts, as pip and the browser do.
    os.environ.setdefault("NODE_USE_SYSTEM_CA", "1")
    _load(FRONTEND_SCRIPT).build()
    compile_translations()


def compile_translations() -> None:
    """``messages.po`` → ``messages.mo`` where the source is newer."""
    for source in TRANSLATIONS.rglob("*.po"):
        target = source.with_suffix(".mo")
        if not target.is_file() or target.stat().st_mtime < source.stat().st_mtime:
            _compile(source, target)


def _compile(source: Path, target: Path) -> None:
    from babel.messages.mofile import write_mo  # here, so that the front end builds without babel
    from babel.messages.pofile import read_po

    with source.open("rb") as text:
        catalog = read_po(text, locale=source.parent.parent.name)
    with target.open("wb") as binary:
        write_mo(binary, catalog)


def _load(path: Path) -> ModuleType:
    """A build script by its path: nothing of ours is importable while it is being built."""
    spec = importlib.util.spec_from_file_location(f"doudi_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"Expected the build script {path} but it cannot be loaded.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    build_all()
