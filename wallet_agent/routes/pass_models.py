"""The JSON shapes of gate passes."""

from __future__ import annotations

from pydantic import BaseModel, Field

from wallet_agent.holder.bind_pass import BoundPass, ProofWanted
from wallet_agent.holder.pass_facts import PassFacts
from wallet_agent.holder.texts import Texts
from wallet_agent.routes.models import Strict


class PassOut(BaseModel):
    """A ticket's gate pass. state: valid, ended, stopped or unknown. holder: RFC 7638 thumbprint of the key that it is bound to, or empty.

    event: the identifier that both signatures of a pass cover. starts_at, ends_at: RFC 3339. now: this server's clock, in seconds.
    """

    id: str
    event: str
    titles: Texts
    issuer_names: Texts
    event_name: str
    venue: str
    zone: str
    entrance: str
    starts_at: str
    ends_at: str
    state: str
    as_of: int | None
    holder: str
    now: int


class PassPageOut(PassOut):
    """csrf: to be sent as X-CSRF-Token with what follows."""

    csrf: str = Field(repr=False)


class ProofWantedOut(BaseModel):
    """What to put into the key proof (OpenID4VCI 1.0 appendix F.1). nonce: null where the issuer wants none."""

    audience: str
    nonce: str | None


class KeyProof(Strict):
    """proof: a key proof JWT, whose key is named by ``jwk`` and is of P-256."""

    proof: str = Field(min_length=1, max_length=16384)


class BoundPassOut(BaseModel):
    """token: the issuer's CWT in base64url. holder: thumbprint of the key that it is bound to."""

    token: str
    holder: str


def pass_out(facts: PassFacts) -> PassOut:
    return PassOut(**_members(facts))


def pass_page_out(facts: PassFacts, *, csrf: str) -> PassPageOut:
    return PassPageOut(**_members(facts), csrf=csrf)


def proof_wanted_out(wanted: ProofWanted) -> ProofWantedOut:
    return ProofWantedOut(audience=wanted.audience, nonce=wanted.nonce)


def bound_out(bound: BoundPass) -> BoundPassOut:
    return BoundPassOut(token=bound.token, holder=bound.holder)


def _members(facts: PassFacts) -> dict[str, object]:
    return {name: getattr(facts, name) for name in PassOut.model_fields}
