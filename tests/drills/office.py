"""The centre on a working day: a running site, its people in their browsers, cases at several stages. Changes no procedure itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import orjson
from playwright.sync_api import Browser, BrowserContext, Page

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.clock import LOCAL_ZONE, MovableClock, local
from engine.commands import case_import, jobs, messages, user_tasks
from engine.queries import cases, change_sets, instances, operate, versions
from engine.queries.accounts import account, actor_of
from engine.queries.cases import CasePage
from engine.queries.inbox import InboxItem, InboxQuery, inbox
from engine.queries.operate import InstanceView
from tests.browser.conftest import DESKTOP, PASSWORD

#: What a mouse or a choice in a list costs a person; counted in the page, so that nothing here has to be counted by hand.
COUNT_CLICKS = """
addEventListener('pointerdown', (event) => event.isTrusted && window.countClick(), true);
addEventListener('change', (event) => event.target.tagName === 'SELECT' && window.countClick(), true);
"""
#: Sees the cases of every window of the district.
OVERSEER = "coordinator"


@dataclass
class Office:
    """Everything a drill needs. ``on(account)`` is that person's browser."""

    address: str
    engine: Engine
    clock: MovableClock
    chromium: Browser
    clicks: int = 0
    problems: list[str] = field(default_factory=list)
    _pages: dict[str, Page] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def on(self, name: str, path: str = "") -> Page:
        """The browser of this account, logged in, at an address of the site."""
        if name not in self._pages:
            self._pages[name] = self._profile().new_page()
            self._pages[name].on("pageerror", lambda error: self.problems.append(str(error)))
        page = self._pages[name]
        page.goto(self.address + path)
        if page.locator("#login").count():
            page.fill("#login", name)
            page.fill("#password", PASSWORD)
            page.get_by_role("button", name="登录").click()
            page.locator("main h1").wait_for()
            page.goto(self.address + path)
        return page

    def at(self, name: str, path: str) -> Page:
        """As ``on``, but a page that stands open there is not asked for again."""
        page = self._pages.get(name)
        return page if page and page.url == self.address + path else self.on(name, path)

    def actor(self, name: str) -> Actor:
        found = actor_of(self.engine, name, account(self.engine, name).session_stamp)
        assert found is not None, f"Expected {name} to have an account."
        return found

    # --- cases ------------------------------------------------------------------------------------------------------------------------

    def case(self, kind: str, **facts: Any) -> str:
        """A new case, at work as far as it goes by itself; gives its number."""
        number = f"D{next(self._numbers)}"
        received = local(self.clock.now()).strftime("%Y-%m-%dT%H:%M")
        record = {**CASES[kind], **facts, "id": number, "received": received}
        records = case_import.read_cases(orjson.dumps([record]), "cases.json")
        (imported,) = case_import.import_cases(self.engine, SYSTEM, records)
        self.work()
        return imported.case_no

    def do(self, case_no: str, element: str, answers: Mapping[str, Any], as_: str | None = None) -> None:
        """Somebody completes a task of the case."""
        task = next(one for one in self.tasks(case_no) if one.element_id == element)
        user_tasks.complete_task(self.engine, self.actor(as_ or task.assignee or holder(task.candidate_groups[0])), task.task_id, answers)
        self.work()

    def page_of(self, case_no: str) -> CasePage:
        return cases.case_page(self.engine, self.actor(OVERSEER), case_no)

    def tasks(self, case_no: str) -> tuple[InboxItem, ...]:
        """Who holds the case now."""
        return tuple(self.page_of(case_no).holders)

    def confirm(self, case_no: str) -> None:
        """The citizen says that it is solved."""
        messages.correlate_message(self.engine, SYSTEM, "case_confirmed", case_no, {"confirmation": "已解决"})
        self.work()

    def stands(self, case_no: str) -> list[str]:
        return sorted(one.element_id for one in self.tasks(case_no))

    def finish_by(self, case_no: str) -> str:
        return written(self.page_of(case_no).summary.finish_by)

    def notices(self, case_no: str) -> list[str]:
        """Templates of what was sent about the case."""
        return [one.template for one in self.page_of(case_no).notices]

    def letter(self, case_no: str, template: str) -> str:
        """What a notice about the case said."""
        return next(one.body for one in self.page_of(case_no).notices if one.template == template)

    def releases(self) -> list[int]:
        return [one.id for one in versions.releases(self.engine)]

    def inbox(self, name: str) -> dict[str, str]:
        """What is in somebody's inbox: case number → the element."""
        page = inbox(self.engine, self.actor(name), InboxQuery(limit=100))
        return {one.case_no: one.element_id for one in page.items}

    # --- instances --------------------------------------------------------------------------------------------------------------------

    def instance(self, case_no: str) -> InstanceView:
        (found,) = [one for one in instances.instances_of_case(self.engine, self.actor("admin"), case_no) if not one.ended_at][:1]
        return operate.instance(self.engine, self.actor("admin"), found.id)

    def timer(self, case_no: str, element: str) -> str:
        """The day on which a timer of the case goes off: 11-30."""
        due = [token.due_at for scope in self.instance(case_no).scopes for token in scope.tokens if token.element_id == element]
        return written(due[0])[:5]

    def versions_in(self, case_no: str) -> dict[str, int]:
        """The version of every process that is at work in the case."""
        return {one.key: one.version for one in self.instance(case_no).diagrams if one.active}

    def newest(self, kind: str, key: str) -> versions.VersionView:
        return versions.versions_of(self.engine, kind, key)[0]

    def deployed(self, file: str) -> bytes:
        """What is in force of a file."""
        found = next(one for one in change_sets.deployed_files(self.engine) if one.file == file)
        return versions.content(self.engine, found.definition_id)

    # --- time -------------------------------------------------------------------------------------------------------------------------

    def work(self) -> None:
        """What the worker does when it is let."""
        while jobs.run_due_jobs(self.engine, "worker"):
            pass

    def wait_until(self, text: str) -> None:
        """Let time pass; everything happens when it falls due."""
        moment = datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)
        while (seconds := jobs.next_due(self.engine)) is not None:
            if self.clock.now().timestamp() + seconds > moment.timestamp():
                break
            self.clock.advance(seconds=seconds)
            self.work()
        self.clock.move_to(moment)

    def _profile(self) -> BrowserContext:
        context = self.chromium.new_context(viewport=DESKTOP, locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True)
        context.set_default_timeout(60_000)
        context.expose_binding("countClick", lambda _source: self._count())
        context.add_init_script(COUNT_CLICKS)
        return context

    def _count(self) -> None:
        self.clicks += 1


