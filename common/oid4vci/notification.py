"""Notification Request: what became of the issued credentials (OpenID4VCI 1.0 §11.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from common.oauth.errors import describe
from common.oauth.wire import ShortText, Wire, read_wire

Event = Literal["credential_accepted", "credential_failure", "credential_deleted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """description: ASCII text for developers, never shown to people as ours."""

    notification_id: str
    event: Event
    description: str = ""


class _Wire(Wire):
    notification_id: ShortText
    event: Event
    event_description: Annotated[str, Field(max_length=4096, pattern=r"^[\x20-\x21\x23-\x5b\x5d-\x7e]*$")] | None = None


def build_notification(notification: Notification) -> dict[str, str]:
    """The JSON object."""
    body: dict[str, str] = {"notification_id": notification.notification_id, "event": notification.event}
    if notification.description:
        body["event_description"] = describe(notification.description)
    return body


def parse_notification(data: bytes | str | Mapping[str, Any]) -> Notification:
    """JSON object → notification. Raises Malformed("invalid_notification_request"). An unknown id: flows raise
    ``Refused("invalid_notification_id")``."""
    wire = read_wire(_Wire, data, code="invalid_notification_request", max_bytes=1 << 14)
    return Notification(
        notification_id=wire.notification_id, event=wire.event, description=wire.event_description or ""
    )
