"""What comes in on which day: more after holidays and on Mondays, a little more every month, some of it at night. Opens nothing itself."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from engine.clock import LOCAL_ZONE
from engine.services.working_time import WorkCalendar

#: (Monday … Sunday) how busy a working day is.
WEEKDAYS = (1.3, 1.1, 1.0, 0.95, 0.85, 0.7, 0.7)
#: The first working day after a holiday of three days or more.
AFTER_HOLIDAYS = 1.5
#: How much busier the last day of a quarter of a year is than its first: the window becomes known.
GROWTH = 0.35
#: Share of arrivals that come in by themselves (portal, hotline) and not at the counter; of those, by night.
ONLINE, AT_NIGHT = 0.4, 0.25

COUNTER_HOURS = ((time(9), time(11, 50)), (time(13), time(16, 50)))

#: What people say, by the matter it is about.
WORDS = {
    "M01": "开公司要办执照、刻章、税务、社保,两个窗口让我交两遍材料,还互相等对方先办。",
    "M04": "老旧小区加装电梯,几个部门来回说要先办对方的,协调两次还没有结果。",
    "M05": "在外省交的养老保险转不过来,系统说信息对不上,没人说得清差哪一项。",
    "M06": "施工许可其他材料都齐了,只差监理合同备案证明,能不能先收件?",
    "M12": "办低保要无房产证明,两个单位互相推,不知道去哪里开。",
    "M13": "办无犯罪记录证明系统老是报错,跑了两趟都没有办成。",
    "M14": "继承老屋要亲属关系证明,派出所不开,居委也不开,原单位早就没了。",
    "M15": "入住多年办不了不动产证,开发商已经注销,不知道找谁。",
    "M17": "开个小餐馆要跑五个部门,说是一件事,实际还是跑五个窗口。",
    "M21": "夫妻投靠落户,要求开爱人的无房证明,可是办事指南里没有这一条。",
    "M25": "灵活就业社保补贴申请被退回,说材料不对,又没有写差什么。",
    "": "跑了几趟都没有办成,窗口之间互相推,希望有人能牵头把事情办下来。",
}

COUNTER_CHANNELS = (("现场", 0.8), ("电话", 0.2))
ONLINE_CHANNELS = (("12345", 0.5), ("网上大厅", 0.3), ("微信", 0.15), ("网格", 0.05))


@dataclass(frozen=True)
class Arrival:
    """Somebody comes, or something comes in by itself."""

    at: datetime
    is_online: bool


def arrivals(chance: random.Random, calendar: WorkCalendar, first: date, last: date, count: int) -> list[Arrival]:
    """About ``count`` arrivals from ``first`` to ``last``, in the order in which they come."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    weights = list(_weights(calendar, days))
    chosen = chance.choices(days, weights, k=count) if any(weights) else []
    return sorted((_arrival(chance, day, not calendar.is_working_day(day)) for day in chosen), key=lambda one: one.at)


def _weights(calendar: WorkCalendar, days: Sequence[date]) -> Iterator[float]:
    closed = 0
    for number, day in enumerate(days):
        growth = 1 + GROWTH * number / max(1, len(days))
        if not calendar.is_working_day(day):
            closed += 1
            yield 0.08 * growth
            continue
        yield WEEKDAYS[day.weekday()] * growth * (AFTER_HOLIDAYS if closed >= 3 else 1)
        closed = 0


def _arrival(chance: random.Random, day: date, is_closed: bool) -> Arrival:
    is_online = chance.random() < ONLINE or is_closed
    if is_online and chance.random() < AT_NIGHT:
        begin, end = time(19), time(23)
    else:
        begin, end = chance.choice(COUNTER_HOURS)
    span = datetime.combine(day, end) - datetime.combine(day, begin)
    moment = datetime.combine(day, begin, LOCAL_ZONE) + span * chance.random()
    return Arrival(moment.replace(microsecond=0), is_online)
