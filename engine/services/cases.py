"""Cases (工单): numbers, status, ownership, merging, closing, reopening. Knows nothing of the process that drives them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Required, TypedDict, Unpack

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.clock import local
from engine.db.case_tables import Case, CaseNumber, Matter
from engine.db.tables import Account, InboxEntry, UserTask
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services import accounts, clocks, evidence, people
from engine.services.case_kinds import CASE
from engine.services.context import OperationContext
from engine.services.identity import mask_text
from engine.services.working_time import WorkCalendar

#: Numbers of cases begin with it; those of other kinds with their own.
PREFIX = "BBC"

#: “Ask the department yourself” and “go to court” are no results (建设方案 1.4, 2.4).
FORBIDDEN_RESULTS = ("自行咨询", "走法律途径")

#: A later case about the same matter is looked up this far back.
DUPLICATE_SEARCH = timedelta(days=30)

#: What a case is at until somebody has looked at it.
FIRST_STATUS = "待研判"
MERGED = "已并案"

MAX_TEXT_LENGTH = 2000
MAX_TITLE_LENGTH = 60


def next_number(session: Session, region: str, received_at: datetime, prefix: str = PREFIX) -> str:
    """The next ``{prefix}{region}-{yyyyMMdd}-{nnnn}``, without gaps: the day's row stays locked until the transaction ends."""
    day_key = f"{prefix}{region}-{local(received_at):%Y%m%d}"
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    first = dialect.insert(CaseNumber).values(day_key=day_key, last=1)
    counted = first.on_conflict_do_update(index_elements=["day_key"], set_={"last": CaseNumber.last + 1}).returning(CaseNumber.last)
    return f"{day_key}-{session.execute(counted).scalar_one():04}"


class Particulars(TypedDict, total=False):
    """Columns of a new case that are kept as they are given."""

    org_unit: Required[str]
    region: Required[str]
    applicant_id: Required[int | None]
    channel: Required[str]
    kind: str
    parent_no: str | None
    facts: dict[str, Any]
    matter_code: str | None
    trips: int
    cause: str
    returned_from: str | None


def create_case(
    session: Session,
    *,
    number: str,
    calendar: WorkCalendar,
    received_at: datetime,
    text: str,
    title: str = "",
    tried: Sequence[Mapping[str, Any]] = (),
    owner_id: str | None = None,
    external_no: str | None = None,
    status: str = FIRST_STATUS,
    **particulars: Unpack[Particulars],
) -> Case:
    """Write the case file. Identity and telephone numbers in the free text are masked; whoever owns it now is the first owner."""
    require_text(text)
    _require_new(session, external_no)
    case = Case(
        no=number,
        external_no=external_no,
        received_at=received_at,
        effective_at=calendar.effective(received_at),
        title=mask_text(title.strip() or text.strip())[:MAX_TITLE_LENGTH],
        text=mask_text(text.strip()),
        tried=[_masked(row) for row in tried],
        owner_id=owner_id,
        first_owner_id=owner_id,
        status=status,
        public_token=secrets.token_urlsafe(24),
        **particulars,
    )
    session.add(case)
    session.flush()
    return case


def get_case(session: Session, case_no: str) -> Case:
    """The case; raises NotFound."""
    case = session.get(Case, case_no)
    if case is None:
        raise NotFound(f"Expected case {case_no!r} to exist but it does not.")
    return case


def find_open_case(session: Session, matter_code: str | None, but_not: str) -> str | None:
    """The oldest open main case about the same matter in the same window within the last 30 days, or None."""
    case = session.get(Case, but_not)
    if case is None or matter_code is None:
        return None
    since = case.received_at - DUPLICATE_SEARCH
    found = select(Case.no).where(Case.matter_code == matter_code, Case.org_unit == case.org_unit, Case.no != but_not)
    found = found.where(
        Case.kind == case.kind, Case.closed_at.is_(None), Case.merged_into.is_(None), Case.received_at.between(since, case.received_at)
    )
    return session.scalar(found.order_by(Case.received_at, Case.no).limit(1))


def next_owner(session: Session, org_unit: str, now: datetime) -> str | None:
    """The window clerk after the one who took the window's latest case, who is on leave left out; None without an active clerk."""
    clerks = people.present(session, [clerk.id for clerk in accounts.members(session, "window", org_unit)], local(now).date())
    if not clerks:
        return None
    latest = select(Case.first_owner_id).where(Case.kind == CASE, Case.org_unit == org_unit, Case.first_owner_id.in_(clerks))
    last = session.scalar(latest.order_by(Case.received_at.desc(), Case.no.desc()).limit(1))
    return clerks[(clerks.index(last) + 1) % len(clerks)] if last else clerks[0]


