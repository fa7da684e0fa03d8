"""A gate pass has come from its issuer: is it for the key that was just proven, for this event, and signed by this issuer?"""

from __future__ import annotations

from common.encoding import b64url_decode
from common.errors import Malformed, Rejected, TegataError
from common.formats.gate_pass.parse import PassToken, parse_pass_token
from common.formats.gate_pass.verify import IssuerKey, issuer_key, verify_pass_token
from common.keys.compressed_point import compress
from common.keys.history import verify_key_active
from common.trust.issuer_metadata import read_key_entry
from wallet_agent.holder.outside import Outside

_FOR_EVER = 2**53 - 1


def verify_received_pass(text: str, *, event: str, issuer: str, holder: bytes, outside: Outside) -> PassToken:
    """text: the credential of the answer. holder: compressed point of the key that the proof named.

    1. the token is of its one shape                                        common.formats.gate_pass
    2. it is bound to that key
    3. signed for this event by a key that its issuer publishes now, in its time
    Raises Malformed, Rejected("wrong_holder" | "untrusted_issuer" | "bad_signature" | "expired" | "not_yet_valid"), Unavailable.
    """
    now = outside.clock.now()
    # 1
    token = parse_pass_token(b64url_decode(text))
    # 2
    if token.holder != holder:
        raise Rejected("wrong_holder", "the pass is bound to another key than was proven")
    # 3
    verify_pass_token(token, event=event, issuer_keys=_keys(issuer, outside, now), now=max(now, token.nbf or 0))
    return token


def _keys(issuer: str, outside: Outside, now: int) -> list[IssuerKey]:
    """The keys of P-256 that an issuer publishes and uses."""
    found = []
    for jwk in outside.keys.published(issuer, now).jwks:
        try:
            point = compress(jwk)
            verify_key_active(read_key_entry(jwk), now=now)
        except (Malformed, Rejected):
            continue  # of another kind, or out of use
        except TegataError:
            continue  # of a kind unknown here
        found.append(issuer_key(point, not_before=0, not_after=_FOR_EVER))
    return found
