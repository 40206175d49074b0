"""Evidence: append-only facts, chained per case by SM3, sealed in signed Merkle trees. Holds digests and codes, never personal data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes
from sqlalchemy import Select, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.db import statements
from engine.db.driver import driver_of
from engine.db.tables import Evidence, EvidenceSeal
from engine.errors import Conflict
from engine.services.secrets import Secrets

ALGORITHM = "SM3+Ed25519"

#: What the first row of a chain, and the first seal, point back to.
NO_HASH = "0" * 64

#: Every kind of fact with exactly the details it carries.
EVENTS: Mapping[str, frozenset[str]] = {
    event: frozenset(facts.split())
    for event, facts in {
        "deployment:create": "deployment digest",
        "reference:load": "digest",
        "reference:hit": "file definition version since reason on lines inputs element",
        "instance:start": "instance process definition",
        "instance:end": "instance end_event",
        "instance:cancel": "instance reason_digest",
        "user_task:claim": "task element",
        "user_task:unclaim": "task element",
        "user_task:reassign": "task element assignee",
        "user_task:complete": "task element",
        "timer:fire": "instance element",
        "party:reveal": "fields",
        "message:correlate": "instance element message",
        "incident:raise": "instance element",
        "incident:retry": "incident element",
        "account:create": "account groups",
        "account:untrained": "account groups reason",
        "account:password": "account",
        "account:groups": "account groups",
        "account:disable": "account",
        "account:enable": "account",
        "account:reset": "account",
        "account:contact": "account fields",
        "leave:ask": "leave account deputy from_on to_on",
        "leave:accept": "leave",
        "leave:decline": "leave",
        "leave:cancel": "leave",
        "leave:end": "leave tasks",
        "person:assign": "group person",
        "case:register": "channel matter digest",
        "case:arrival": "matter digest",
        "case:confirm": "confirmation digest",
        "case:owner": "owner first_owner reason_digest",
        "case:status": "status result",
        "case:triage": "row case_class",
        "case:grade": "row level",
        "case:lead": "department",
        "case:merge": "into",
        "case:unmerge": "main",
        "case:revive": "was",
        "case:return": "registered",
        "case:open": "kind parent digest",
        "case:facts": "names digest",
        "case:entry": "entry kind digest",
        "case:act": "action message digest",
        "case:coordination": "count",
        "case:reopen": "count due_at",
        "case:close": "result",
        "case:destroy": "digest",
        "case:minimise": "digest attachments",
        "case:export": "digest",
        "partner:queue": "message partner milestone digest",
        "partner:receive": "message partner milestone digest",
        "partner:key": "partner mark old_until",
        "sub_order:reassign": "sub_order department binding",
        "sub_order:cancel": "sub_order department",
        "case:withhold": "digest",
        "article:use": "article",
        "clock:start": "kind limit due_at is_provisional",
        "clock:move": "kind due_at is_provisional",
        "clock:stop": "kind",
        "calendar:moved": "number cases moved told",
        "clock:pause": "kinds reason",
        "clock:resume": "due",
        "clock:extend": "kind limit due_at was",
        "sub_order:send": "sub_order department role sign_due opinion_due",
        "sub_order:sign": "sub_order deemed",
        "sub_order:reply": "sub_order opinion digest",
        "meeting:record": "meeting kind absent digest",
        "card:issue": "card code against",
        "card:revoke": "card",
        "notice:queue": "template audience digest",
        "notice:resend": "notice template",
        "notice:cancel": "notice template",
        "rating:record": "level second digest",
        "rectification:assign": "rectifier",
        "share:query": "department state digest",
        "deployment:review": "deployment verdict",
        "definition:activate": "definition org_unit from",
        "definition:cover": "definition org_unit reason_digest",
        "definition:deactivate": "definition org_unit",
        "definition:suspend": "process definition",
        "definition:resume": "process definition",
        "instance:suspend": "instance digest",
        "instance:resume": "instance digest",
        "instance:migrate": "instance migration source target",
        "instance:modify": "instance element change digest",
        "variables:edit": "instance names digest",
        "attachment:add": "attachment digest media_type",
        "attachment:remove": "attachment digest reason_digest",
        "document:issue": "document template number digest",
        "document:void": "document number reason_digest",
        "materials:notice": "number asked later",
        "migration:create": "migration source target instances digest",
        "migration:pause": "migration",
        "migration:resume": "migration",
        "migration:stop": "migration",
    }.items()
}


@dataclass(frozen=True)
class EvidenceReport:
    """What a verification read and what it found wrong; no faults means nothing was changed, removed or put in between."""

    checked: int
    chains: int
    seals: int
    faults: tuple[str, ...]


def record(session: Session, at: datetime, actor: Actor, chain: str, event: str, **facts: Any) -> None:
    """Append a fact to a chain (a case number, or "deployments")."""
    require_declared(event, facts)
    if driver_of(session).dialect.name == "postgresql":
        statements.LOCK_CHAIN.change_each(session, [{"chain": chain}])
    last, previous_hash = statements.EVIDENCE_HEAD.first(session, chain=chain) or (0, NO_HASH)
    body = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS).decode()
    recorded_at = at.astimezone(UTC).isoformat()
    content = (chain, last + 1, event, actor.id, body, recorded_at, previous_hash)
    names = ("chain", "sequence", "event", "actor", "facts", "recorded_at", "previous_hash")
    try:
        statements.ADD_EVIDENCE.change(session, **dict(zip(names, content, strict=True)), hash=row_hash(*content))
    except IntegrityError as error:
        raise Conflict(f"Expected to append to the evidence of {chain} but somebody else did at the same time. Try again.") from error


def require_declared(event: str, facts: Mapping[str, Any]) -> None:
    """A fact carries exactly the details declared for its event; anything else is a bug of the caller."""
    if event not in EVENTS:
        raise ValueError(f"Expected a declared event but got {event!r}. Declare it in EVENTS.")
    if facts.keys() != EVENTS[event]:
        raise ValueError(f"Expected {event} to carry {sorted(EVENTS[event])} but got {sorted(facts)}.")


def digest(content: Any) -> str:
    """SM3 of text, or of the canonical JSON of a value: stands in for what must not be kept here."""
    return _sm3(content.encode() if isinstance(content, str) else orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hex()


def row_hash(chain: str, sequence: int, event: str, actor: str, facts: str, recorded_at: str, previous_hash: str) -> str:
    """SM3 over the JSON list of a row's columns in this order."""
    return _sm3(orjson.dumps([chain, sequence, event, actor, facts, recorded_at, previous_hash])).hex()


