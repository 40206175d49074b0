"""Which ways out an installation has, from its settings."""

from __future__ import annotations

from collections.abc import Mapping

from engine.channels.contract import Channel
from engine.channels.http_gateway import HttpGateway
from engine.channels.mail import Mail
from engine.settings import ChannelSettings

#: What a webhook in the manner of WeChat is sent.
WECHAT_BODY = '{"touser": {to}, "msgtype": "text", "text": {"content": {text}}, "client_msg_id": {key}}'


def channels_of(settings: ChannelSettings) -> Mapping[str, Channel]:
    """The channels that are set up, by name. Raises InvalidInput when one of them cannot work."""
    found: dict[str, Channel] = {}
    if "sms" in settings.names:
        found["sms"] = HttpGateway(settings.sms_url, settings.sms_key, settings.sms_body, settings.timeout_seconds)
    if "wechat" in settings.names:
        found["wechat"] = HttpGateway(settings.wechat_url, settings.wechat_key, WECHAT_BODY, settings.timeout_seconds)
    if "email" in settings.names:
        found["email"] = Mail(settings)
    return found
