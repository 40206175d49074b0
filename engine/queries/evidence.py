"""Verify the evidence: every chain, every seal."""

from __future__ import annotations

from engine.assembly import Engine
from engine.services import evidence
from engine.services.evidence import EvidenceReport

__all__ = ["EvidenceReport", "verify_evidence"]


def verify_evidence(engine: Engine) -> EvidenceReport:
    """Read every row again and name each place that does not fit."""
    with engine.database.reading() as session:
        return evidence.verify(session, engine.secrets)
