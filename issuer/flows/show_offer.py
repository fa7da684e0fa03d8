"""Finds an open offer by its reference (credential_offer_uri) or by the token of the student's claim page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from common.encoding import parse_json
from common.errors import NotFound
from common.oid4vci.credential_offer import CredentialOffer
from issuer.catalogue.configurations import CONFIGURATIONS
from issuer.flows.desk import Desk
from issuer.flows.make_offer import build_offer, describe_offer
from issuer.flows.tenant_secrets import digest
from issuer.store.tables import Offer, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """What the claim page shows. state: open | redeemed | issued | cancelled | dead | expired; links are empty unless open.

    wallet_link: the offer for the deployment's web wallet, where one is set. tries_left: wrong codes or birth dates until it is dead.
    family_name: enough to see that the page is one's own. language: what the roll says the person reads. Both are empty for an offer from a
    card (from_card): whoever stands before the reader has the page in hand, and what the card said is not repeated to whoever has its link.
    """

    institution_ja: str
    institution_en: str
    seal: str
    family_name: str
    language: str
    types: tuple[str, ...]
    state: str
    link: str
    link_by_value: str
    needs_tx_code: bool
    expires_at: int
    wallet_link: str = ""
    tries_left: int = 0
    from_card: bool = False


def show_offer(desk: Desk, tenant: str, reference: str) -> CredentialOffer:
    """Raises NotFound for an unknown reference, and for an offer that is over."""
    row = Offer.get_or_none(Offer.tenant == tenant, Offer.reference_hash == digest(reference))
    if row is None or state_of(row, desk.now) != "open":
        raise NotFound("no_such_offer", "this offer is unknown or over")
    return build_offer(desk, tenant, row)


def show_claim(desk: Desk, tenant: str, claim_token: str) -> ClaimView:
    """Raises NotFound for an unknown token. An offer that is over is shown as such, without its links."""
    row = Offer.get_or_none(Offer.tenant == tenant, Offer.claim_hash == digest(claim_token))
    person = None if row is None else Person.get_or_none(Person.tenant == tenant, Person.id == row.person_id)
    from_card = row is not None and row.reason == "card"
    if row is None or (person is None and not from_card):
        raise NotFound("no_such_offer", "this offer is unknown or over")
    identity = desk.keys.identity(tenant)
    state = state_of(row, desk.now)
    made = describe_offer(desk, tenant, row)
    return ClaimView(
        institution_ja=identity.name_ja,
        institution_en=identity.name_en,
        seal=identity.seal,
        family_name="" if person is None else person.family_name,
        language="" if person is None else person.language,
        types=types_of(row),
        state=state,
        link=made.link if state == "open" else "",
        link_by_value=made.link_by_value if state == "open" else "",
        needs_tx_code=row.needs_tx_code,
        expires_at=row.expires_at,
        wallet_link=made.wallet_link if state == "open" else "",
        tries_left=max(0, desk.settings.tx_code_tries - row.tx_code_wrong) if state == "open" else 0,
        from_card=from_card,
    )


def state_of(row: Any, now: int) -> str:
    """The state of an offer as people see it: an open one whose time is over has expired."""
    return "expired" if row.state == "open" and now >= row.expires_at else str(row.state)


def types_of(row: Any) -> tuple[str, ...]:
    """Names of the credential types of an offer, each once."""
    return tuple(dict.fromkeys(CONFIGURATIONS[name].type.name for name in parse_json(row.configurations)))
