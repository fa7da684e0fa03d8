"""An invitation's link → where the relay is, and what the card will sign for; and whether an offer is of who invited.

The issuer's side of it: ``Addresses.invitation``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from common.cards.relay import Offer
from common.errors import Malformed, Refused
from common.oid4vci.credential_offer import OfferByReference, parse_offer_link
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


def check_link(offer: Offer, invitation: Invitation) -> None:
    """An offer's addresses, before anything is fetched. Raises Refused("other_issuer"), Malformed where the link is no offer."""
    found = parse_offer_link(offer.link)
    check_issuer(found.address if isinstance(found, OfferByReference) else found.credential_issuer, invitation)
    check_issuer(offer.claim_url, invitation)


def check_issuer(address: str, invitation: Invitation) -> None:
    """Raises Refused("other_issuer") unless the address stands at the origin that the card signed for."""
    try:
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        origin = ""
    if origin.lower() != invitation.invited.origin.lower():
        raise Refused(
            "other_issuer", "what was offered is of another issuer than the one that invited; nothing was taken"
        )
