"""The browser that draws and tests: which one there is, and how it is started. Opens no page."""

from __future__ import annotations

import shutil

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge", "chrome")
#: Without these a browser tries to reach its maker; as root it needs no sandbox of its own.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def browser_found() -> str | None:
    """The first browser on this machine, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)
