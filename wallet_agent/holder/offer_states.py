"""The life of an offer, as types. The table stores the state's name; a transition is one UPDATE on the revision that was read.

    Received ──accept──▶ Authorised ──keys made──▶ Requesting ──cards stored──▶ Stored ──notified──▶ Done
       │ └─decline─▶ Declined        └────────────┴── Failed (the issuer says no, or sends what cannot be believed)

Whatever must survive a crash is written before the step that needs it: the access token before the keys, the keys before the
request that names them, the credentials as they came before they are verified, the cards in
the same transaction that says they are stored. So every state can be taken up again by `request_credential`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from common.errors import Rejected
from common.oid4vci.credential_offer import TransactionCode
from common.oid4vci.issuer_metadata import CredentialConfiguration, Display


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was offered, by whom, and where to get it. replaces: the card that the new one supersedes.

    location: to be named in token requests where the authorisation server serves several issuers (§6.1).
    """

    issuer: str
    issuer_display: tuple[Display, ...]
    configurations: tuple[CredentialConfiguration, ...]
    token_endpoint: str
    credential_endpoint: str
    nonce_endpoint: str | None
    notification_endpoint: str | None
    batch_size: int = 1
    location: str | None = None
    tx_code: TransactionCode | None = None
    replaces: str | None = None

    def configuration(self, configuration_id: str) -> CredentialConfiguration:
        """Raises Rejected("wrong_type") for one that was not offered."""
        for one in self.configurations:
            if one.id == configuration_id:
                return one
        raise Rejected("wrong_type", "the issuer answers with a credential that it did not offer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """The access token and what it is good for. expires_at: seconds, None where the issuer did not say."""

    access_token: str = field(repr=False)
    expires_at: int | None
    refresh_token: str | None = field(repr=False)
    identifiers: dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One credential to ask for, with the holder keys made for it (private JWKs).

    card_id is chosen beforehand, so that storing it twice is impossible. delivered: the credentials as they came, not yet verified.
    stored: the card is in the vault. notification_id: to tell the issuer.
    """

    configuration_id: str
    identifier: str | None
    card_id: str
    keys: tuple[dict[str, Any], ...] = field(repr=False)
    delivered: tuple[str, ...] = field(default=(), repr=False)
    stored: bool = False
    notification_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    terms: Terms
    code: str = field(repr=False)
    wrong_codes: int = 0
    state: Literal["received"] = "received"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorised:
    terms: Terms
    token: Token
    state: Literal["authorised"] = "authorised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requesting:
    terms: Terms
    token: Token
    wanted: tuple[Wanted, ...]
    state: Literal["requesting"] = "requesting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """All cards are in the vault; the issuer may still be told."""

    terms: Terms
    token: Token
    wanted: tuple[Wanted, ...]
    state: Literal["stored"] = "stored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    terms: Terms
    card_ids: tuple[str, ...]
    state: Literal["done"] = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    terms: Terms
    state: Literal["declined"] = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """code and detail: what to tell the person; card_ids: those that arrived nevertheless."""

    terms: Terms
    code: str
    detail: str
    card_ids: tuple[str, ...] = ()
    state: Literal["failed"] = "failed"


OfferState = Received | Authorised | Requesting | Stored | Done | Declined | Failed
UNFINISHED = ("authorised", "requesting", "stored")
"""States that `request_credential` takes up again without the person's help."""
