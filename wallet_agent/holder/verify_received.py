"""A credential has come from an issuer: is it what was offered, by whom it says, for a key of ours? Verified before it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from common.errors import Rejected
from common.formats.credential import VerifiedCredential
from common.formats.registry import FORMATS
from common.jose.jwk import same_key
from common.keys.history import verify_key_time
from common.oid4vci.issuer_metadata import CredentialConfiguration
from common.trust.issuer_key import FoundKey
from wallet_agent.holder.outside import Outside

BASE_TYPE = "VerifiableCredential"
"""Every W3C credential has it; formats leave it out of ``VerifiedCredential.types``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedCopy:
    """One proven copy with the private key that it is bound to."""

    text: str = field(repr=False)
    private_jwk: dict[str, Any] = field(repr=False)
    verified: VerifiedCredential = field(repr=False)
    found: FoundKey = field(repr=False)


def verify_received(
    texts: Sequence[str],
    keys: Sequence[dict[str, Any]],
    *,
    configuration: CredentialConfiguration,
    credential_issuer: str,
    outside: Outside,
) -> tuple[ReceivedCopy, ...]:
    """Every copy of one credential.

    1. the issuer's key, by the one path that its identifier allows      common.trust.issuer_key
    2. signature, times, structure, by a key that is in use              the format's ``verify``; common.keys.history
    3. bound to one of the keys sent, each key at most once              OpenID4VCI 1.0 §8.3
    4. of the type that was offered                                      appendix A
    5. from the issuer that offered it (same host), or one that this deployment lists
    6. all copies say the same

    Raises Rejected, Malformed, Unavailable (then it may be tried again). Trust in an issuer that is not listed is the holder's to judge;
    the card says so.
    """
    format_ = FORMATS[configuration.format]
    now, left = outside.clock.now(), list(keys)
    copies: list[ReceivedCopy] = []
    for text in texts:
        parsed = format_.parse(text)
        # 1
        found = outside.keys.find(parsed.issuer_key_hint, now=now)
        # 2
        verified = format_.verify(parsed, found.key, now=now)
        verify_key_time(found.history, claimed=verified.issued_at, proven_before=None, now=now)
        # 3
        key = _take_key(left, verified)
        # 4
        _check_type(configuration, verified)
        # 5
        _check_issuer(credential_issuer, verified.issuer, outside)
        copies.append(ReceivedCopy(text=text, private_jwk=key, verified=verified, found=found))
    # 6
    if any(_facts(one.verified) != _facts(copies[0].verified) for one in copies[1:]):
        raise Rejected("wrong_type", "the copies of one card do not say the same")
    return tuple(copies)


def _take_key(left: list[dict[str, Any]], verified: VerifiedCredential) -> dict[str, Any]:
    for position, key in enumerate(left):
        if verified.holder_jwk is not None and same_key(verified.holder_jwk, key):
            return left.pop(position)
    raise Rejected("wrong_holder", "the credential is bound to a key that is not ours")


def _check_type(configuration: CredentialConfiguration, verified: VerifiedCredential) -> None:
    if verified.format != configuration.format:
        raise Rejected("wrong_type", "the credential has another format than was offered")
    if configuration.vct is not None and configuration.vct not in verified.types:
        raise Rejected("wrong_type", "the credential has another type than was offered")
    if configuration.doctype is not None and configuration.doctype not in verified.types:
        raise Rejected("wrong_type", "the credential has another type than was offered")
    said = verified.claims.get(
        "type"
    )  # the short names, as the issuer's metadata has them; verified.types may be their IRIs
    short = {said} if isinstance(said, str) else set(said or ()) if configuration.types else set()
    if not set(configuration.types) - {BASE_TYPE} <= set(verified.types) | short:
        raise Rejected("wrong_type", "the credential has another type than was offered")


def _check_issuer(credential_issuer: str, issuer: str, outside: Outside) -> None:
    if outside.anchors.issuer(issuer) is None and host_of(issuer) != host_of(credential_issuer):
        raise Rejected("untrusted_issuer", "the credential comes from somebody else than the issuer that offered it")


def host_of(identifier: str) -> str | None:
    """Host and port that an https identifier or a did:web stands for; None for others."""
    if identifier.startswith("did:web:"):
        return unquote(identifier.split(":")[2]).lower()
    return urlsplit(identifier).netloc.lower() or None


def _facts(verified: VerifiedCredential) -> dict[str, Any]:
    """What the credential says of the person, without what binds this copy."""
    return {name: value for name, value in verified.subject.items() if name not in {"id", "cnf", "status"}}
