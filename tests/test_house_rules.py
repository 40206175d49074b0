"""The rules of the house, checked against the code itself: one commit point, one clock, arrows that only point down."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from xml.etree import ElementTree

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from engine.vocabulary import CANDIDATE_GROUPS, OPERATIONS
from tests.conftest import PROJECT

PRODUCT_FOLDERS = ("engine", "webapp")
CODE_FOLDERS = (*PRODUCT_FOLDERS, "tests", "benchmarks", "frontend")
TOP_FOLDERS = ("benchmarks", "docs", "engine", "forms", "frontend", "processes", "tests", "webapp")
NOT_OURS = {"node_modules", "__pycache__", ".venv"}

#: Revisions are written by comparison: as long as the tables are, in code that nobody reads from top to bottom.
WRITTEN_BY_COMPARISON = "engine/db/revisions/versions"

#: Parts of Flask that bring their own names.
COMES_WITH_ANOTHER = {"jinja2", "markupsafe", "werkzeug"}
#: Imported only where an optional extra is installed: import name → distribution.
FROM_AN_EXTRA = {"psycopg": "psycopg", "py_mini_racer": "mini-racer"}

LONGEST_FUNCTION = 40
LONGEST_MODULE = 400
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def modules(*folders: str) -> list[Path]:
    files = (path for folder in folders for path in (PROJECT / folder).rglob("*.py"))
    return sorted(path for path in files if not NOT_OURS & set(path.parts))


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def attributes(path: Path) -> Iterator[str]:
    """Every dotted name in a module, as ``datetime.now``."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def modules_that_use(pattern: str) -> set[str]:
    wanted = re.compile(pattern)
    return {name_of(path) for path in modules(*PRODUCT_FOLDERS) if any(wanted.search(dotted) for dotted in attributes(path))}


def test_only_the_database_module_commits():
    assert modules_that_use(r"(^|\.)commit$") <= {"engine/db/database.py"}


def test_only_the_clock_module_reads_the_clock():
    readers = modules_that_use(r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime))$")
    assert readers == {"engine/clock.py"}


def test_only_the_settings_module_reads_the_environment():
    assert modules_that_use(r"^os\.(environ|getenv|environb)") == {"engine/settings.py"}


def test_imports_keep_the_contracts():
    assert lint_imports(config_filename=str(PROJECT / "pyproject.toml"), no_logo=True) == EXIT_STATUS_SUCCESS, (
        "Run .venv/bin/lint-imports for the details."
    )


def test_every_part_of_the_engine_has_its_place_in_the_layers():
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    placed = {name.strip(" ()") for layer in contracts[0]["layers"] for name in layer.split("|")}
    parts = {f"engine.{path.stem}" for path in (PROJECT / "engine").glob("*.py")} | {
        f"engine.{path.parent.name}" for path in (PROJECT / "engine").glob("*/__init__.py")
    }
    assert parts - placed == {"engine.__init__"}


@pytest.mark.parametrize(("library", "room"), [("SpiffWorkflow", "engine/bpmn/"), ("quickjs", "engine/feel/")])
def test_a_library_is_known_to_one_room_only(library: str, room: str):
    users = [
        name_of(path)
        for path in modules(*PRODUCT_FOLDERS)
        if re.search(rf"^\s*(from|import) {library}\b", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert users
    assert [user for user in users if not user.startswith(room)] == []


def test_every_library_that_is_imported_is_declared():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.split(r"[\[<>=~ ]", entry)[0].lower().replace("_", "-") for entry in project["dependencies"]}
    distributions = packages_distributions()
    imported = {name.split(".")[0] for path in modules(*PRODUCT_FOLDERS) for name in imports_of(path)} - sys.stdlib_module_names
    missing = {
        name for name in imported - set(PRODUCT_FOLDERS) if declared.isdisjoint(found.lower() for found in distributions.get(name, ()))
    }
    optional = {re.split(r"[\[<>=~ ]", entry)[0] for extra in project["optional-dependencies"].values() for entry in extra}
    assert optional.issuperset(FROM_AN_EXTRA.values())
    assert missing - COMES_WITH_ANOTHER - FROM_AN_EXTRA.keys() == set()


def test_every_module_says_in_its_first_line_what_it_owns():
    silent = [name_of(path) for path in modules(*CODE_FOLDERS) if not ast.get_docstring(tree_of(path))]
    assert silent == []


def test_no_module_is_longer_than_a_person_reads_at_once():
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in modules(*CODE_FOLDERS)}
    assert {
        name: length for name, length in lengths.items() if length > LONGEST_MODULE and not name.startswith(WRITTEN_BY_COMPARISON)
    } == {}


