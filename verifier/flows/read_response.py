"""A wallet's response form → presentations, or its refusal. Pure (OpenID4VP 1.0 §8.1–8.3, §8.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.errors import Malformed
from common.oid4vp.authorization_request import ResponseMode
from common.oid4vp.errors import WALLET_CODES, AuthorizationError
from common.oid4vp.response import parse_response, verify_state
from verifier.flows.examine import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The presentations, each with the credential query that it answers."""

    shown: tuple[Shown, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """error: a code of §8.5; ``other_error`` for a word that is none of them."""

    error: str


def read_response(
    form: bytes,
    *,
    mode: ResponseMode,
    decryption_key: Mapping[str, Any] | None,
    state: str,
    query_formats: Mapping[str, str],
) -> Answer | Declined:
    """1. parse, decrypting where this session asked for it; 2. ``state`` is this session's; 3. error, or one presentation per query.

    query_formats: ids of the credential queries → format. Raises Malformed, and Rejected for another's state or encryption.
    """
    # 1
    answer = parse_response(form, mode=mode, decryption_key=decryption_key)
    # 2
    verify_state(answer, state)
    # 3
    if isinstance(answer, AuthorizationError):
        return Declined(error=answer.error if answer.error in WALLET_CODES else "other_error")
    shown = []
    for query_id, presentations in answer.vp_token.items():
        if query_id not in query_formats:
            raise Malformed("invalid_request", "vp_token answers a query that was not asked")
        if len(presentations) != 1:
            raise Malformed("invalid_request", "each query takes exactly one presentation")
        shown.append(Shown(query_id=query_id, format=query_formats[query_id], text=presentations[0]))
    if not shown:
        raise Malformed("invalid_request", "vp_token is empty")
    return Answer(shown=tuple(shown))
