"""Build hook: a wheel or an editable install always holds current browser and FEEL bundles and compiled translations."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: The centre's files travel beside the packages; engine/settings.py looks for them there.
SHIPPED_FOLDERS = ("processes", "forms")


class AssetsHook(BuildHookInterface):
    """Runs for ``pip install .``, ``pip install -e .`` and ``pip wheel .``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        sys.path.insert(0, str(root))
        import build_assets

        build_assets.build_all()
        if version != "editable":
            build_data["force_include"].update({str(root / name): f"doudi_files/{name}" for name in SHIPPED_FOLDERS})
