"""Accounts, passwords, candidate groups and who belongs to them. Knows nothing of sessions or pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.db.case_tables import Department
from engine.db.tables import Account, CandidateGroup, Membership, OrgUnit
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.services.posts import POSTS as POSTS
from engine.services.posts import Post as Post
from engine.services.posts import leader_group

MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 200


#: Known to everybody who starts a demonstration; such accounts exist nowhere else.
DEMO_PASSWORD = "doudi-demo-2026"

_hasher = PasswordHasher()
#: Who is at which post in a demonstration. Two where a second person has to look, or may not be the one who is looked at.
_DEMO_PEOPLE = (
    ("window-a", "示例·林晓", "window", "A", "window"),
    ("window-b", "示例·陈晨", "window", "B", "window"),
    ("window-head", "示例·赵敏", "window_head", "A", "window"),
    ("window-head-b", "示例·钱宁", "window_head", "B", "window"),
    ("street-a", "示例·何街", "window", "A", "street"),
    ("street-head", "示例·高街", "window_head", "A", "street"),
    ("coordinator", "示例·王协", "coordinator", "A", "district"),
    ("coordinator-b", "示例·吴同", "coordinator", "B", "district"),
    ("bureau-leader", "示例·蒋局", "bureau_leader", "A", "district"),
    ("lg-office", "示例·孙文", "leading_group_office", "A", "district"),
    ("lg-leader", "示例·周正", "leading_group", "A", "district"),
    ("city-office", "示例·沈市", "city_office", "A", "city"),
    ("rectifier", "示例·郑改", "rectifier", "A", "district"),
    ("rectifier-b", "示例·韩正", "rectifier", "B", "district"),
    ("complaint", "示例·冯诉", "complaint_officer", "A", "district"),
    ("complaint-b", "示例·杨听", "complaint_officer", "B", "district"),
    ("supervisor", "示例·朱督", "supervisor", "A", "district"),
    ("supervisor-b", "示例·秦察", "supervisor", "B", "district"),
    ("policy-researcher", "示例·尤策", "policy_researcher", "A", "district"),
    ("knowledge-keeper", "示例·施案", "knowledge_keeper", "A", "district"),
    ("data-officer", "示例·张数", "data_officer", "A", "district"),
    ("legal-officer", "示例·孔法", "legal_officer", "A", "district"),
    ("staffing-officer", "示例·曹编", "staffing_officer", "A", "district"),
    ("hr-officer", "示例·严勤", "hr_officer", "A", "district"),
    ("finance-officer", "示例·华财", "finance_officer", "A", "district"),
    ("x01", "示例·顾律师", "expert", "A", "district"),
    ("x02", "示例·田工", "expert", "B", "district"),
    ("x03", "示例·严工", "expert", "A", "district"),
    ("x04", "示例·水工", "expert", "A", "district"),
    ("x05", "示例·税师", "expert", "A", "district"),
    ("x06", "示例·算师", "expert", "A", "district"),
    ("x07", "示例·金顾问", "expert", "A", "district"),
    ("x08", "示例·策研", "expert", "A", "district"),
    ("evaluator", "示例·陶评", "evaluator", "A", "district"),
    ("citizen-supervisor", "示例·姜民", "citizen_supervisor", "A", "district"),
    ("hotline", "示例·戚线", "hotline", "A", "district"),
    ("grid-worker", "示例·谢格", "grid_worker", "A", "district"),
    ("analyst", "示例·何图", "analyst", "A", "district"),
    ("admin", "示例·管理", "admin", "A", "district"),
    ("admin-b", "示例·许批", "admin", "B", "district"),
    ("auditor", "示例·严审", "auditor", "A", "district"),
)

#: Checked when nobody has the account id, so that a stranger cannot tell by the time it takes.
_DECOY = "$argon2id$v=19$m=65536,t=3,p=4$Uby9hdd3l4O3kC4QRVLgwA$k7BSZwrZTM303oYjWDX61jvlu0OV6zOnor9rSGY0M1o"


@dataclass(frozen=True)
class DemoAccount:
    """A log-in for a demonstration."""

    id: str
    name: str
    password: str
    groups: tuple[str, ...]
    title: str
    role: str = "A"
    place: str = "district"  # window | street | district | city


def ensure_posts(session: Session) -> None:
    """Every post, and the leaders of every department, exist as candidate groups under their present names."""
    for post in POSTS:
        session.merge(CandidateGroup(id=post.id, name=post.name, name_en=post.name_en, kind="post"))
    ensure_leaders(session)


def ensure_leaders(session: Session) -> None:
    """Every department has a group of leaders beside the group of those who work on its orders."""
    departments = list(session.scalars(select(CandidateGroup).join(Department, Department.code == CandidateGroup.id)))
    for group in departments:
        name_en = f"Leaders of {group.name_en}"[:80] if group.name_en else ""
        session.merge(CandidateGroup(id=leader_group(group.id), name=f"{group.name}领导"[:80], name_en=name_en, kind="department"))
    session.flush()


def ensure_org_unit(session: Session, org_unit: str, region: str, name: str = "“办不成事”反映窗口", parent: str | None = None) -> None:
    """The window itself exists; an existing one keeps its name and its place."""
    if session.get(OrgUnit, org_unit) is None:
        session.add(OrgUnit(id=org_unit, name=name, region=region, parent_id=parent))
        session.flush()


def create_account(
    session: Session, account_id: str, name: str, password: str, org_unit: str, groups: Collection[str], role: str = "A"
) -> Account:
    """A new account in its groups. Raises InvalidInput, NotFound (unit or group) or Conflict (the id is taken)."""
    require_password(account_id, password)
    return _create(session, account_id, name, _hasher.hash(password), org_unit, groups, role)


def create_account_without_password(session: Session, account_id: str, name: str, org_unit: str) -> Account:
    """A new account that opens for nobody until its owner has set a password by a one-time code."""
    return _create(session, account_id, name, "none", org_unit, (), "A")


def require_password(account_id: str, password: str) -> None:
    """Refuse a password that is too short, too long, or contains the account's id."""
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH or account_id.lower() in password.lower():
        text = f"密码需为{MIN_PASSWORD_LENGTH}-{MAX_PASSWORD_LENGTH}个字符,且不能包含账号。"
        raise InvalidInput(
            f"Expected a password of {MIN_PASSWORD_LENGTH} characters or more without the account's id.", {"password": [text]}
        )


