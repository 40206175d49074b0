"""Link events: flows that nobody drew, within one level, across lanes."""

from __future__ import annotations

from tests.bpmn.conftest import Begin
from tests.bpmn.diagrams import catch, chain, element, end, file_of, flow, inclusive, link, process, start, sub, throw, user, xor


def test_a_throwing_link_goes_on_at_the_catching_link_of_its_name(begin: Begin):
    parts = [start(), throw("out", link("到下一页")), catch("in", link("到下一页")), user("t"), end()]
    run = begin(file_of(process(*parts, chain("start", "out"), chain("in", "t", "end"))), x=1)
    assert run.data_at("t") == {"x": 1}
    assert [name for name, _ in run.path()] == ["start", "out", "in"]
    run.complete("t")
    assert run.completed


def test_several_links_may_lead_to_one_place_also_across_lanes(begin: Begin):
    lanes = element(
        "laneSet",
        "ls",
        element("lane", "l1", "<bpmn:flowNodeRef>out1</bpmn:flowNodeRef>", name="窗口"),
        element("lane", "l2", "<bpmn:flowNodeRef>in</bpmn:flowNodeRef><bpmn:flowNodeRef>t</bpmn:flowNodeRef>", name="科室"),
    )
    links = [throw("out1", link("x")), throw("out2", link("x")), catch("in", link("x"))]
    parts = [lanes, start(), xor("g", default="f2"), *links, user("t"), end()]
    flows = [chain("start", "g"), flow("g", "out1", "first"), flow("g", "out2", id="f2"), chain("in", "t", "end")]
    source = file_of(process(*parts, *flows))
    assert [name for name, _ in begin(source, first=True).path()] == ["start", "g", "out1", "in"]
    run = begin(source, first=False)
    assert [name for name, _ in run.path()] == ["start", "g", "out2", "in"]
    assert next(iter(run.waits.user_tasks.values())).lane == "科室"


def test_a_link_may_close_a_loop(begin: Begin):
    parts = [start(), catch("in", link("again")), xor("merge"), user("a"), xor("g", default="f"), throw("out", link("again")), end()]
    flows = [chain("start", "merge", "a", "g"), chain("in", "merge"), flow("g", "end", "done"), flow("g", "out", id="f")]
    run = begin(file_of(process(*parts, *flows)), done=False)
    for _ in range(20):
        run.complete("a")
    assert max(run.sizes) - min(run.sizes) < 20
    run.complete("a", done=True)
    assert run.completed


def test_an_inclusive_join_waits_for_a_token_that_comes_through_a_link(begin: Begin):
    links = [throw("out", link("x")), catch("in", link("x"))]
    parts = [start(), inclusive("fork"), user("a"), user("b"), *links, inclusive("join"), user("t")]
    flows = [chain("start", "fork"), flow("fork", "a", "true"), flow("fork", "b", "true"), chain("a", "out"), chain("in", "join")]
    run = begin(file_of(process(*parts, end(), *flows, chain("b", "join", "t", "end"))))
    run.complete("b")
    assert run.tasks == ["a"]
    run.complete("a")
    assert run.tasks == ["t"]


def test_the_same_name_may_be_used_at_another_level(begin: Begin):
    pair = [throw("o2", link("x")), catch("i2", link("x"))]
    inner = sub("s", start("ss"), *pair, user("a"), end("se"), chain("ss", "o2"), chain("i2", "a", "se"))
    parts = [throw("o1", link("x")), catch("i1", link("x")), start(), inner, end(), chain("start", "o1"), chain("i1", "s", "end")]
    run = begin(file_of(process(*parts)))
    assert run.tasks == ["a"]
    run.complete("a")
    assert run.completed