def seal(session: Session, secrets: Secrets, now: datetime) -> EvidenceSeal | None:
    """Sign a Merkle root over everything recorded since the last seal; None when there is nothing new."""
    if session.get_bind().dialect.name == "postgresql":
        # Row numbers are given before commit: wait for writers, so that no lower number appears after the seal.
        session.execute(text("LOCK TABLE evidence IN SHARE MODE"))
    last = session.scalars(select(EvidenceSeal).order_by(EvidenceSeal.id.desc()).limit(1)).first()
    first_id = last.last_id + 1 if last else 1
    last_id = session.scalar(select(func.max(Evidence.id)))
    if last_id is None or last_id < first_id:
        return None
    sealed = EvidenceSeal(
        first_id=first_id,
        last_id=last_id,
        root=merkle_root(_hashes(session, first_id, last_id)),
        previous_root=last.root if last else NO_HASH,
        algorithm=ALGORITHM,
        key_id=secrets.key_id,
        sealed_at=now.astimezone(UTC),
    )
    sealed.signature = secrets.sign(signed_content(sealed))
    session.add(sealed)
    session.flush()
    return sealed


def verify(session: Session, secrets: Secrets, grown_since: datetime | None = None) -> EvidenceReport:
    """Read every chain and every seal again and name each place that does not fit.

    With ``grown_since``, of the chains only those with a row that was not sealed by then, each from its beginning, and of the
    seals' trees only those made since: this costs as much as has happened, all of it as much as ever happened. The order and
    the signatures of the seals are checked each time.
    """
    checked, chains, faults = 0, 0, list[str]()
    rows = session.execute(_rows_to_read(session, grown_since).execution_options(yield_per=1000))
    for _chain, group in groupby(rows, key=itemgetter(0)):
        chains += 1
        for fault in chain_faults(group):
            checked += 1
            faults.extend([fault] if fault else [])
    seals = session.scalars(select(EvidenceSeal).order_by(EvidenceSeal.id)).all()
    faults.extend(_seal_faults(session, secrets, seals, grown_since))
    return EvidenceReport(checked, chains, len(seals), tuple(faults))


