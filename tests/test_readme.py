"""Documentation under test: every command, variable, folder and file that the documents name exists."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from engine.cli import main
from tests.conftest import PROJECT

READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = sorted(
    path
    for path in [*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md"), *PROJECT.glob("*/README.md"), *PROJECT.glob("engine/*/README.md")]
    if "node_modules" not in path.parts
)


def text_of(name: str | Path) -> str:
    return (PROJECT / name).read_text("utf-8")


def variables_of_the_settings() -> set[str]:
    return set(re.findall(r'"(DOUDI_[A-Z_]+)"', text_of("engine/settings.py")))


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_starts_with_the_two_commands(readme: str):
    first_block = re.search(r"```[a-z]*\n(.*?)```", text_of(readme), re.DOTALL)
    assert first_block is not None
    assert re.findall(r"^\./dev \w+", first_block[1], re.MULTILINE) == ["./dev run", "./dev test"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_command_in_a_document_exists(document: Path):
    dev_commands = runpy.run_path(str(PROJECT / "dev"))["COMMANDS"]
    text = text_of(document)
    assert set(re.findall(r"\./dev ([a-z]+)", text)) <= set(dev_commands)
    assert set(re.findall(r"(?:^|`|\s/\S+/)doudi ([a-z][a-z-]+)", text, re.MULTILINE)) <= set(main.commands)


def options_of(command: click.Command) -> Iterator[str]:
    """The options of a command and of those below it."""
    yield from (option for parameter in command.params for option in parameter.opts)
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        yield from options_of(below)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_option_of_a_command_line_in_a_document_exists(document: Path):
    for name, rest in re.findall(r"(?:^|`|\s/\S+/)doudi ([a-z][a-z-]+)([^`\n]*)", text_of(document), re.MULTILINE):
        known = set(options_of(main.commands[name])) | {"--help"}
        assert set(re.findall(r"(?<!\S)--[a-z-]+", rest)) <= known, f"doudi {name}{rest}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_link_to_a_file_leads_somewhere(document: Path):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text_of(document))
    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_lists_exactly_the_variables_that_are_read(readme: str):
    assert set(re.findall(r"DOUDI_[A-Z_]+", text_of(readme))) == variables_of_the_settings()


@pytest.mark.parametrize("readme", READMES)
def test_every_folder_on_the_map_exists(readme: str):
    folders = re.findall(r"^\| `([a-z_./-]+/)`", text_of(readme), re.MULTILINE)
    assert folders, "Expected a table of folders."
    assert [folder for folder in folders if not (PROJECT / folder).is_dir()] == []


def test_both_readmes_show_the_same_commands():
    commands = [re.findall(r"^(?:\./dev|doudi|pip) [^#\n]*", text_of(readme), re.MULTILINE) for readme in READMES]
    english, chinese = [[line.strip() for line in lines] for lines in commands]
    assert english == chinese


def test_the_readme_lists_every_command_of_the_installed_program():
    named = set(re.findall(r"doudi ([a-z][a-z-]+)", text_of("README.md")))
    assert named == set(main.commands)
