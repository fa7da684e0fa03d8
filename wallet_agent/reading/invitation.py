"""An invitation's link → where the relay is, and what the card will sign for. The issuer's side of it: ``Addresses.invitation``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from common.errors import Malformed
from wallet_agent.reading.relay import Invited

_PATH: Final = re.compile(r"((?:/[A-Za-z0-9._~-]+)+)/card/([0-9a-f]{24})/([A-Za-z0-9_-]{16,128})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """relay: https address of the relay's endpoint. token: opens this session, and nothing else."""

    relay: str
    token: str = field(repr=False)
    invited: Invited


def parse_invitation(link: str) -> Invitation:
    """Raises Malformed("bad_invitation"). Whether the address may be asked at all is judged where it is asked."""
    try:
        parts = urlsplit(link.strip())
        host, path = parts.netloc, _PATH.fullmatch(parts.path)
    except ValueError:
        host, path = "", None
    if (
        path is None
        or not host
        or "@" in host
        or parts.scheme not in ("https", "http")
        or parts.query
        or parts.fragment
    ):
        raise Malformed("bad_invitation", "not the link of an invitation to prove something with a card")
    institution, session, token = path.groups()
    origin = f"{parts.scheme}://{host}"
    return Invitation(
        relay=f"{origin}{institution}/card/{session}/relay",
        token=token,
        invited=Invited(origin=origin, session=session),
    )
