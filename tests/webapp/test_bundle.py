"""What Node makes for the browser: there, complete, and asking nothing of other machines."""

from __future__ import annotations

import re

from tests.conftest import PROJECT

FRONTEND, VENDOR = PROJECT / "frontend", PROJECT / "webapp" / "static" / "vendor"


def test_the_lock_file_holds_no_address_of_a_registry() -> None:
    assert '"resolved"' not in (FRONTEND / "package-lock.json").read_text("utf-8")


def test_packages_are_pinned_to_one_version() -> None:
    versions = re.findall(r'^    "[^"]+": "([^"]+)"', (FRONTEND / "package.json").read_text("utf-8"), re.M)
    assert versions and all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)


def test_every_icon_used_on_a_page_is_in_the_bundle() -> None:
    sources = [path.read_text("utf-8") for path in (PROJECT / "webapp").rglob("*.html")]
    used = {name for source in sources for name in re.findall(r"icon\('([a-z0-9-]+)'", source)}
    assert used and used <= set(re.findall(r'id="([a-z0-9-]+)"', (VENDOR / "icons.svg").read_text("utf-8")))


def test_style_sheets_load_nothing_from_elsewhere() -> None:
    for sheet in [*VENDOR.glob("*.css"), *(PROJECT / "webapp" / "static").glob("*.css")]:
        targets = re.findall(r"url\(([^)]*)\)|@import\s+([^;]+)", sheet.read_text("utf-8"))
        assert not [target for pair in targets for target in pair if re.match(r"[\"']?(https?:)?//", target)], sheet.name


def test_licences_of_everything_bundled_are_shipped() -> None:
    notices = (VENDOR / "THIRD_PARTY_LICENSES.txt").read_text("utf-8")
    assert all(f"==== {name} " in notices for name in ("bpmn-js", "bootstrap", "bootstrap-icons", "htmx.org", "axe-core"))
