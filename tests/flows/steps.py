"""What stories have in common: departments sign and answer, the reply goes out, the citizen confirms and rates."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from . import answers
from .answers import Answers
from .day import CaseFile, Story


def sign_all(case: CaseFile, silent: Collection[str] = ()) -> None:
    """Every department signs in, but for those that keep silent (by account)."""
    for liaison in case.departments("签收"):
        if liaison.account not in silent:
            liaison.complete(case.no, "签收", answers.signed())


def all_give_opinions(case: CaseFile, objecting: Mapping[str, Answers] | None = None, silent: Collection[str] = ()) -> None:
    """Every department that has signed gives its opinion; they agree unless they object."""
    for liaison in case.departments("提出办理意见"):
        if liaison.account not in silent:
            liaison.complete(case.no, "提出办理意见", (objecting or {}).get(liaison.account, answers.agrees()))


def departments_agree(case: CaseFile, signed_at: str, opinions_at: str, concluded_at: str, what: str) -> Story:
    """1+N without trouble."""
    yield signed_at
    sign_all(case)
    yield opinions_at
    all_give_opinions(case)
    yield concluded_at
    case.lead.complete(case.no, "牵头部门汇总结论", answers.concludes(what))


def answer(case: CaseFile, drafted_at: str, answered_at: str, what: str, result: str = "协调解决") -> Story:
    """The lead drafts, the first-contact owner answers."""
    yield drafted_at
    level = case.fact("等级")
    author = case.owner if level == "简单" else case.lead
    author.complete(case.no, "起草答复", answers.replies(what, result))
    yield answered_at
    case.owner.complete(case.no, "首接责任人答复", answers.answered("2026-" + answered_at.replace(" ", "T")))
    case.kept["answered"] = case.status


def confirm_and_rate(case: CaseFile, confirmed_at: str, rated_at: str, level: int, confirmation: str = "已解决") -> Story:
    yield confirmed_at
    case.citizen.confirm(confirmation)
    yield rated_at
    case.citizen.rate(level)
