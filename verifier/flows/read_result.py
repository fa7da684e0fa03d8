"""What became of a question: for its operator, and for the browser that answered on the same device."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Any

from common.errors import NotFound
from verifier.flows.sealed_box import SealedBox, digest
from verifier.store.session_states import SessionState
from verifier.store.sessions import SessionRow, find_session
from verifier.store.verdicts import find_disclosed, find_verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """verdict: the tree as JSON, None while there is none. disclosed: None when it is not kept (any more). Times in seconds."""

    session: str
    question: str
    life: SessionState
    created_at: int
    expires_at: int
    same_device: bool
    verdict: dict[str, Any] | None
    disclosed: list[dict[str, Any]] | None = field(repr=False)


def read_result(tenant: str, session: str, *, box: SealedBox, now: int) -> Result:
    """For an operator of this relying party. Raises NotFound."""
    return _result(find_session(tenant, session), box, now, with_claims=True)


def read_result_by_code(tenant: str, session: str, response_code: str, *, box: SealedBox, now: int) -> Result:
    """For the browser that came back with the code (OpenID4VP 1.0 §8.2, §13.3): the verdict, without claims.

    Raises NotFound for a wrong code as for an unknown session: the two are never told apart.
    """
    row = find_session(tenant, session)
    expected = bytes(row.response_code_hash) if row.response_code_hash is not None else b""
    if not expected or not hmac.compare_digest(expected, digest(response_code)):
        raise NotFound("unknown_session", "no such session here")
    return _result(row, box, now, with_claims=False)


def _result(row: SessionRow, box: SealedBox, now: int, *, with_claims: bool) -> Result:
    tenant, session = str(row.tenant), str(row.session)
    verdict = find_verdict(tenant, session)
    sealed = find_disclosed(tenant, session, now=now) if with_claims else None
    return Result(
        session=session,
        question=str(row.question),
        life=row.life_at(now),
        created_at=int(row.created_at),
        expires_at=int(row.expires_at),
        same_device=bool(row.same_device),
        verdict=verdict.tree if verdict else None,
        disclosed=box.open(sealed, tenant=tenant, purpose="claims", what=session) if sealed else None,
    )