def test_no_function_is_longer_than_a_screen():
    long = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in modules(*PRODUCT_FOLDERS, "benchmarks", "frontend")
        if not name_of(path).startswith(WRITTEN_BY_COMPARISON)
        for node in ast.walk(tree_of(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_every_test_is_named_by_a_sentence():
    names = [
        (name_of(path), node.name)
        for path in modules("tests")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert [(path, name) for path, name in names if len(name.split("_")) < 4] == []


@pytest.mark.parametrize("folder", TOP_FOLDERS)
def test_every_folder_has_a_readme_for_its_reader(folder: str):
    assert (PROJECT / folder / "README.md").is_file()


def test_every_room_of_the_engine_has_a_readme():
    rooms = [path.parent for path in (PROJECT / "engine").glob("*/__init__.py")]
    assert [name_of(room) for room in rooms if not (room / "README.md").is_file()] == []


# ---- the centre's files: what a diagram names exists -------------------------------------------------------------------------------


def diagrams() -> list[Path]:
    return sorted((PROJECT / "processes").rglob("*.bpmn"))


def values_in_diagrams(tag: str, attribute: str) -> list[tuple[str, str]]:
    """(file, value) of an attribute over all diagrams; ``tag`` "*" for any element."""
    found = []
    for path in diagrams():
        for element in ElementTree.parse(path).iter(tag):
            if element.get(attribute):
                found.append((path.name, element.attrib[attribute]))
    return found


def literal(value: str) -> bool:
    return not value.startswith(("=", "${", "#{"))


def test_there_are_diagrams_to_check():
    assert diagrams()


def test_every_form_that_a_diagram_asks_for_exists():
    wanted = values_in_diagrams("*", f"{CAMUNDA}formKey") + values_in_diagrams("*", f"{CAMUNDA}formRef")
    known = {json.loads(path.read_text("utf-8"))["id"] for path in (PROJECT / "forms").rglob("*.form")}
    assert [(file, key) for file, key in wanted if literal(key) and key not in known] == []


def test_every_candidate_group_in_a_diagram_exists():
    departments = {f"D{number:02}" for number in range(1, 22)}
    named = [
        (file, group.strip())
        for file, groups in values_in_diagrams("*", f"{CAMUNDA}candidateGroups")
        if literal(groups)
        for group in groups.split(",")
    ]
    leaders = {f"{department}_leader" for department in departments}
    assert [(file, group) for file, group in named if group not in departments | leaders | set(CANDIDATE_GROUPS)] == []


def test_every_operation_in_a_diagram_exists():
    assert [(file, topic) for file, topic in values_in_diagrams("*", f"{CAMUNDA}topic") if literal(topic) and topic not in OPERATIONS] == []


def test_every_called_process_and_decision_exists():
    processes = {key for _, key in values_in_diagrams(f"{BPMN}process", "id")}
    decisions = {
        element.attrib["id"]
        for path in (PROJECT / "processes").rglob("*.dmn")
        for element in ElementTree.parse(path).iter()
        if element.tag.endswith("}decision")
    }
    called = values_in_diagrams(f"{BPMN}callActivity", "calledElement")
    decided = values_in_diagrams("*", f"{CAMUNDA}decisionRef")
    assert [(file, key) for file, key in called if literal(key) and key not in processes] == []
    assert [(file, key) for file, key in decided if literal(key) and key not in decisions] == []


# ---- what is kept in git -----------------------------------------------------------------------------------------------------------


def test_the_lock_file_names_no_registry():
    packages = json.loads((PROJECT / "frontend" / "package-lock.json").read_text("utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_no_file_pins_an_index_host():
    assert not (PROJECT / "uv.lock").exists()
    settings = [PROJECT / "pyproject.toml", *PROJECT.glob("frontend/.npmrc"), *PROJECT.glob("*.cfg"), *PROJECT.glob("requirements*.txt")]
    assert [name_of(path) for path in settings if re.search(r"https?://", path.read_text("utf-8"))] == []
