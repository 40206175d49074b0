"""What a set of files finds when it is checked: the names that are deployed, the groups, operations and variables known. Reads only."""

from __future__ import annotations

from pathlib import PurePath

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import deploying
from engine.case_opening import CASE_VARIABLES
from engine.db.kind_tables import ClockKind
from engine.db.tables import Account, CandidateGroup, Definition, Membership, Resource
from engine.deployment_checks import Surroundings
from engine.services.case_files import BESIDE_VARIABLES
from engine.vocabulary import CANDIDATE_GROUPS, OPERATIONS

#: Kinds that hold expressions or fields, and so may set variables.
_SETTING_KINDS = ("process", "decision", "form")

#: Forms that pages show without a process: of registration, of the citizen's answer and rating.
PAGE_FORMS = frozenset({"case_register", "citizen_confirm", "citizen_rating"})


def surroundings_of(session: Session) -> Surroundings:
    """Everything that files to be deployed may refer to without bringing it along."""
    newest = list(deploying.newest(session).values())
    keys = {kind: frozenset(row.key for row in newest if row.kind == kind) for kind in _SETTING_KINDS}
    groups = frozenset(session.scalars(select(CandidateGroup.id))) | frozenset(CANDIDATE_GROUPS)
    return Surroundings(
        processes=keys["process"],
        decisions=keys["decision"],
        forms=keys["form"],
        groups=groups,
        operations=frozenset(OPERATIONS),
        start=CASE_VARIABLES,
        beside=BESIDE_VARIABLES,
        outputs={topic: frozenset(operation.outputs) for topic, operation in OPERATIONS.items()},
        deployed=_deployed(session, newest),
        tables=tables_in_force(session, newest),
        tags=_tags(session),
        members={**dict.fromkeys(groups, 0), **_members(session)},
        accounts=frozenset(session.scalars(select(Account.id).where(Account.is_active))),
        pages=PAGE_FORMS,
        clocks=frozenset(session.scalars(select(ClockKind.kind))),
    )


def tables_in_force(session: Session, newest: list[Definition]) -> dict[str, bytes]:
    """The newest reference tables and notice texts by bare file name."""
    rows = [row for row in newest if row.kind in ("reference", "notice")]
    return {PurePath(row.file).name: session.get_one(Resource, row.sha256).content for row in rows}


def _deployed(session: Session, newest: list[Definition]) -> dict[str, bytes]:
    """The newest diagrams, tables and forms by file name, which may call what is checked or be called by it."""
    files = {row.file: row.sha256 for row in newest if row.kind in _SETTING_KINDS}
    return {file: session.get_one(Resource, sha256).content for file, sha256 in files.items()}


def _members(session: Session) -> dict[str, int]:
    """Active accounts by group."""
    counted = select(Membership.group_id, func.count()).join(Account, Account.id == Membership.account_id).where(Account.is_active)
    return dict(session.execute(counted.group_by(Membership.group_id)).tuples().all())


def _tags(session: Session) -> frozenset[tuple[str, str, str]]:
    tagged = select(Definition.kind, Definition.key, Definition.version_tag).where(Definition.version_tag.is_not(None)).distinct()
    return frozenset((kind, key, str(tag)) for kind, key, tag in session.execute(tagged))
