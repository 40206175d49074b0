"""The sample cases of the domain run along their whole stories, to every notice, lamp, due time and end state."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from engine.commands.deployments import read_folders
from engine.feel import Feel
from engine.settings import read_settings
from engine.trials.centre import Template
from engine.trials.centre import template as make_template
from tests.conftest import PROJECT
from tests.stories.telling import STORIES, endings, told

#: The cases of the domain, as tests/data/cases.json has them.
EXPECTED = {case["id"]: case for case in json.loads((PROJECT / "tests" / "data" / "cases.json").read_text("utf-8"))}


@pytest.fixture(scope="module")
def prepared() -> Iterator[Template]:
    read = read_folders(PROJECT / "processes", PROJECT / "forms")
    files = {name: content for name, content in read.items() if not name.endswith(".toml")}
    with make_template(read_settings({}), Feel(), files) as made:
        yield made


def test_every_sample_case_has_its_story() -> None:
    assert set(STORIES) == set(EXPECTED)
    assert set(endings()) == set(EXPECTED)


@pytest.mark.parametrize("story", sorted(STORIES))
def test_a_story_comes_to_its_end_with_every_notice_lamp_and_due_time(prepared: Template, story: str) -> None:
    unmet, found = told(prepared, story)
    assert unmet == []
    assert found == endings()[story]
