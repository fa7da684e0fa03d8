"""Open a presentation and put it to the proof, with the issuer's key as a given fact. Pure: no network, no database, no clock.

Does not judge: what came out, a verified presentation or a fault word, goes into `verifier.flows.judge.judge`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from common.errors import Malformed, Rejected, Unsupported
from common.formats.contract import CredentialFormat
from common.formats.credential import IssuerKeyHint, VerifiedCredential, VerifiedPresentation
from common.formats.presentation_context import PresentationContext
from common.formats.registry import FORMATS
from common.jose.jwk import PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One presentation as it came: which query of the question it answers, in which format, and its text."""

    query_id: str
    format: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Read, not verified. hint None exactly when fault is set."""

    shown: Shown
    parsed: Any
    hint: IssuerKeyHint | None
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """Put to the proof. credential None exactly when fault is set. claimed_issuer: unverified, for display beside a refusal.

    presentation: the holder's proof; None for a bare credential. parsed: the format's own object, to be time-stamped or not at all.
    """

    shown: Shown
    credential: VerifiedCredential | None
    presentation: VerifiedPresentation | None
    fault: str
    claimed_issuer: str
    parsed: Any = field(default=None, repr=False, compare=False)


def open_presentation(shown: Shown) -> Opened:
    """Read a presentation far enough to know where its issuer's key is. Never raises: a fault is a fact too."""
    return _open(shown, lambda form, text: form.parse_presentation(text))


def examine(
    opened: Opened,
    issuer_key: PublicKey | None,
    *,
    audience: str,
    nonce: str,
    now: int,
    holder_key: PublicKey | None = None,
    context: PresentationContext | None = None,
) -> Examined:
    """Verify signature, disclosures, times, holder, audience and nonce (the format's own numbered plan). Never raises for input.

    Still owed by the caller: trust in the issuer, status, and that ``nonce`` is used for one response only.
    """

    def verify(key: PublicKey) -> tuple[VerifiedCredential, VerifiedPresentation | None]:
        presentation = FORMATS[opened.shown.format].verify_presentation(
            opened.parsed, key, audience=audience, nonce=nonce, now=now, holder_key=holder_key, context=context
        )
        return presentation.credential, presentation

    return _examine(opened, issuer_key, verify)


def open_credential(shown: Shown) -> Opened:
    """Like `open_presentation`, for a bare credential as it was issued."""
    return _open(shown, lambda form, text: form.parse(text))


def examine_credential(opened: Opened, issuer_key: PublicKey | None, *, now: int) -> Examined:
    """Verify a bare credential: all but the holder, who is not there to prove anything."""
    return _examine(
        opened, issuer_key, lambda key: (FORMATS[opened.shown.format].verify(opened.parsed, key, now=now), None)
    )


def _open(shown: Shown, parse: Callable[[CredentialFormat, str], Any]) -> Opened:
    try:
        parsed = parse(FORMATS[shown.format], shown.text)
        return Opened(shown=shown, parsed=parsed, hint=parsed.issuer_key_hint, fault="")
    except Unsupported:
        fault = "unsupported"
    except Malformed:
        fault = "malformed"
    except Rejected as rejected:
        fault = rejected.reason
    return Opened(shown=shown, parsed=None, hint=None, fault=fault)


def _examine(
    opened: Opened,
    issuer_key: PublicKey | None,
    verify: Callable[[PublicKey], tuple[VerifiedCredential, VerifiedPresentation | None]],
) -> Examined:
    claimed = (opened.hint.iss or "") if opened.hint else ""
    credential: VerifiedCredential | None = None
    presentation: VerifiedPresentation | None = None
    fault = opened.fault
    if not fault and issuer_key is None:
        fault = "no_key"
    if not fault and issuer_key is not None:
        try:
            credential, presentation = verify(issuer_key)
        except Malformed:
            fault = "malformed"
        except Unsupported:
            fault = "unsupported"
        except Rejected as rejected:
            fault = rejected.reason
    return Examined(
        shown=opened.shown,
        credential=credential,
        presentation=presentation,
        fault=fault,
        claimed_issuer=claimed,
        parsed=opened.parsed,
    )
