"""The scripted day: the given cases, driven through the pages by the people of the centre, each to its proper end."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable

import pytest

from engine.commands.evidence import seal_evidence
from engine.queries.evidence import verify_evidence

from .answers import PERSON
from .conftest import STORIES
from .day import CaseFile, Day

Find = Callable[[str], CaseFile]

ENDS = {
    "K01": "已归档 告知承诺解决",
    "K02": "已归档 协调解决",
    "K03": "已归档 协调解决",
    "K04": "已归档 协调解决",
    "K06": "已告知",
    "K07": "已归档 协调解决",
    "K08": "已归档 协调解决",
    "K09": "已归档 协调解决",
    "K10": "已归档 协调解决",
    "K11": "已移交",
    "K12a": "已引导",
    "K12a returned": "已归档 未解决",
    "K12b": "已归档 协调解决",
    "K14": "已归档 协调解决",
    "K15": "已归档 告知承诺解决",
    "K16": "已归档 协调解决",
    "K17": "已移交",
    "K18": "已并案",
    "K20": "已归档 协调解决",
    "K21": "已分流",
    "K22": "已告知",
    "K23": "已归档 协调解决",
    "K25": "已归档 直接解决",
    "K27": "已移交",
    "K29": "已告知",
    "K30": "已归档 直接解决",
    "at the counter": "已归档 直接解决",
}


@pytest.mark.parametrize("name", ENDS)
def test_every_case_reaches_its_end_through_the_pages(case: Find, name: str) -> None:
    assert case(name).status == ENDS[name]
    assert case(name).holders() == []
    assert not any(clock["stopped"] == "—" and clock["state"] != "已更新" for clock in case(name).clock("办结"))


def test_a_department_that_keeps_silent_counts_as_signed_and_gets_a_step_card(case: Find) -> None:
    told = case("K07").kept
    assert "签收" in told["waiting"]
    assert "签收" not in told["deemed"] and "提出办理意见" in told["deemed"]
    assert "视为签收" in case("K07").page.text("//section[@id='departments']")
    assert [card.split(" ")[0] for card in case("K07").cards()].count("黄牌(环节)") == 1


def test_another_region_signs_for_the_letter_and_answers(case: Find) -> None:
    told = case("K02").kept
    assert told["letter sent"] == "[]"
    assert "起草答复" in told["other region answered"]


def test_a_late_opinion_brings_a_yellow_card_and_a_reminder(case: Find) -> None:
    assert "协办意见超时" in case("K07").kept["late"]
    assert "协办意见超时" in case("K23").kept["late"]
    assert "超期1个工作日,已发黄牌" in case("K07").page.text("//section[@id='notices']")


def test_three_working_days_of_silence_are_recorded_as_unconfirmed_not_as_solved(case: Find) -> None:
    assert case("K03").kept["answered"] == "待确认"
    assert case("K03").kept["unconfirmed"] == "待评价"
    assert "申请人确认:未确认(到期未答)" in case("K03").page.texts("//li[contains(@class,'event-confirmation')]//strong")


def test_seven_days_without_a_rating_close_the_case_with_the_default(case: Find) -> None:
    page = case("K20").page
    assert page.texts("//section[contains(@class,'facts')][h2='评价']//strong") == ["默认评价"]
    # Closed on 12-24 at 17:00; the archive counts five working days after the next, and 01-01 is none.
    assert "已归档，2027-01-04 17:00" in page.text("//section[@id='holders']")


def test_departments_that_differ_even_in_the_meeting_go_to_the_leading_group(case: Find) -> None:
    decided = case("K04").page.texts("//span[contains(@class,'tag-row')]")
    assert [row for row in decided if row.startswith("DT02")] == ["DT02 · G5", "DT02 · G2"]
    assert case("K04").kept["regraded"] == "重大"


def test_an_upgrade_keeps_the_start_and_gives_the_later_due_time_until_the_minutes_fix_one(case: Find) -> None:
    clock = case("K04").clock("办结")[0]
    assert (clock["begun"], clock["limit"]) == ("11-24 周二 10:40", "定期")
    assert clock["due"].startswith("12-11 周五 17:00")
    assert "12-21 周一 17:00 → 12-11 周五 17:00 会议纪要确定期限" in clock["due"]
    assert "12-03 周四 17:00 → 12-21 周一 17:00 重新定级:重大" in clock["due"]


def test_a_bad_rating_reopens_the_case_and_both_ratings_are_kept(case: Find) -> None:
    told = case("K04")
    assert (told.kept["rated 2"], told.kept["reopened"]) == ("整改中", "已重开")
    assert told.fact("重开次数") == "1"
    assert told.page.texts("//section[contains(@class,'facts')][h2='评价']//strong") == ["不满意", "基本满意"]
    decided = told.page.texts("//span[contains(@class,'tag-row')]")
    assert "DT07 · R9" in decided


def test_a_rating_by_mistake_is_checked_by_two_and_not_adopted(case: Find) -> None:
    events = case("K25").page.text("//section[@id='timeline']")
    assert "误评复核(初核)" in events and "误评复核(复审)" in events
    assert "DT07 · R5" in case("K25").page.texts("//span[contains(@class,'tag-row')]")


def test_a_reply_of_phrases_comes_back_to_its_author(case: Find) -> None:
    assert "起草答复" in case("K08").kept["draft again"]


def test_a_department_absent_twice_is_bound_and_gets_a_red_card(case: Find) -> None:
    assert "红牌" in case("K14").kept["absent"]
    assert "两次缺席" in case("K14").kept["absent"]


def test_the_leading_group_is_reminded_after_five_working_days(case: Find) -> None:
    assert "专题会提醒" in case("K10").kept["reminded"]


def test_a_simple_case_not_finished_in_time_gets_a_card_and_may_be_raised(case: Find) -> None:
    assert "黄牌" not in case("K20").kept["due"]
    assert case("K20").kept["late"].count("黄牌") == 1
    assert "办结超期1个工作日" in case("K20").kept["late"]
    assert case("K20").kept["regraded"] == "复杂"


def test_late_contact_and_late_rectification_bring_red_cards(case: Find) -> None:
    assert "差评回访超过1个工作日" in case("K30").kept["contact late"]
    assert "差评整改超时" in case("K30").kept["rectify late"]
    assert case("K30").cards()[0].startswith("红牌")


def test_the_call_back_comes_three_working_days_after_a_refusal(case: Find) -> None:
    assert case("K06").kept["before"] == "[]"
    assert "回访" in case("K06").page.text("//section[@id='timeline']")


def test_what_did_not_work_out_after_a_referral_comes_back_as_a_new_case(case: Find) -> None:
    returned = case("K12a returned")
    assert returned.fact("回流自") == case("K12a").no
    assert "DT01 · T14" in returned.page.texts("//span[contains(@class,'tag-row')]")
    assert "DT07 · R7" in returned.page.texts("//span[contains(@class,'tag-row')]")


def test_what_is_not_solved_reaches_whoever_follows_up(case: Find) -> None:
    """Without the telephone number that the applicant wrote into it."""
    assert "申请人确认未解决:还差一份核对表,打138****1234没人接。" in case("K12a returned").kept["why"]
    assert "申请人确认:未解决" in case("K12a returned").page.text("//section[@id='timeline']")


def test_a_duplicate_is_joined_to_the_open_case_and_hears_what_that_hears(case: Find, day: Day) -> None:
    assert f"与工单{case('K04').no}相同" in case("K18").kept["into"]
    assert case("K18").no in case("K04").page.text("//aside")
    assert "书面答复" in case("K18").page.text("//section[@id='notices']")
    behind_the_link = case("K18").citizen.look().text("//main")
    assert "并联审批方案" in behind_the_link
    assert "已归档" in behind_the_link


def test_the_page_of_a_case_tells_its_story_in_words(case: Find) -> None:
    """No codes of ours, no machine times: what the forms offered and the wall clock."""
    told = case("K04").page.text("//section[@id='timeline']")
    assert "是否达成一致未达成一致" in told
    assert "会议时间2026-11-26 15:00" in told
    assert "牵头部门市规划和自然资源局荔湾分局" in told
    assert "申请人确认:已解决" in told
    for code in ("conflict", "+08:00", "agreed"):
        assert code not in told


def test_a_refused_applicant_reads_why_and_where_to_go_behind_the_link(case: Find) -> None:
    told = case("K06").citizen.look().text("//main")
    assert "孩子户口不随父母" in told
    assert "依据:" in told and "行政复议" in told


def test_an_emergency_is_passed_on_at_once(case: Find) -> None:
    assert "已为您转接" in case("K21").kept["told"]


def test_every_given_case_has_a_story(day: Day) -> None:
    assert set(day.files) == set(ENDS) == {*STORIES, "K12a returned"}


def test_after_the_day_nothing_is_left_running(day: Day, case: Find) -> None:
    """Of the cases: complaints, suggestions and what the calendar begins each month go on without an end of the day."""
    assert all(file.failure is None for file in day.files.values())
    rows = database(day)
    cases = ", ".join(f"'{file.no}'" for file in day.files.values())
    theirs = f"in (select id from process_instance where business_key in ({cases}))"
    assert rows(f"select name, business_key from user_task where ended_at is null and business_key in ({cases})") == []
    assert rows(f"select kind, element_id from job where instance_id {theirs}") == []
    assert rows(f"select name from subscription where instance_id {theirs}") == []
    assert rows("select task_id from inbox_entry where task_id not in (select id from user_task where ended_at is null)") == []
    assert rows("select element_id, message from incident") == []
    assert rows(f"select case_no, kind from case_clock where stopped_at is null and replaced_at is null and case_no in ({cases})") == []
    assert rows(f"select distinct status from process_instance where business_key in ({cases})") == [("ended",)]


def test_after_the_day_the_evidence_holds(day: Day) -> None:
    seal_evidence(day.engine)
    report = verify_evidence(day.engine)
    assert report.faults == ()
    assert (report.chains >= len(day.files), report.seals) == (True, 1)


def test_after_the_day_no_applicant_can_be_found_outside_the_parties(day: Day) -> None:
    """Names of natural persons, and everything that was typed in at the counter."""
    rows = database(day)
    secrets = {*PERSON.values(), *NAMES} - {"居民身份证"}
    tables = [name for (name,) in rows("select name from sqlite_master where type='table'") if name not in ("party", "account")]
    found = {(table, secret) for table in tables for row in rows(f"select * from {table}") for secret in secrets if secret in text_of(row)}
    assert found == set()
    assert [line for line in day.log for secret in secrets if secret in line] == []


NAMES = ("何女士", "黄先生", "罗先生", "陈女士", "邓阿姨", "许先生", "唐小姐", "温先生", "廖婆婆", "梁伯", "高先生", "蔡先生", "包女士")


def test_after_the_day_every_notice_reads_like_a_sentence(day: Day) -> None:
    """No machine times, no codes, no gaps, no doubled full stops."""
    bodies = [str(body) for (body,) in database(day)("select body from notice")]
    odd = re.compile(r"T\d\d:\d\d|\bD\d\d\b|None|null|[{}]|。。|\.0个")
    assert [body for body in bodies if odd.search(body)] == []


def text_of(row: tuple[object, ...]) -> str:
    return " ".join(cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell) for cell in row)


def database(day: Day) -> Callable[[str], list[tuple[object, ...]]]:
    """The rows themselves: what no page shows."""
    url = day.engine.database.engine.url
    connection = sqlite3.connect(str(url.database))
    return lambda query: connection.execute(query).fetchall()