def authenticate(session: Session, account_id: str, password: str) -> Account:
    """The active account with this password; raises NotAllowed, the same for every reason."""
    account = session.get(Account, account_id)
    is_right = is_password(account.password_hash if account else _DECOY, password)
    if account is None or not is_right or not account.is_active:
        raise NotAllowed("账号或密码不正确,请重新输入。")
    return account


def needs_rehash(account: Account) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(account.password_hash)


def rehash(session: Session, account_id: str, password: str) -> None:
    """Keep the same password under today's parameters."""
    get_account(session, account_id).password_hash = _hasher.hash(password)


def change_password(session: Session, account_id: str, old: str, new: str) -> None:
    """A new password; every session that is open elsewhere ends."""
    account = get_account(session, account_id)
    if not is_password(account.password_hash, old):
        raise InvalidInput("Expected the present password but got another.", {"old": ["现在的密码不正确。"]})
    require_password(account_id, new)
    account.password_hash = _hasher.hash(new)
    account.session_stamp += 1


def is_password(password_hash: str, password: str) -> bool:
    """Whether the hash was made from this password."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def get_account(session: Session, account_id: str) -> Account:
    """The account; raises NotFound."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound(f"Expected account {account_id!r} to exist but it does not.")
    return account


def groups_of(session: Session, account_id: str) -> frozenset[str]:
    """Candidate groups of an account."""
    return frozenset(session.scalars(select(Membership.group_id).where(Membership.account_id == account_id)))


