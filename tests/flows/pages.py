"""A page as its reader finds it: words, links, and forms filled in through the controls that stand there. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import html

Element = html.HtmlElement


@dataclass
class Form:
    """A form on a page. Filling in what is not there, or choosing what is not offered, fails."""

    element: Element
    filled: set[str] = field(default_factory=set)

    @property
    def action(self) -> str:
        return str(self.element.get("action"))

    def fill(self, answers: Mapping[str, Any]) -> None:
        for name, value in answers.items():
            controls = [one for one in self._controls() if one.get("name") == name]
            assert controls, f"Expected a field {name} on the page but there are {sorted(self.names())}."
            _enter(controls, name, value)
            self.filled.add(name)

    def names(self) -> set[str]:
        return {str(one.get("name")) for one in self._controls()}

    def values(self) -> list[tuple[str, str]]:
        """What the browser would post."""
        return [pair for control in self._controls() for pair in _posted(control)]

    def _controls(self) -> Iterator[Element]:
        for control in self.element.iter("input", "select", "textarea"):
            if control.get("name") and control.get("disabled") is None and not control.xpath("ancestor::fieldset[@disabled]"):
                yield control


class Page:
    """What a browser was answered."""

    def __init__(self, response: Any):
        self.status = response.status_code
        self.location = response.headers.get("Location", "")
        self.source = response.get_data(as_text=True)
        self.document = html.fromstring(self.source) if self.source.strip() else html.fromstring("<p></p>")

    def texts(self, path: str) -> list[str]:
        """The words of every element at an XPath, with single spaces."""
        return [" ".join(found.text_content().split()) for found in self.document.xpath(path)]

    def text(self, path: str) -> str:
        return " ".join(self.texts(path))

    def form(self, path: str) -> Form:
        found = self.document.xpath(path)
        assert found, f"Expected a form at {path} but the page says: {self.said()}"
        return Form(found[0])

    def said(self) -> str:
        """What the page tells its reader, short: headings and notices."""
        return " | ".join(self.texts("//h1|//*[contains(@class,'notice')]|//*[@class='error']"))[:600]


def _enter(controls: list[Element], name: str, value: Any) -> None:
    control = controls[0]
    if control.tag == "select":
        _choose(control, name, value)
    elif control.tag == "textarea":
        control.text = _fitting(control, name, str(value))
    elif control.get("type") in ("radio", "checkbox"):
        _tick(controls, name, value)
    else:
        control.set("value", _fitting(control, name, str(value)))


def _choose(control: Element, name: str, value: Any) -> None:
    offered = [option.get("value") for option in control.iter("option")]
    assert str(value) in offered, f"Expected {name} to offer {value!r} but it offers {offered}."
    for option in control.iter("option"):
        option.attrib.pop("selected", None)
        if option.get("value") == str(value):
            option.set("selected", "")


def _tick(controls: list[Element], name: str, value: Any) -> None:
    wanted = (
        {"true"} if value is True else set() if value is False else {str(one) for one in (value if isinstance(value, list) else [value])}
    )
    offered = {one.get("value") for one in controls}
    assert wanted <= offered, f"Expected {name} to offer {wanted} but it offers {offered}."
    for one in controls:
        one.attrib.pop("checked", None)
        if one.get("value") in wanted:
            one.set("checked", "")


def _fitting(control: Element, name: str, value: str) -> str:
    longest = control.get("maxlength")
    assert longest is None or len(value) <= int(longest), f"Expected at most {longest} characters in {name} but got {len(value)}."
    return value


def _posted(control: Element) -> Iterator[tuple[str, str]]:
    name, kind = str(control.get("name")), control.get("type")
    if control.tag == "textarea":
        yield name, (control.text or "").removeprefix("\n")
    elif control.tag == "select":
        chosen = [option for option in control.iter("option") if option.get("selected") is not None]
        yield name, str((chosen or list(control.iter("option")))[0].get("value"))
    elif kind not in ("radio", "checkbox"):
        yield name, control.get("value") or ""
    elif control.get("checked") is not None:
        yield name, str(control.get("value"))
