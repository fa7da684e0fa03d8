"""Binds a pass to the key of the browser that the holder shows it with, by the issuer's own OpenID4VCI endpoints.

The browser makes the key and signs the key proof; only the proof comes here. Whoever lost the phone, or whose browser has forgotten its
key, does the same with a new one: the issuer refuses the old pass from that moment on, and the gates with their next pack.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from common.adapters.database import transaction
from common.errors import Conflict, Malformed, Refused, Rejected
from common.keys.compressed_point import compress
from common.oid4vci.credential_request import CredentialRequest
from common.oid4vci.credential_response import CredentialResponse
from common.oid4vci.proof_jwt import VerifiedProof, verify_proofs
from common.oid4vci.token_request import RefreshRequest
from wallet_agent.holder.history import Entry, Given, add_history
from wallet_agent.holder.issuer_calls import (
    IssuerSaidNo,
    notify_issuer,
    post_credential_request,
    request_nonce,
    request_token,
)
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.passes import PassContent, open_pass, pass_row, read_pass, seal_pass
from wallet_agent.holder.texts import names_of
from wallet_agent.holder.verify_pass import verify_received_pass
from wallet_agent.store.audit import record
from wallet_agent.store.base import database
from wallet_agent.store.passes import lease_pass, move_pass, release_pass
from wallet_agent.store.tables import Pass
from wallet_agent.vault.open_vault import OpenVault

_TOKEN_SLACK = 5
"""Seconds before its end at which an access token counts as over."""
ALGS, METHODS = ("ES256",), ("jwk",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofWanted:
    """What the browser's proof has to say. audience: the issuer's identifier. nonce: None where the issuer wants none."""

    audience: str
    nonce: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundPass:
    """token: the issuer's CWT in base64url, for the browser. holder: thumbprint of its key."""

    token: str = field(repr=False)
    holder: str


@dataclass(slots=True)
class _Work:
    vault: OpenVault
    row: Pass
    outside: Outside

    def move(self, content: PassContent) -> PassContent:
        with transaction(database, "pass_moved"):
            self.move_within(content)
        return content

    def move_within(self, content: PassContent) -> None:
        if not move_pass(self.row, sealed=seal_pass(self.vault, self.row.id, content)):
            raise Conflict("pass_moved_on", "somebody else went on with this pass meanwhile")


def want_proof(vault: OpenVault, pass_id: str, *, outside: Outside) -> ProofWanted:
    """A fresh nonce of the issuer's, for the proof. Raises NotFound, IssuerSaidNo, Unavailable, TooMany, Malformed."""
    terms = open_pass(vault, pass_row(vault, pass_id)).terms
    return ProofWanted(audience=terms.issuer, nonce=request_nonce(terms, fetch=outside.fetch))


def bind_pass(vault: OpenVault, pass_id: str, proof: str, *, outside: Outside) -> BoundPass:
    """proof: the key proof as the browser signed it.

    1. the proof itself, so that nothing is asked for in vain                OpenID4VCI 1.0 appendix F.1
    2. one process at a time (a lease); a fresh access token where the old one is over, written down before it is used
    3. the credential request                                               §8.2
    4. what comes is for that key, that event, by that issuer               `verify_received_pass`
    5. written down: which key, when; history and audit
    An answer that is lost costs nothing: the browser asks again with the same key, and the lost pass is refused from then on.

    Raises NotFound, Malformed("invalid_proof"), Rejected, Conflict("pass_busy"), IssuerSaidNo (``invalid_nonce``: ask for another proof;
    ``invalid_grant`` …: the ticket has to be received anew), Unavailable, TooMany.
    """
    row = pass_row(vault, pass_id)
    content = open_pass(vault, row)
    # 1
    proven = _check(proof, content, outside)
    # 2
    now = outside.clock.now()
    if not lease_pass(row, now=now, until=now + outside.lease):
        raise Conflict("pass_busy", "this pass is being asked for at this moment")
    work = _Work(vault, row, outside)
    try:
        # 3
        content, answer = _ask(work, content, proof)
        # 4
        (text,) = answer.credentials
        holder = compress(proven.key.jwk)
        issuer = content.terms.issuer
        verify_received_pass(text, event=content.event, issuer=issuer, holder=holder, outside=outside)
        # 5
        content = replace(content, holder=proven.thumbprint, bound_at=outside.clock.now())
        with transaction(database, "pass_bound"):
            work.move_within(content)
            _note(vault, pass_id, now=outside.clock.now())
    finally:
        release_pass(row)
    notify_issuer(answer.notification_id, "credential_accepted", content.terms, content.token, fetch=outside.fetch)
    return BoundPass(token=text, holder=proven.thumbprint)


def _check(proof: str, content: PassContent, outside: Outside) -> VerifiedProof:
    terms = content.terms
    try:
        (proven,) = verify_proofs(
            (proof,),
            issuer=terms.issuer,
            now=outside.clock.now(),
            algs=ALGS,
            methods=METHODS,
            nonce_needed=terms.nonce_endpoint is not None,
        )
    except Rejected as error:
        raise Malformed("invalid_proof", error.detail) from error
    return proven


def _ask(work: _Work, content: PassContent, proof: str) -> tuple[PassContent, CredentialResponse]:
    token, now = content.token, work.outside.clock.now()
    fresh = token.expires_at is not None and token.expires_at - _TOKEN_SLACK <= now
    if fresh:
        content = _refresh(work, content)
    identifiers = content.token.identifiers.get(content.configuration.id)
    request = CredentialRequest(
        configuration_id=None if identifiers else content.configuration.id,
        identifier=identifiers[0] if identifiers else None,
        proofs=(proof,),
    )
    while True:
        try:
            answer = post_credential_request(request, content.terms, content.token, asked=1, fetch=work.outside.fetch)
        except IssuerSaidNo as error:
            if error.code != "invalid_token" or fresh:
                raise
            content, fresh = _refresh(work, content), True
            continue
        return content, answer


def _refresh(work: _Work, content: PassContent) -> PassContent:
    """A fresh access token (§13.5), written down before it is used: the old refresh token is spent.

    Raises Refused("invalid_grant") where there is none.
    """
    old, terms = content.token, content.terms
    if old.refresh_token is None:
        raise Refused("invalid_grant", "the issuer gave no way to ask again; receive the ticket anew")
    named = (content.configuration.id,) if terms.location else ()
    request = RefreshRequest(refresh_token=old.refresh_token, requested=named)
    new = request_token(request, terms, fetch=work.outside.fetch, clock=work.outside.clock)
    token = replace(
        new, refresh_token=new.refresh_token or old.refresh_token, identifiers=new.identifiers or old.identifiers
    )
    return work.move(replace(content, token=token))


def _note(vault: OpenVault, pass_id: str, *, now: int) -> None:
    held = read_pass(vault, pass_id)
    face = held.card.face
    entry = Entry(
        kind="pass_bound",
        outcome="done",
        party=face.issuer,
        party_names=names_of(face.issuer_display),
        given=(Given(card_id=held.card.id, names=names_of(face.display), paths=()),),
    )
    add_history(vault, entry, now=now)
    record(vault.tenant, "pass.bound", now=now)