def written(moment: datetime | None) -> str:
    """As a person reads it: 12-02 17:00."""
    return local(moment).strftime("%m-%d %H:%M") if moment else "—"


def holder(group: str) -> str:
    """Whom a task of a group falls to: a post's first account, a department's liaison."""
    return HOLDERS.get(group, group.lower())


#: Whom a task of a group falls to.
HOLDERS = {
    "window": "window-a", "window_head": "window-head", "coordinator": "coordinator", "leading_group_office": "lg-office",
    "leading_group": "lg-leader", "rectifier": "rectifier", "complaint_officer": "complaint",
}  # fmt: skip

#: Cases as they come: one that is simple, one that needs several departments, one on the negative list.
CASES: Mapping[str, Mapping[str, Any]] = {
    "simple": {
        "channel": "现场", "party": "企业", "name": "示例·建设公司", "matter": "M06", "text": "施工许可只差监理合同备案证明,能不能先收件?",
        "triage_input": {"原因": "材料不齐全"}, "grade_input": {"原因": "材料不齐全"},
    },
    "complex": {
        "channel": "现场", "party": "自然人", "name": "示例·陈女士", "matter": "M17", "text": "开个小餐馆要三家部门,实际还是跑几个窗口。",
        "triage_input": {"涉及部门数": 3, "原因": "部门不协调"}, "grade_input": {"涉及部门数": 3},
    },
    "major": {
        "channel": "现场", "party": "自然人", "name": "示例·温先生", "matter": "M04", "text": "加装电梯多年未决,楼里老人多。",
        "triage_input": {"涉及部门数": 5, "原因": "部门不协调"}, "grade_input": {"涉及部门数": 5, "群体性或安全舆情": True},
    },
    "refused": {
        "channel": "现场", "party": "自然人", "name": "示例·罗先生", "matter": "M22", "text": "孩子户口挂在祖父母家,要求安排对口小学。",
        "triage_input": {"负面清单": "N01", "有政策空间": False},
    },
}  # fmt: skip

SOLVED = {"contact_log": "当面商定先收件。", "coordination_outcome": "已解决", "conclusion": "住建窗口已收件。"}
REFUSAL = {
    "refusal": {
        "negative_code": "N01",
        "basis": "《广东省政务服务办法》第二十条",
        "explanation": "户口不随父母,由教育局统筹安排学位。",
        "remedy": "可以申请统筹安排学位。",
    }
}
REPLY = {"reply": {"result": "直接解决", "done": "当天会商,按容缺受理收件。", "text": "您的申请已经受理,请在五个工作日内补交备案证明。"}}
