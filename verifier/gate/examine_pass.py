"""A scanned text, put to the proof: what `judge` takes of any credential, and the ticket itself. Pure; never raises for input."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from common.errors import Malformed, Rejected
from common.formats.credential import VerifiedCredential, VerifiedPresentation
from common.formats.gate_pass.parse import parse_gate_pass
from common.formats.gate_pass.verify import VerifiedPass, verify_gate_pass
from verifier.flows.examine import Examined, Shown
from verifier.gate.plan import FORMAT, QUERY, GatePlan

_NOTHING: MappingProxyType[str, Any] = MappingProxyType({})
_TYPES = (FORMAT,)
_PROOF_MISSING = "holder_proof_missing"
"""A ticket that is bound to a phone, shown without the phone's proof: it can be read, and is not to be believed."""


def examine_pass(text: str, plan: GatePlan, *, now: int) -> tuple[Examined, VerifiedPass | None]:
    """The numbered plan of `common.formats.gate_pass.verify`. The pass is None exactly when the other holds a fault."""
    shown = Shown(query_id=QUERY, format=FORMAT, text=text)
    try:
        found = verify_gate_pass(
            parse_gate_pass(text),
            event=plan.event,
            issuer_keys=plan.issuer_keys,
            now=now,
            leeway=plan.asks.clock_error,
        )
    except Malformed as malformed:
        return _faulty(shown, "wrong_holder" if malformed.code == _PROOF_MISSING else "malformed"), None
    except Rejected as rejected:
        return _faulty(shown, rejected.reason), None
    credential = VerifiedCredential(
        format=FORMAT,
        types=_TYPES,
        issuer=plan.event,
        claims=_NOTHING,
        subject=_NOTHING,
        holder_jwk=None,
        holder_did=None,
        issued_at=None,
        valid_from=found.nbf,
        valid_until=found.exp,
        status=None,
        credential_id=None,
    )
    presentation = None
    if found.iat is not None:
        presentation = VerifiedPresentation(
            credential=credential, audience=plan.event, nonce="", presented_at=found.iat
        )
    return (
        Examined(shown=shown, credential=credential, presentation=presentation, fault="", claimed_issuer=plan.event),
        found,
    )


def _faulty(shown: Shown, fault: str) -> Examined:
    return Examined(shown=shown, credential=None, presentation=None, fault=fault, claimed_issuer="")
