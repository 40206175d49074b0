"""Configuration from environment variables, read here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: The checkout, or the folder that the wheel was installed into.
HOME = Path(__file__).resolve().parent.parent


#: What an HTTP gateway for SMS is sent, unless the installation says otherwise: JSON with {to}, {text}, {key} and {at} filled in.
SMS_BODY = '{"mobile": {to}, "content": {text}, "id": {key}, "time": {at}}'


@dataclass(frozen=True)
class ChannelSettings:
    """Ways out of the building. Without an address a channel is not there; without any, nothing leaves the machine.

    ``smtp_security``: tls (from the start), starttls, or none (only on the own machine).
    """

    sms_url: str = ""
    sms_key: str = ""
    sms_body: str = SMS_BODY
    wechat_url: str = ""
    wechat_key: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_sender: str = ""
    timeout_seconds: float = 10.0

    @property
    def names(self) -> frozenset[str]:
        """The channels that are set up."""
        given = {"sms": self.sms_url, "wechat": self.wechat_url, "email": self.smtp_host}
        return frozenset(name for name, address in given.items() if address)


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
    channels: ChannelSettings = field(default_factory=ChannelSettings)

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
        channels=_channels(given),
    )


def _channels(given: Mapping[str, str]) -> ChannelSettings:
    return ChannelSettings(
        sms_url=given.get("DOUDI_SMS_URL", ""),
        sms_key=given.get("DOUDI_SMS_KEY", ""),
        sms_body=given.get("DOUDI_SMS_BODY", SMS_BODY),
        wechat_url=given.get("DOUDI_WECHAT_URL", ""),
        wechat_key=given.get("DOUDI_WECHAT_KEY", ""),
        smtp_host=given.get("DOUDI_SMTP_HOST", ""),
        smtp_port=int(given.get("DOUDI_SMTP_PORT", "587")),
        smtp_security=given.get("DOUDI_SMTP_SECURITY", "starttls"),
        smtp_user=given.get("DOUDI_SMTP_USER", ""),
        smtp_password=given.get("DOUDI_SMTP_PASSWORD", ""),
        smtp_sender=given.get("DOUDI_SMTP_SENDER", ""),
        timeout_seconds=float(given.get("DOUDI_CHANNEL_SECONDS", "10")),
    )


def _shipped(folder: str) -> Path:
    checkout = HOME / folder
    return checkout if checkout.is_dir() else HOME / "doudi_files" / folder
