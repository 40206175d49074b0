"""Deployments carried from one installation to another, byte for byte."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from engine.archives import packed, unpacked
from engine.assembly import Engine
from engine.commands.deployments import import_archive
from engine.errors import InvalidDefinition, InvalidInput, NotAllowed
from engine.queries import versions
from tests.commands.conftest import ADMIN, CLERK, START_END, deploy, diagram, user_task

ONE = diagram("p", START_END + user_task("a"), "s>a a>e")
TWO = diagram("p", START_END + user_task("b"), "s>b b>e")


def test_an_archive_comes_back_with_the_same_hashes_as_approved_or_waiting(engine: Engine) -> None:
    number = deploy(engine, ONE).id
    assert number is not None
    taken = versions.archive(engine, number)
    assert taken == versions.archive(engine, number)
    deploy(engine, TWO)
    again = import_archive(engine, ADMIN, taken)
    assert [one.version for one in again.unchanged] == [1] and again.is_waiting and again.id is not None
    assert versions.release(engine, again.id).state == "approved"
    careful = replace(engine, settings=replace(engine.settings, four_eyes=True))
    other = packed("from elsewhere", "why", {"processes/p.bpmn": diagram("p", START_END + user_task("c"), "s>c c>e")})
    result = import_archive(careful, ADMIN, other)
    assert result.is_waiting and result.id is not None
    release = versions.release(careful, result.id)
    assert (release.name, release.reason, release.state) == ("from elsewhere", "why", "checked")


@pytest.mark.parametrize(
    "content",
    [b"", b"no zip", packed("x", "", {})[:40], b"PK\x05\x06" + bytes(18)],
    ids=["empty", "text", "cut", "nothing inside"],
)
def test_what_is_no_archive_is_refused(engine: Engine, content: bytes) -> None:
    with pytest.raises(InvalidInput):
        import_archive(engine, ADMIN, content)


def test_a_file_that_was_exchanged_is_refused(engine: Engine) -> None:
    source = io.BytesIO(packed("x", "", {"processes/p.bpmn": ONE}))
    target = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        new.writestr("deployment.json", old.read("deployment.json"))
        new.writestr("processes/p.bpmn", TWO)
    with pytest.raises(InvalidInput, match="its content is another"):
        unpacked(target.getvalue())


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deployment.json", b"0" * 30_000_000)
    with pytest.raises(InvalidInput, match="at most"):
        unpacked(target.getvalue())


def test_an_archive_with_faulty_files_changes_nothing(engine: Engine) -> None:
    with pytest.raises(InvalidDefinition):
        import_archive(engine, ADMIN, packed("x", "", {"processes/p.bpmn": b"<no/>"}))
    assert all(release.name != "x" for release in versions.releases(engine))


def test_a_clerk_imports_nothing(engine: Engine) -> None:
    with pytest.raises(NotAllowed):
        import_archive(engine, CLERK, packed("x", "", {}))
