"""Configuration from environment variables, read here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: The checkout, or the folder that the wheel was installed into.
HOME = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Everything that differs between installations."""

    database_url: str
    data_folder: Path
    processes_folder: Path
    forms_folder: Path
    secret_key: str | None
    org_unit: str
    region: str
    lease_seconds: float
    session_minutes: int
    is_https: bool
    public_url: str
    four_eyes: bool
    attachment_bytes: int
    attachments_per_case: int
    virus_scan: str

    @property
    def key_file(self) -> Path:
        """Where a generated secret key is kept when none is given."""
        return self.data_folder / "secret.key"

    @property
    def files_folder(self) -> Path:
        """Where attachments and documents lie, sealed."""
        return self.data_folder / "files"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read ``DOUDI_*`` variables; every one has a default that works on one machine."""
    given = os.environ if environment is None else environment
    data_folder = Path(given.get("DOUDI_DATA", "data")).resolve()
    return Settings(
        database_url=given.get("DOUDI_DATABASE_URL", f"sqlite:///{data_folder / 'doudi.db'}"),
        data_folder=data_folder,
        processes_folder=Path(given.get("DOUDI_PROCESSES", _shipped("processes"))),
        forms_folder=Path(given.get("DOUDI_FORMS", _shipped("forms"))),
        secret_key=given.get("DOUDI_SECRET_KEY"),
        org_unit=given.get("DOUDI_ORG_UNIT", "440103-01"),
        region=given.get("DOUDI_REGION", "440103"),
        lease_seconds=float(given.get("DOUDI_LEASE_SECONDS", "30")),
        session_minutes=int(given.get("DOUDI_SESSION_MINUTES", "480")),
        is_https=given.get("DOUDI_HTTPS", "") == "1",
        public_url=given.get("DOUDI_PUBLIC_URL", "").rstrip("/"),
        four_eyes=given.get("DOUDI_FOUR_EYES", "1") == "1",
        attachment_bytes=int(float(given.get("DOUDI_ATTACHMENT_MB", "20")) * 1_000_000),
        attachments_per_case=int(given.get("DOUDI_ATTACHMENTS_PER_CASE", "50")),
        virus_scan=given.get("DOUDI_VIRUS_SCAN", ""),
    )


def _shipped(folder: str) -> Path:
    checkout = HOME / folder
    return checkout if checkout.is_dir() else HOME / "doudi_files" / folder
