"""Invites a person to claim certificates (OpenID4VCI 1.0 §4.1, pre-authorised code)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from common.adapters.database import transaction
from common.encoding import compact_json, parse_json
from common.errors import Refused
from common.oid4vci.credential_offer import (
    CredentialOffer,
    PreAuthorizedCodeOffer,
    TransactionCode,
    build_offer_link,
    build_offer_link_by_reference,
)
from issuer.catalogue.configurations import CONFIGURATIONS, configuration_id
from issuer.catalogue.contract import CredentialType
from issuer.catalogue.registry import CATALOGUE
from issuer.flows.change_keys import ensure_key
from issuer.flows.desk import Desk
from issuer.flows.entitlement import may_hold
from issuer.flows.signing_choice import alg_of
from issuer.flows.tenant_secrets import TX_CODE_DIGITS, digest
from issuer.store.audit import record
from issuer.store.tables import Offer

Reason = Literal["new", "correction", "reissue", "renewal", "card", "ticket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeOffer:
    """An offer with everything that leads to it. link: by reference, for QR codes; link_by_value: the same without a fetch.
    wallet_link: the same for the web wallet of the setting ``wallet_open_url``, or empty.

    claim_url: the page for the student. tx_code: to be told by another way, or None. expires_at: seconds since 1970.
    """

    id: str
    person_id: str
    configurations: tuple[str, ...]
    link: str = field(repr=False)
    link_by_value: str = field(repr=False)
    claim_url: str = field(repr=False)
    tx_code: str | None = field(repr=False)
    expires_at: int
    wallet_link: str = field(default="", repr=False)


def make_offer(
    desk: Desk,
    tenant: str,
    person: Any,
    *,
    types: Sequence[str],
    actor: str,
    formats: Sequence[str] | Mapping[str, Sequence[str]] = (),
    tx_code: bool = True,
    reason: Reason = "new",
    seconds: int | None = None,
) -> MadeOffer:
    """person: a row of `Person`. types: names of the catalogue. formats: of all, or by type; empty for the setting ``offered_formats``,
    and for a type that has none of these its own first.

    Raises Unsupported for an unknown type or format, Refused("not_entitled") where the person cannot hold such a certificate.
    """
    kinds = [CATALOGUE[name] for name in dict.fromkeys(types)]
    for kind in kinds:
        if not may_hold(kind, person):
            raise Refused("not_entitled", f"the roll does not entitle this person to the certificate {kind.name}")
    wanted = choose_configurations(desk, tenant, kinds, formats)
    seconds = desk.settings.offer_seconds if seconds is None else seconds
    with transaction(desk.database, "make_offer"):
        offer = write_offer(
            desk,
            tenant,
            person.id,
            wanted,
            reason=reason,
            tx_code=tx_code,
            expires_at=desk.now + seconds,
            actor=actor,
        )
    return describe_offer(desk, tenant, offer)


def choose_configurations(
    desk: Desk, tenant: str, kinds: Sequence[CredentialType], formats: Sequence[str] | Mapping[str, Sequence[str]] = ()
) -> tuple[str, ...]:
    """The configurations of an offer of these types; their keys are made where there are none. formats: as in `make_offer`.

    Raises Unsupported for an unknown format, Refused("format_not_offered" | "nothing_offered").
    """
    identity = desk.keys.identity(tenant)
    wanted = []
    for kind in kinds:
        for form in (formats.get(kind.name) if isinstance(formats, Mapping) else formats) or _formats_of(desk, kind):
            if form not in kind.formats or (form == "mso_mdoc" and desk.certify_documents is None):
                raise Refused("format_not_offered", f"the certificate {kind.name} is not issued as {form}")
            configuration = CONFIGURATIONS[configuration_id(kind.name, form)]
            ensure_key(desk, tenant, alg_of(identity, configuration))  # now, so that verifiers know it when it signs
            wanted.append(configuration.id)
    if not wanted:
        raise Refused("nothing_offered", "an offer needs at least one certificate")
    return tuple(wanted)


def write_offer(
    desk: Desk,
    tenant: str,
    subject: str,
    configurations: Sequence[str],
    *,
    reason: Reason,
    tx_code: bool,
    expires_at: int,
    actor: str,
) -> Any:
    """Inside the caller's transaction: a row of `Offer`. subject: id of a person, of the reading of a card, or of a ticket."""
    now, offer_id = desk.now, secrets.token_hex(12)
    Offer.insert(
        tenant=tenant,
        id=offer_id,
        person_id=subject,
        configurations=compact_json(list(configurations)).decode(),
        reason=reason,
        supersedes=reason not in ("new", "card"),
        state="open",
        reference_hash=digest(desk.secrets.token(tenant, "offer reference", offer_id)),
        claim_hash=digest(desk.secrets.token(tenant, "claim token", offer_id)),
        code_hash=digest(desk.secrets.token(tenant, "pre-authorised code", offer_id)),
        needs_tx_code=tx_code,
        created_at=now,
        expires_at=expires_at,
        changed_at=now,
    ).execute()
    record(tenant, at=now, actor=actor, act="offer_made", subject=offer_id, reason=reason)
    return Offer.get(Offer.tenant == tenant, Offer.id == offer_id)


def _formats_of(desk: Desk, kind: CredentialType) -> tuple[str, ...]:
    """Where an offer names no format: those of the setting that the type has, and its own first where it has none of them."""
    return tuple(form for form in desk.settings.offered_formats if form in kind.formats) or kind.formats[:1]


def describe_offer(desk: Desk, tenant: str, row: Any) -> MadeOffer:
    """A row of `Offer` → its links. Nothing of it is stored: it all follows from the offer's id and the key file."""
    reference = desk.secrets.token(tenant, "offer reference", row.id)
    address = desk.addresses.offer(tenant, reference)
    offer, wallet = build_offer(desk, tenant, row), desk.addresses.wallet_open_url
    return MadeOffer(
        id=row.id,
        person_id=row.person_id,
        configurations=offer.configuration_ids,
        link=build_offer_link_by_reference(address),
        link_by_value=build_offer_link(offer),
        claim_url=_page_of(desk, tenant, row),
        tx_code=desk.secrets.tx_code(tenant, row.id) if row.needs_tx_code else None,
        expires_at=row.expires_at,
        wallet_link=build_offer_link_by_reference(address, endpoint=wallet) if wallet else "",
    )


def _page_of(desk: Desk, tenant: str, row: Any) -> str:
    """Where who is meant sees it: the claim page, and of a ticket its holder's."""
    if row.reason == "ticket":
        return desk.addresses.ticket(tenant, desk.secrets.token(tenant, "ticket", row.person_id))
    return desk.addresses.claim(tenant, desk.secrets.token(tenant, "claim token", row.id))


def build_offer(desk: Desk, tenant: str, row: Any) -> CredentialOffer:
    """A row of `Offer` → the message of OpenID4VCI."""
    return CredentialOffer(
        credential_issuer=desk.addresses.issuer(tenant),
        configuration_ids=tuple(parse_json(row.configurations)),
        pre_authorized=PreAuthorizedCodeOffer(
            code=desk.secrets.token(tenant, "pre-authorised code", row.id),
            tx_code=TransactionCode(length=TX_CODE_DIGITS) if row.needs_tx_code else None,
        ),
    )