def assign_owner(context: OperationContext) -> str | None:
    """Give the case a first owner by turns; an owner it already has stays (首接负责).

    A window that has no clerk yet gives none: the case waits for its group, and the limits run all the same.
    """
    case = context.case()
    if case.owner_id:
        return case.owner_id
    owner = next_owner(context.session, case.org_unit, context.now)
    if owner is not None:
        _set_owner(context, case, owner, "")
    return owner


def hand_to_backup(context: OperationContext, reason: str) -> str:
    """The B clerk takes over, or else another clerk, or the head of the window. The first owner stays on record."""
    case = context.case()
    candidates = [
        *accounts.members(context.session, "window", case.org_unit, role="B"),
        *accounts.members(context.session, "window", case.org_unit),
        *accounts.members(context.session, "window_head", case.org_unit),
    ]
    others = [account.id for account in candidates if account.id != case.owner_id]
    backup = next(iter(people.present(context.session, others, local(context.now).date())), None)
    if backup is None:
        raise NotFound(f"Expected somebody in {case.org_unit} to stand in for {case.owner_id} but there is nobody. Add a second clerk.")
    hand_over(context, case, backup, reason)
    return backup


def hand_over(context: OperationContext, case: Case, owner: str, reason: str) -> None:
    """The case and the tasks that lay with its owner are this account's now."""
    if case.owner_id is not None and case.owner_id != owner:
        _hand_over_open_tasks(context.session, case, owner)
    _set_owner(context, case, owner, reason)


def record_arrival(context: OperationContext, matter: str | None, matter_name: str | None, tried: Mapping[str, Any], trips: int) -> str:
    """What a clerk found out about an online arrival goes on its case; gives the name of the matter it is about now."""
    case = context.case()
    known = context.session.get(Matter, matter) if matter else None
    if matter and known is None:
        raise NotFound(f"Expected matter {matter!r} in the reference data but it is not there.")
    case.matter_code, case.trips = matter or None, trips
    case.tried = [*case.tried, *([_masked(tried)] if any(tried.values()) else [])]
    context.record("case:arrival", matter=case.matter_code, digest=evidence.digest([dict(tried), trips]))
    set_status(context, "待研判")
    return known.name if known else matter_name or case.title


def _hand_over_open_tasks(session: Session, case: Case, receiver: str) -> None:
    """What lay with the owner now lies with whoever takes over; tasks of others stay where they are."""
    mine = (UserTask.business_key == case.no, UserTask.assignee == case.owner_id, UserTask.ended_at.is_(None))
    tasks = list(session.scalars(select(UserTask.id).where(*mine)))
    if not tasks:
        return
    entries = update(InboxEntry).where(InboxEntry.task_id.in_(tasks), InboxEntry.audience == f"user:{case.owner_id}")
    session.execute(entries.values(audience=f"user:{receiver}"))
    taken = update(UserTask).where(UserTask.id.in_(tasks))
    session.execute(taken.values(assignee=receiver, version=UserTask.version + 1).execution_options(synchronize_session=False))


def set_status(context: OperationContext, status: str, result: str | None = None) -> None:
    """Move the case to a status of the reference data; one that ends the service also stops its clocks."""
    is_closing = context.kinds.status(status).is_closing
    require_result(result)
    case = context.case()
    case.status = status
    case.result = result or case.result
    if is_closing:
        case.closed_at = context.now
        clocks.stop_with_case(context)
    else:
        case.closed_at = None
    context.record("case:status", status=status, result=result)


def record_triage(context: OperationContext, triage: Mapping[str, Any]) -> None:
    """Keep which row of DT01 hit and what it concluded."""
    case = context.case()
    case.triage_row = _row(triage)
    case.case_class = str(triage.get("conclusion") or "")[:40] or None
    context.record("case:triage", row=case.triage_row, case_class=case.case_class)


def record_grade(context: OperationContext, grade: Mapping[str, Any]) -> None:
    """Keep which row of DT02 hit and the level it gave."""
    level = str(grade.get("level") or "")
    if level not in ("简单", "复杂", "重大"):
        raise InvalidInput(f"Expected a grade with level 简单, 复杂 or 重大 but got {level!r}.")
    case = context.case()
    case.grade_row, case.level = _row(grade), level
    context.record("case:grade", row=case.grade_row, level=level)


def still_open(context: OperationContext, case_no: str | None) -> str | None:
    """The number of a case to merge into; None when there is none, or it was closed since somebody named it."""
    return case_no if case_no and main_case(context.session, case_no).closed_at is None else None


