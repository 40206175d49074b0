"""Seal what was recorded since the last seal."""

from __future__ import annotations

from engine.assembly import Engine
from engine.services import evidence


def seal_evidence(engine: Engine) -> bool:
    """Sign a Merkle root over the new evidence; False when there is none."""
    with engine.database.transaction() as session:
        return evidence.seal(session, engine.secrets, engine.clock.now()) is not None