def faults_of(session: Session, chain: str) -> tuple[str, ...]:
    """What is wrong with one chain."""
    rows = session.execute(select(*_COLUMNS).where(Evidence.chain == chain).order_by(Evidence.sequence))
    return tuple(fault for fault in chain_faults(rows) if fault)


def merkle_root(leaves: Iterable[str]) -> str:
    """Root of the tree over hashes in their order; leaves and nodes are hashed apart (RFC 6962), an odd one moves up as it is."""
    level = [_sm3(b"\x00" + bytes.fromhex(leaf)) for leaf in leaves]
    while len(level) > 1:
        pairs = [_sm3(b"\x01" + level[at] + level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0].hex() if level else NO_HASH


_NEW_SM3 = hashes.Hash(hashes.SM3())

_COLUMNS = (
    Evidence.chain,
    Evidence.sequence,
    Evidence.event,
    Evidence.actor,
    Evidence.facts,
    Evidence.recorded_at,
    Evidence.previous_hash,
    Evidence.hash,
)


def _rows_to_read(session: Session, grown_since: datetime | None) -> Select[Any]:
    wanted = select(*_COLUMNS).order_by(Evidence.chain, Evidence.sequence)
    if grown_since is None:
        return wanted
    sealed = session.scalar(select(func.max(EvidenceSeal.last_id)).where(EvidenceSeal.sealed_at < grown_since)) or 0
    return wanted.where(Evidence.chain.in_(select(Evidence.chain).where(Evidence.id > sealed)))


def chain_faults(rows: Iterable[Sequence[Any]]) -> Iterator[str | None]:
    """For each row of a chain what is wrong with it, or None. Hundreds of thousands are read: as tuples, and words only for a fault."""
    sequence, previous = 0, NO_HASH
    for chain, number, event, actor, facts, recorded_at, previous_hash, stated in rows:
        sequence += 1
        if number != sequence:
            yield f"{chain} #{number}: expected number {sequence}; rows are missing."
        elif previous_hash != previous:
            yield f"{chain} #{number}: does not follow the row before it."
        elif row_hash(chain, number, event, actor, facts, recorded_at, previous_hash) != stated:
            yield f"{chain} #{number}: its content was changed."
        else:
            yield None
        sequence, previous = number, stated


def _seal_faults(session: Session, secrets: Secrets, seals: Iterable[EvidenceSeal], grown_since: datetime | None) -> Iterator[str]:
    next_id, previous_root = 1, NO_HASH
    for sealed in seals:
        place = f"Seal {sealed.id} (rows {sealed.first_id}-{sealed.last_id})"
        if (sealed.first_id, sealed.previous_root) != (next_id, previous_root):
            yield f"{place}: does not follow the seal before it."
        if sealed.key_id != secrets.key_id:
            yield f"{place}: expected key {secrets.key_id} but it was signed with {sealed.key_id}."
        elif not secrets.is_signed(signed_content(sealed), sealed.signature):
            yield f"{place}: its signature is not valid."
        is_old = grown_since is not None and sealed.sealed_at < grown_since
        if not is_old and merkle_root(_hashes(session, sealed.first_id, sealed.last_id)) != sealed.root:
            yield f"{place}: rows were changed, added or removed after it was sealed."
        next_id, previous_root = sealed.last_id + 1, sealed.root


def _hashes(session: Session, first_id: int, last_id: int) -> Iterable[str]:
    return session.scalars(select(Evidence.hash).where(Evidence.id.between(first_id, last_id)).order_by(Evidence.id))


def signed_content(sealed: EvidenceSeal) -> bytes:
    moment = sealed.sealed_at.astimezone(UTC).isoformat()
    return orjson.dumps([sealed.algorithm, sealed.key_id, sealed.first_id, sealed.last_id, sealed.root, sealed.previous_root, moment])


def _sm3(content: bytes) -> bytes:
    hasher = _NEW_SM3.copy()  # half the time of a new one
    hasher.update(content)
    return hasher.finalize()