def merge(context: OperationContext, into: str) -> None:
    """Join the case to an open main case; to the main case of that one if it was itself merged."""
    case, main = context.case(), main_case(context.session, into)
    if main.no == case.no:
        raise Conflict(f"Expected another case to merge into but {into} is this case or was merged into it.")
    if main.kind != case.kind:
        raise Conflict(f"Expected a {case.kind} to merge into but {into} is a {main.kind}.")
    if main.closed_at is not None:
        raise Conflict(f"Expected case {main.no} to be open but it was closed. Register the new facts as a case of their own.")
    case.merged_into = main.no
    context.record("case:merge", into=main.no)
    set_status(context, MERGED)


def unmerge(context: OperationContext) -> None:
    """Joined by mistake: the case stands by itself again and its process begins anew, in a job after the commit."""
    case = context.case()
    if case.merged_into is None or case.status != MERGED:
        raise Conflict(f"Expected case {case.no} to be merged into another but it is {case.status}.")
    context.record("case:unmerge", main=case.merged_into)
    case.merged_into, case.closed_at, case.status = None, None, FIRST_STATUS
    context.schedule("file-start", {"case_no": case.no}, None)


def revive(context: OperationContext) -> None:
    """Ended because nothing came: the case goes on under its number, its process begins anew in a job after the commit."""
    case = context.case()
    if case.closed_at is None:
        raise Conflict(f"Expected case {case.no} to have ended but it is {case.status}.")
    context.record("case:revive", was=case.status)
    case.closed_at, case.status, case.result = None, FIRST_STATUS, None
    context.schedule("file-start", {"case_no": case.no}, None)


def request_return(context: OperationContext) -> None:
    """The referred person came back without success: a background job registers the case anew (回流)."""
    case = context.case()
    context.schedule("case-return", {"case_no": case.no}, None)
    context.record("case:return", registered=case.no)


def count_coordination(context: OperationContext) -> int:
    """One more failed coordination; two lift the grade (G3)."""
    case = context.case()
    case.coordination_count += 1
    context.record("case:coordination", count=case.coordination_count)
    return case.coordination_count


def reopen(context: OperationContext, limit: str) -> tuple[int, datetime]:
    """Reopen under the same number with a new due time for rectifying and finishing; gives the count and the due time."""
    case = context.case()
    due = clocks.start(context, "rectify", limit, reason="差评整改")
    clocks.start(context, "finish", limit, reason="重开")
    case.status, case.closed_at = "已重开", None
    case.reopen_count += 1
    context.record("case:reopen", count=case.reopen_count, due_at=clocks.iso(due.at))
    return case.reopen_count, due.at


def close(context: OperationContext, result: str | None = None) -> None:
    """To the archive: every clock stops."""
    set_status(context, "已归档", result)
    context.record("case:close", result=context.case().result)


def require_text(text: str) -> None:
    """Refuse a request without words or with too many."""
    if not 1 <= len(text.strip()) <= MAX_TEXT_LENGTH:
        message = f"Expected a request of 1 to {MAX_TEXT_LENGTH} characters but got {len(text.strip())}."
        raise InvalidInput(message, {"text": [f"请写明诉求,最多{MAX_TEXT_LENGTH}字。"]})


def require_result(result: str | None) -> None:
    """Refuse a result that sends the person away."""
    if result and (len(result) > 40 or any(phrase in result for phrase in FORBIDDEN_RESULTS)):
        raise InvalidInput(
            f"Expected a result such as 直接解决, 协调解决 or 解释说明(未解决) but got {result!r}; sending the person away is none."
        )


def _require_new(session: Session, external_no: str | None) -> None:
    if not external_no:
        return
    known = session.scalar(select(Case.no).where(Case.external_no == external_no))
    if known is not None:
        raise Conflict(f"Expected external number {external_no} to be new but it is case {known}.")


def main_case(session: Session, case_no: str) -> Case:
    """The case that this one was merged into, however often; itself when it was not."""
    main, seen = get_case(session, case_no), {case_no}
    while main.merged_into and main.merged_into not in seen:
        seen.add(main.merged_into)
        main = get_case(session, main.merged_into)
    return main


def _set_owner(context: OperationContext, case: Case, owner: str, reason: str) -> None:
    case.owner_id = owner
    case.first_owner_id = case.first_owner_id or owner
    facts = {"owner": owner, "first_owner": case.first_owner_id, "reason_digest": evidence.digest(reason)}
    context.record("case:owner", **facts)


def owner_name(session: Session, case: Case) -> str:
    """The name of the first-contact owner as citizens may read it; empty while nobody owns the case."""
    owner = session.get(Account, case.owner_id) if case.owner_id else None
    return owner.name if owner else ""


def _row(decision: Mapping[str, Any]) -> str | None:
    row = decision.get("rule")
    return None if row is None else str(row)[:10]


def _masked(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: mask_text(value) if isinstance(value, str) else value for key, value in row.items()}
