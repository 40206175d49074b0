"""Messages by e-mail over SMTP. Encrypted unless the server is on this machine; the message's id is made of its key."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

from engine.channels.contract import ChannelFailed, ChannelRefused, Message, Receipt
from engine.errors import InvalidInput
from engine.settings import ChannelSettings

_OWN_MACHINE = ("localhost", "127.0.0.1", "::1")


class Mail:
    """One mail server. A connection is made for each message: notices by e-mail are few."""

    def __init__(self, settings: ChannelSettings, trust: ssl.SSLContext | None = None):
        if settings.smtp_security not in ("tls", "starttls", "none"):
            raise InvalidInput(f"Expected tls, starttls or none as DOUDI_SMTP_SECURITY but got {settings.smtp_security!r}.")
        if settings.smtp_security == "none" and settings.smtp_host not in _OWN_MACHINE:
            raise InvalidInput("Expected an encrypted way to a mail server elsewhere but DOUDI_SMTP_SECURITY is none.")
        self._settings, self._trust = settings, trust or ssl.create_default_context()

    def send(self, message: Message) -> Receipt:
        """Hand the message over. Raises ChannelFailed or ChannelRefused."""
        try:
            with self._connected() as server:
                server.send_message(self.letter(message))
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
            kind = ChannelRefused if _is_final(error) else ChannelFailed
            raise kind(f"Expected the mail server to take it but it said {_said(error)}.") from error
        except (smtplib.SMTPException, OSError) as error:
            raise ChannelFailed(f"Expected the mail server to answer but: {type(error).__name__}") from error
        return Receipt(_message_id(message))

    def letter(self, message: Message) -> EmailMessage:
        """The e-mail. What was typed cannot add a header: the library refuses line ends there."""
        letter = EmailMessage()
        letter["From"], letter["To"] = self._settings.smtp_sender, message.address
        letter["Subject"] = " ".join(message.subject.split())
        letter["Date"], letter["Message-ID"] = format_datetime(message.at), _message_id(message)
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text)
        return letter

    def _connected(self) -> smtplib.SMTP:
        given = self._settings
        if given.smtp_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(given.smtp_host, given.smtp_port, timeout=given.timeout_seconds, context=self._trust)
        else:
            server = smtplib.SMTP(given.smtp_host, given.smtp_port, timeout=given.timeout_seconds)
        try:
            if given.smtp_security == "starttls":
                server.starttls(context=self._trust)
            if given.smtp_user:
                server.login(given.smtp_user, given.smtp_password)
        except BaseException:
            server.close()
            raise
        return server


def _message_id(message: Message) -> str:
    return f"<{message.key}@doudi.invalid>"


def _is_final(error: smtplib.SMTPException) -> bool:
    """Whether the server said 5xx: never."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500


def _said(error: smtplib.SMTPException) -> str:
    """The server's code; its words may hold the address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return ", ".join(sorted({str(code) for code, _ in error.recipients.values()}))
    return str(error.smtp_code) if isinstance(error, smtplib.SMTPResponseException) else type(error).__name__
