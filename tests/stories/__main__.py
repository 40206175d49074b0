"""``python -m tests.stories [K01 …]``: tells stories and writes what came of them into endings.json, to be read before it is kept."""

from __future__ import annotations

import json
import sys

from engine.commands.deployments import read_folders
from engine.feel import Feel
from engine.settings import read_settings
from engine.trials.centre import template
from tests.conftest import PROJECT
from tests.stories.telling import ENDINGS, STORIES, endings, told


def main(wanted: list[str]) -> int:
    read = read_folders(PROJECT / "processes", PROJECT / "forms")
    files = {name: content for name, content in read.items() if not name.endswith(".toml")}
    known, failed = dict(endings()), 0
    with template(read_settings({}), Feel(), files) as prepared:
        for story in wanted or sorted(STORIES):
            unmet, found = told(prepared, story)
            for failure in unmet:
                sys.stdout.write(f"{story}: {failure}\n")
            failed += bool(unmet)
            if not unmet:
                known[story] = found
                sys.stdout.write(f"{story}: {json.dumps(found, ensure_ascii=False, indent=1)}\n")
    known = {**endings(), **{story: known[story] for story in wanted or STORIES if story in known}}  # others may have written meanwhile
    ENDINGS.write_text(json.dumps(dict(sorted(known.items())), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