def members(session: Session, group: str, org_unit: str, role: str | None = None) -> list[Account]:
    """Active accounts in a group, ordered by id: those of the unit, or else of the nearest unit above that has any."""
    for unit in _unit_and_above(session, org_unit):
        found = select(Account).join(Membership, Membership.account_id == Account.id).order_by(Account.id)
        found = found.where(Membership.group_id == group, Account.org_unit == unit, Account.is_active)
        if accounts := list(session.scalars(found if role is None else found.where(Membership.role == role))):
            return accounts
    return []


def create_demo_accounts(session: Session, org_unit: str) -> list[DemoAccount]:
    """Accounts for every post, a liaison a department and a second window, all with one known password. Existing ones stay as they are."""
    places = _demo_places(session, session.get_one(OrgUnit, org_unit))
    ensure_leaders(session)
    wanted = [*_demo_posts(), *_demo_liaisons(session), *_demo_leaders(session)]
    password_hash = _hasher.hash(DEMO_PASSWORD)
    for demo in wanted:
        if session.get(Account, demo.id) is None:
            _create(session, demo.id, demo.name, password_hash, places[demo.place], demo.groups, demo.role)
    return wanted


def _demo_places(session: Session, window: OrgUnit) -> dict[str, str]:
    """A city, its district, and in that the window itself and one of a street: what a pilot and a district's departments need."""
    if window.parent_id is None:
        city = f"{window.region[:4]}00"
        ensure_org_unit(session, city, city, "示例市")
        ensure_org_unit(session, window.region, window.region, "示例区", city)
        window.parent_id = window.region
        session.flush()
    street = f"{window.id}-street"
    ensure_org_unit(session, street, window.region, "示例街道“办不成事”反映窗口", window.parent_id)
    district = session.get_one(OrgUnit, str(window.parent_id))
    return {"window": window.id, "district": district.id, "street": street, "city": district.parent_id or district.id}


def _create(session: Session, account_id: str, name: str, password_hash: str, org_unit: str, groups: Collection[str], role: str) -> Account:
    if session.get(Account, account_id) is not None:
        raise Conflict(f"Expected account id {account_id!r} to be free but it is taken.")
    if session.get(OrgUnit, org_unit) is None:
        raise NotFound(f"Expected org unit {org_unit!r} to exist but it does not.")
    if unknown := set(groups) - set(session.scalars(select(CandidateGroup.id).where(CandidateGroup.id.in_(list(groups))))):
        raise NotFound(f"Expected known candidate groups but {', '.join(sorted(unknown))} do not exist. Load the reference data first.")
    account = Account(id=account_id, name=name, password_hash=password_hash, org_unit=org_unit)
    session.add(account)
    session.flush()
    session.add_all(Membership(account_id=account_id, group_id=group, role=role) for group in groups)
    session.flush()
    return account


def _unit_and_above(session: Session, org_unit: str) -> Iterator[str]:
    seen: set[str] = set()
    unit: str | None = org_unit
    while unit and unit not in seen:
        seen.add(unit)
        yield unit
        unit = session.scalar(select(OrgUnit.parent_id).where(OrgUnit.id == unit))


def _demo_posts() -> Iterable[DemoAccount]:
    titles: Mapping[str, str] = {post.id: post.name for post in POSTS}
    for account_id, name, group, role, place in _DEMO_PEOPLE:
        suffix = f"({role}角)" if group == "window" else ""
        yield DemoAccount(account_id, name, DEMO_PASSWORD, (group,), titles[group] + suffix, role, place)


def _demo_liaisons(session: Session) -> Iterable[DemoAccount]:
    for department in session.scalars(select(Department).order_by(Department.code)):
        name = f"示例·{department.liaison_a or department.abbreviation or department.code}"
        yield DemoAccount(department.code.lower(), name, DEMO_PASSWORD, (department.code,), f"{department.name}联络员")


def _demo_leaders(session: Session) -> Iterable[DemoAccount]:
    for department in session.scalars(select(Department).order_by(Department.code)):
        name = f"示例·{department.abbreviation or department.code}领导"
        group = leader_group(department.code)
        yield DemoAccount(f"{department.code.lower()}-leader", name, DEMO_PASSWORD, (group,), f"{department.name}领导")
