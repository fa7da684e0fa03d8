"""A verifier's side of DCQL: do the presentations that came satisfy the query (OpenID4VP 1.0 §8.6, §6.4, §8.1).

Only proven presentations come in. Values are checked too, but remember §6.4.1: what a wallet holds back or returns is its choice; every
rule that matters is checked again on the verified claims. ``trusted_authorities`` are not judged here: trust is the verifier's own rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.errors import Rejected
from common.formats.credential import VerifiedCredential, VerifiedPresentation
from common.oid4vp.claims_path import matches_any, select_disclosed
from common.oid4vp.dcql import ClaimQuery, CredentialQuery, DcqlQuery
from common.oid4vp.dcql_match import fits_meta


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What one presentation turned out to be. claims: the document as disclosed. holder_bound: its holder's key signed for us."""

    format: str
    types: tuple[str, ...]
    claims: Mapping[str, Any] = field(repr=False)
    holder_bound: bool = True


def presented(proven: VerifiedPresentation | VerifiedCredential) -> Presented:
    """A verified presentation (holder-bound), or a verified credential that came without holder binding."""
    bound = isinstance(proven, VerifiedPresentation)
    credential = proven.credential if isinstance(proven, VerifiedPresentation) else proven
    return Presented(format=credential.format, types=credential.types, claims=credential.claims, holder_bound=bound)


def check_answer(query: DcqlQuery, answers: Mapping[str, Sequence[Presented]]) -> None:
    """Raises Rejected("request_not_met") unless the answer is complete.

    1. every entry answers a query that was asked, one presentation unless ``multiple``     §8.1
    2. each presentation fits its query: format, meta, holder binding, claims               §8.6 step 2
    3. every required credential set has an option that was answered in full                §8.6 step 3, §6.4.2
    """
    # 1 · shape, 2 · each presentation
    for query_id, presentations in answers.items():
        one = query.credential(query_id)
        if one is None:
            raise Rejected("request_not_met", "a presentation that nobody asked for")
        if not presentations or (len(presentations) > 1 and not one.multiple):
            raise Rejected("request_not_met", f"{query_id}: exactly one presentation is asked for")
        for presentation in presentations:
            check_presentation(one, presentation)
    # 3 · sets
    for wanted in query.sets():
        if wanted.required and not any(all(name in answers for name in option) for option in wanted.options):
            raise Rejected("request_not_met", "a required credential is missing")


def check_presentation(query: CredentialQuery, presentation: Presented) -> None:
    """One presentation against its credential query. Raises Rejected("request_not_met") with what is wrong."""
    if presentation.format != query.format:
        raise Rejected("request_not_met", f"{query.id}: another format was asked for")
    if not fits_meta(query, presentation.types):
        raise Rejected("request_not_met", f"{query.id}: another type of credential was asked for")
    if query.holder_binding and not presentation.holder_bound:
        raise Rejected("request_not_met", f"{query.id}: the holder did not sign")
    if not any(_satisfied(one, presentation.claims) for one in query.alternatives()):
        raise Rejected("request_not_met", f"{query.id}: claims that were asked for are missing")


def _satisfied(combination: Sequence[ClaimQuery], claims: Mapping[str, Any]) -> bool:
    return all(
        any(matches_any(value, query.values) for value in select_disclosed(claims, query.path)) for query in combination
    )
