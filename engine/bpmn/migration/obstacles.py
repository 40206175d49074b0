"""Why an instance cannot be moved, and what to do about it, in both languages. One table; computes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.findings import Language
from engine.errors import Conflict

#: code → (Chinese, its remedy, English, its remedy); ``{element}`` and ``{name}`` are where the token stands.
TEXTS: dict[str, tuple[str, str, str, str]] = {
    "removed": (
        "“{name}”（{element}）在新版本里没有了，这里还有办理中的工作。",
        "在方案里给它指定新版本的元素，或等它办完再迁移。",
        "“{name}” ({element}) is not in the new version, and work stands there.",
        "Choose an element of the new version for it, or migrate when it is done.",
    ),
    "retyped": (
        "“{name}”（{element}）在新版本里是{found}，做了一半的工作搬不过去。",
        "在方案里明确指定去向（这一步会重新开始），或等它办完再迁移。",
        "“{name}” ({element}) is a {found} in the new version; work half done cannot go there.",
        "Choose its target explicitly (the step then starts anew), or migrate when it is done.",
    ),
    "instances": (
        "“{name}”（{element}）的多实例方式变了，已有实例在办。",
        "等各实例办完再迁移，或在方案里明确指定去向（这一步会重新开始）。",
        "“{name}” ({element}) runs its instances in another way in the new version, and some are running.",
        "Migrate when they are done, or choose its target explicitly (the step then starts anew).",
    ),
    "scope": (
        "“{name}”（{element}）的去向“{found}”在另一层子流程里，不能直接搬进去。",
        "选择同一层的元素，或等它办完再迁移。",
        "The target “{found}” of “{name}” ({element}) is in another sub-process, where the token cannot simply be put.",
        "Choose an element of the same level, or migrate when it is done.",
    ),
    "join": (
        "在汇合“{name}”（{element}）等待的分支，在新版本里认不出从哪条线来。",
        "让汇合的进线保持原来的编号，或等汇合之后再迁移。",
        "The branch that waits at the join “{name}” ({element}) comes by no flow of the new version.",
        "Keep the ids of the flows into the join, or migrate after it has joined.",
    ),
    "starved": (
        "新版本的汇合“{name}”（{element}）要等一条谁也不会来的分支：{found}。",
        "等汇合之后再迁移，或在方案里把办理中的步骤指到分叉之前。",
        "The join “{name}” ({element}) of the new version would wait for a branch that nobody is in: {found}.",
        "Migrate after it has joined, or choose an element before the fork for the work that stands here.",
    ),
    "undo": (
        "“{name}”（{element}）已经办过、以后可能要补偿，新版本里却没有补偿它的活动。",
        "在方案里给它指定有补偿活动的元素，或明确放弃补偿（指定为“无”）。",
        "“{name}” ({element}) was done and may have to be undone, but the new version has no activity that undoes it.",
        "Choose an element that has one, or choose “nothing” to give up undoing it.",
    ),
    "evaluation": (
        "新版本的“{name}”（{element}）算不出来：{found}",
        "改正新版本里的表达式，或先补上它要用的变量。",
        "“{name}” ({element}) of the new version cannot be evaluated: {found}",
        "Mend the expression in the new version, or set the variable it needs first.",
    ),
    "arrival": (
        "有多条进线的汇合“{name}”（{element}）不能作为去向。",
        "选择汇合之前或之后的元素。",
        "The join “{name}” ({element}) has several incoming flows and cannot be a target.",
        "Choose an element before or behind it.",
    ),
    "missing": (
        "“{name}”（{element}）的定义找不到了：{found}",
        "先部署缺少的流程，再迁移。",
        "A definition that “{name}” ({element}) runs is missing: {found}",
        "Deploy the missing process first, then migrate.",
    ),
    "elsewhere": (
        "这个流程实例里没有原版本，可能已经迁移过。",
        "不用处理。",
        "The instance runs nothing of the old version; perhaps it was migrated already.",
        "Nothing is to be done.",
    ),
    "ended": ("流程实例已经结束。", "不用处理。", "The instance has ended.", "Nothing is to be done."),
    "suspended": (
        "流程实例被挂起。",
        "先恢复它，再迁移。",
        "The instance is suspended.",
        "Resume it first, then migrate.",
    ),
    "busy": (
        "迁移时另有操作正在改它。",
        "稍后对它再迁移一次。",
        "Something else was changing the instance at the same moment.",
        "Migrate it once more.",
    ),
    "fault": (
        "迁移它时程序出错：{found}",
        "把这段文字交给管理员。",
        "Moving it failed: {found}",
        "Give this text to the administrator.",
    ),
}


@dataclass(frozen=True)
class Obstacle:
    """One reason why an instance stays where it is."""

    code: str
    element_id: str = ""
    element_name: str = ""
    token: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        row = {"code": self.code, "element": self.element_id, "name": self.element_name, "token": self.token}
        return {**row, "facts": dict(self.facts)}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Obstacle:
        return cls(row["code"], row["element"], row["name"], row["token"], row["facts"])


class Obstacles(Conflict):
    """An instance cannot be moved as planned. Nothing was changed; ``obstacles`` says why and what to do."""

    def __init__(self, obstacles: Iterable[Obstacle]):
        self.obstacles = tuple(obstacles)
        first = obstacle_texts(self.obstacles[0], "en")
        super().__init__(f"Expected an instance that can be moved but: {' '.join(first)}")


def obstacle_texts(obstacle: Obstacle, language: Language) -> tuple[str, str]:
    """What stands in the way, and the remedy."""
    texts = TEXTS[obstacle.code]
    facts = {"found": "", **obstacle.facts, "element": obstacle.element_id, "name": obstacle.element_name or obstacle.element_id}
    message, remedy = texts[:2] if language == "zh" else texts[2:]
    return message.format_map(facts), remedy
