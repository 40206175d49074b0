"""Whether a drafted reply may go to the citizen: finds empty, copied and evasive replies. Judges no content."""

from __future__ import annotations

import re

from sqlalchemy import select

from engine.db.case_tables import SubOrder
from engine.services.context import OperationContext
from engine.services.identity import mask_text

MIN_LENGTH = 10

#: Phrases that close a case without solving or explaining anything (建设方案 1.4, 2.4).
EVASIONS = (
    "加强教育", "加强学习", "加强管理", "高度重视", "已转相关部门", "已转办", "请自行咨询", "自行咨询相关部门", "走法律途径",
    "正在处理", "尽快处理",
)  # fmt: skip

#: With at least this much said beside it, an evasive phrase does no harm.
_SUBSTANCE = 20


def problems(context: OperationContext, text: str) -> list[str]:
    """What is wrong with a reply, in words for its author; nothing when it may go out."""
    words = _bare(text)
    if not words:
        return ["答复内容为空,请写明办理结果、依据和下一步。"]
    found = []
    if len(words) < MIN_LENGTH:
        found.append(f"答复不足{MIN_LENGTH}个字,请写明办理结果、依据和下一步。")
    if phrases := _evasions(words):
        found.append(f"答复只有“{'”“'.join(phrases)}”一类套话,请写明具体做了什么、结果如何。")
    found.extend(_copies(context, words))
    return found


def _evasions(words: str) -> list[str]:
    phrases = [phrase for phrase in EVASIONS if phrase in words]
    rest = words
    for phrase in phrases:
        rest = rest.replace(phrase, "")
    return phrases if len(rest) < _SUBSTANCE else []


def _copies(context: OperationContext, words: str) -> list[str]:
    case = context.case()
    if words == _bare(case.text):
        return ["答复与诉求内容完全相同,请写明办理结果。"]
    half = len(words) // 2
    if half >= MIN_LENGTH and words[:half] == words[half : 2 * half] and len(words) % 2 == 0:
        return ["答复内容重复,请删去重复的部分。"]
    elsewhere = select(SubOrder.reply).where(SubOrder.case_no == case.no, SubOrder.opinion.in_(("不同意", "需补充")))
    if any(words == _bare(reply or "") for reply in context.session.scalars(elsewhere)):
        return ["答复照抄了部门的不同意见,请写明最终结果和依据。"]
    return []


def _bare(text: str) -> str:
    """Only letters, digits and characters: layout and punctuation make no difference."""
    return re.sub(r"[\W_]+", "", mask_text(text))
