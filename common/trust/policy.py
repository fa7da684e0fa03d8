"""Which issuer may issue which type. Pure: anchors and names in, a fact with its reason out. Nobody listed means nobody trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from common.trust.anchors import Anchors, Listing

IssuerReason = Literal["listed", "not_listed", "type_not_listed", "test_anchor"]

_BASE_TYPES = frozenset({"VerifiableCredential"})


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerTrust:
    """Whether the deployment lets this issuer issue these types. names: of the issuer, language tag → text; empty when not listed.

    test: the issuer is trusted as a sandbox's issuer only; whoever shows a verdict says so. listed_in: the trust list that names it, None
    for the operator's own entry.
    """

    trusted: bool
    reason: IssuerReason
    issuer: str
    names: Mapping[str, str] = field(default_factory=dict)
    test: bool = False
    listed_in: Listing | None = None


def judge_issuer(anchors: Anchors, *, issuer: str, types: Iterable[str], sandbox: bool) -> IssuerTrust:
    """The issuer is listed, may issue *every* type that the credential claims, and, outside a sandbox, is no test anchor.

    Every type: a trusted issuer of one type could else extend another that is not its own (SD-JWT VC draft-19 §7.7).

    Needs no network: call it before searching the issuer's key, so that a stranger's credential sends nobody anywhere.
    """
    entry = anchors.issuer(issuer)
    if entry is None:
        return IssuerTrust(trusted=False, reason="not_listed", issuer=issuer)
    claimed = frozenset(types) - _BASE_TYPES
    reason: IssuerReason = "listed"
    if entry.test and not sandbox:
        reason = "test_anchor"
    elif not claimed or not claimed <= entry.types:
        reason = "type_not_listed"
    return IssuerTrust(
        trusted=reason == "listed",
        reason=reason,
        issuer=issuer,
        names=entry.names,
        test=entry.test,
        listed_in=entry.listed_in,
    )
