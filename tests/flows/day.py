"""A scripted day: a clock moved by hand, a worker for what falls due, and stories that take turns. Holds no story."""

from __future__ import annotations

import heapq
import re
import traceback
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from flask import Flask
from sqlalchemy import select

from engine.actors import SYSTEM
from engine.assembly import Engine
from engine.clock import MovableClock, as_local
from engine.commands import jobs
from engine.commands.case_import import CaseRecord, import_cases
from engine.commands.demo import DemoAccount
from engine.db.case_tables import Notice

from .pages import Page
from .people import Answers, Citizen, Clerk

#: A story gives back when it goes on: "11-24 09:30" of 2026, or with its year.
Story = Generator[str, None, None]
Teller = Callable[["CaseFile"], Story]


@dataclass
class CaseFile:
    """One case of the day with the people who meet over it."""

    day: Day
    id: str
    no: str = ""
    failure: str | None = None
    kept: dict[str, str] = field(default_factory=dict)
    story: Story = field(init=False)

    def clerk(self, group: str) -> Clerk:
        return self.day.clerk(group)

    @property
    def page(self) -> Page:
        """The case's page as the head of the window sees it; looked at once while nothing happens."""
        seen = self.day.app.extensions.setdefault("pages_seen", {})
        if self.no not in seen:
            seen[self.no] = self.day.clerk("window_head").case(self.no)
        return seen[self.no]

    @property
    def owner(self) -> Clerk:
        """The first-contact owner, as the page names them."""
        return self.day.named(self.fact("首接责任人"))

    @property
    def lead(self) -> Clerk:
        return self.day.liaison(self.fact("牵头部门"))

    @property
    def citizen(self) -> Citizen:
        """The applicant, with the link that was sent to them and to nobody else."""
        sent = select(Notice.body).where(Notice.case_no == self.no, Notice.audience == "applicant").order_by(Notice.id)
        with self.day.engine.database.reading() as session:
            found = re.search(r"/p/[\w-]+", session.scalars(sent).first() or "")
        assert found, f"Expected the first notice of {self.id} to carry a link."
        return Citizen(self.day.app, found[0])

    @property
    def status(self) -> str:
        return self.fact("状态")

    def fact(self, label: str) -> str:
        found = self.page.document.xpath("//aside//dt[normalize-space()=$label]/following-sibling::dd[1]", label=label)
        assert found, f"Expected the page of {self.id} to name {label}."
        return " ".join(found[0].text_content().split())

    def holders(self) -> list[tuple[str, str]]:
        """Open tasks: what, and who holds it."""
        rows = self.page.document.xpath("//section[@id='holders']//tbody/tr")
        return [tuple(" ".join(cell.text_content().split()) for cell in row.xpath("td")[1:3]) for row in rows]

    def does(self, group: str, task: str, answers: Answers) -> None:
        """Somebody of a group completes a task of this case: who holds it, if it has been given to one of them."""
        held = [holder for name, holder in self.holders() if name == task and holder in self.day.names]
        (self.day.named(held[0]) if held else self.clerk(group)).complete(self.no, task, answers)

    def departments(self, task: str) -> list[Clerk]:
        """Liaisons of the departments that hold a task of this name."""
        return [self.day.liaison(holder.split(" ·")[0]) for name, holder in self.holders() if name == task]

    def clock(self, title: str) -> list[Mapping[str, str]]:
        """The case's clocks of a kind, oldest first: limit, begun, due, stopped."""
        rows = self.page.document.xpath("//section[@id='clocks']//tbody/tr")
        cells = [[" ".join(cell.text_content().split()) for cell in row.xpath("td")] for row in rows]
        return [dict(zip(("state", "title", "limit", "begun", "due", "stopped"), row, strict=True)) for row in cells if row[1] == title]

    def cards(self) -> list[str]:
        return self.page.texts("//span[contains(@class,'tag-card-')]/parent::li")


class Day:
    """The centre on some days of the calendar: people, pages, worker, clock."""

    def __init__(self, engine: Engine, clock: MovableClock, app: Flask, accounts: Iterable[DemoAccount]):
        self.engine, self.moved, self.app = engine, clock, app
        self._accounts = {account.id: account for account in accounts}
        self.files: dict[str, CaseFile] = {}
        self.log: list[str] = []
        self._clerks: dict[str, Clerk] = {}
        self._turns: list[tuple[datetime, int, CaseRecord | CaseFile]] = []
        self._order = count()

    def clerk(self, group: str) -> Clerk:
        """The first demo account of a group, or the account of that id, logged in once."""
        account = next(found for found in self._accounts.values() if found.id == group or group in found.groups)
        if account.id not in self._clerks:
            self._clerks[account.id] = Clerk(self.app, account.id, account.password)
            self._clerks[account.id].log_in()
        return self._clerks[account.id]

    def password_of(self, account: str) -> str:
        return self._accounts[account].password

    @property
    def names(self) -> set[str]:
        """Everybody who works here."""
        return {account.name for account in self._accounts.values()}

    def named(self, name: str) -> Clerk:
        return self.clerk(next(account.id for account in self._accounts.values() if account.name == name))

    def liaison(self, department: str) -> Clerk:
        """Who signs for the department of this name."""
        return self.clerk(next(found.id for found in self._accounts.values() if found.title == f"{department}联络员"))

    def until(self, moment: datetime) -> None:
        """Let time pass: every job runs when it falls due, not later."""
        self.app.extensions["pages_seen"] = {}
        while (seconds := jobs.next_due(self.engine)) is not None:
            if self.moved.now().timestamp() + seconds > moment.timestamp():
                break
            self.moved.advance(seconds=seconds)
            jobs.run_due_jobs(self.engine, "worker")
        self.moved.move_to(moment)

    def play(self, records: Iterable[CaseRecord], stories: Mapping[str, Teller], end: str) -> None:
        """Let all cases arrive and all stories go on in the order of time; a story that breaks stops alone."""
        given = {record.id: record for record in records}
        for record in given.values():
            self._at(record.intake.received_at, record)
        for name in stories.keys() - given.keys():
            self._go_on(self.begin(name, stories[name]))
        while self._turns:
            moment, _, turn = heapq.heappop(self._turns)
            self.until(max(moment, self.moved.now()))
            if isinstance(turn, CaseRecord):
                (imported,) = import_cases(self.engine, SYSTEM, [turn])
                turn = self.begin(turn.id, stories[turn.id], imported.case_no)
            self._go_on(turn)
        self.until(moment_of(end))

    def begin(self, name: str, story: Teller, case_no: str = "") -> CaseFile:
        """Open a file and its story, which has done nothing yet."""
        file = self.files[name] = CaseFile(self, name, case_no)
        file.story = story(file)
        return file

    def _at(self, moment: datetime, turn: CaseRecord | CaseFile) -> None:
        heapq.heappush(self._turns, (moment, next(self._order), turn))

    def _go_on(self, file: CaseFile) -> None:
        try:
            self._at(moment_of(next(file.story)), file)
        except StopIteration:
            return
        except Exception:  # a story that breaks stops alone; its own tests fail
            file.failure = traceback.format_exc()


def moment_of(text: str) -> datetime:
    """ "11-24 09:30" of 2026, or a text with its year."""
    return as_local(text if text.count("-") == 2 else f"2026-{text}")
