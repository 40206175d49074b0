"""Who works on a scripted day: clerks with a browser of their own, and citizens with the link they were sent. Knows no process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from .pages import Form, Page

Answers = Mapping[str, Any]


class Browser:
    """One person's browser: cookies, and the page looked at last."""

    def __init__(self, app: Flask):
        self.app, self._client = app, app.test_client()

    def open(self, address: str) -> Page:
        return Page(self._client.get(address))

    def post(self, address: str, values: Any, referrer: str = "") -> Page:
        self.app.extensions["pages_seen"] = {}  # what was looked at before may have changed
        return Page(self._client.post(address, data=_fields(values), headers={"Referer": f"http://localhost{referrer}"}))

    def submit(self, form: Form, referrer: str = "") -> Page:
        return self.post(form.action, form.values(), referrer)

    def forget(self) -> None:
        """Lose every cookie, as after a long weekend."""
        self._client = self.app.test_client()


class Clerk(Browser):
    """Somebody with an account, who sees only what the pages show."""

    def __init__(self, app: Flask, account: str, password: str):
        super().__init__(app)
        self.account, self._password = account, password

    def log_in(self, target: str = "/") -> Page:
        form = self.open(f"/login?next={target}").form("//form[@action='/login']")
        form.fill({"login": self.account, "password": self._password})
        page = self.submit(form)
        assert page.status == 303, page.said()
        return page

    def tasks(self, case_no: str, name: str | None = None) -> list[str]:
        """Addresses of the case's tasks in this person's inbox, by the name of the task if one is given."""
        page = self.open(f"/?q={case_no}")
        assert page.status == 200, f"{self.account}: {page.status} {page.said()}"
        links = page.document.xpath("//a[@class='row-link']")
        return [str(link.get("href")) for link in links if name is None or link.text_content().strip() == name]

    def task(self, case_no: str, name: str) -> str:
        """The address of the case's task of this name."""
        found = self.tasks(case_no, name)
        assert found, f"Expected {name} of {case_no} in the inbox of {self.account} but it is not there."
        return found[0]

    def claim(self, address: str) -> Page:
        """Open a task; take it when it waits for somebody."""
        page = self.open(address)
        if page.document.xpath("//form[contains(@action,'/claim')]"):
            assert self.submit(page.form("//form[contains(@action,'/claim')]")).status == 303
            page = self.open(address)
        return page

    def complete(self, case_no: str, name: str, answers: Answers) -> Page:
        """Find the task in the inbox, take it there, fill in its page and send it."""
        page = self.open(self._taken(case_no, name))
        form = page.form("//form[@id='task-form']")
        form.fill(answers)
        self._require_visible(form)
        sent = self.submit(form)
        assert sent.status == 303, f"{name} of {case_no} by {self.account}: {sent.status} {sent.said()}"
        return sent

    def act(self, case_no: str, action: str, answers: Answers) -> Page:
        """Fill in the form of an action on the case's page and send it."""
        form = self.open(f"/cases/{case_no}/actions/{action}").form("//form[@id='action-form']")
        form.fill(answers)
        self._require_visible(form)
        sent = self.submit(form)
        assert sent.status == 303, f"{action} on {case_no} by {self.account}: {sent.status} {sent.said()}"
        return sent

    def _taken(self, case_no: str, name: str) -> str:
        """The address of a task that is this person's now."""
        inbox = self.open(f"/?q={case_no}")
        rows = inbox.document.xpath("//tr[.//a[@class='row-link'][normalize-space()=$name]]", name=name)
        assert rows, f"Expected {name} of {case_no} in the inbox of {self.account} but it is not there."
        for claim in rows[0].xpath(".//form[contains(@action,'/claim')]"):
            assert self.submit(Form(claim)).status == 303
        return str(rows[0].xpath(".//a[@class='row-link']/@href")[0])

    def register(self, answers: Answers) -> str:
        """Register a case at the counter; gives its number."""
        form = self.open("/cases/new").form("//form[@id='file-form']")
        form.fill(answers)
        self._require_visible(form)
        sent = self.submit(form)
        assert sent.status == 303, sent.said()
        return sent.location.split("?")[0].rsplit("/", 1)[-1]

    def case(self, case_no: str) -> Page:
        page = self.open(f"/cases/{case_no}")
        assert page.status == 200, page.said()
        return page

    def _require_visible(self, form: Form) -> None:
        """Nobody can fill in a field that the page hides once the answers are given."""
        address = form.element.get("data-conditions")
        if not address or form.element.get("data-watched") in (None, "[]"):
            return
        hidden = set(self._client.post(address, data=_fields(form.values())).get_json()["hidden"])
        assert not hidden & form.filled, f"Expected {form.filled} to be shown but {hidden & form.filled} are hidden."


class Citizen(Browser):
    """The applicant of one case, behind the link of the notice."""

    def __init__(self, app: Flask, link: str):
        super().__init__(app)
        self.link = urlsplit(link).path

    def look(self) -> Page:
        return self.open(self.link)

    def confirm(self, answer: str, **more: str) -> None:
        """Say whether it is solved, by the button of that word."""
        form = self.look().form("//form[contains(@action,'/confirm')]")
        form.fill(more)
        assert form.element.xpath(".//button[@name='confirmation'][@value=$answer]", answer=answer), f"no button {answer}"
        sent = self.post(form.action, [*form.values(), ("confirmation", answer)])
        assert sent.status == 303, sent.said()

    def rate(self, level: int, **more: Any) -> None:
        form = self.look().form("//form[contains(@action,'/rate')]")
        form.fill({"rating.level": level, **{f"rating.{key}": value for key, value in more.items()}})
        sent = self.submit(form)
        assert sent.status == 303, sent.said()


def _fields(values: Any) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in values.items() if isinstance(values, Mapping) else values:
        fields.setdefault(name, []).append(value)
    return fields
