"""Sets the status of a document that was issued by the VC API, in the words of its entries: a purpose, and set or not set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from common.errors import Conflict, NotFound
from issuer.flows.change_status import State, change_status
from issuer.flows.desk import Desk
from issuer.flows.issue_document import CONFIGURATION, status_row_id
from issuer.store.tables import Credential

Purpose = Literal["revocation", "suspension"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one entry shall say from now on."""

    purpose: Purpose
    status: bool


def change_document_status(desk: Desk, tenant: str, credential_id: str, wishes: Sequence[Wish], *, actor: str) -> State:
    """The state that the document is in afterwards. What it says already is done already, so a lost answer can be asked for again.

    A revocation is for good: it includes a suspension, and none of the two is taken back after it.
    Raises NotFound("no_such_credential"), Conflict for what cannot be taken back.
    """
    desk.keys.identity(tenant)
    row = status_row_id(tenant, credential_id)
    state = _state(tenant, row)
    for wish in wishes:
        wanted = _wanted(state, wish)
        if wanted != state:
            change_status(desk, tenant, row, wanted, actor=actor)
            state = wanted
    return state


def _wanted(state: State, wish: Wish) -> State:
    if wish.purpose == "revocation":
        if state == "revoked" and not wish.status:
            raise Conflict("already_moved", "a revoked credential stays revoked")
        return "revoked" if wish.status else state
    if state == "revoked":
        return state if wish.status else _never()
    return "suspended" if wish.status else "valid"


def _never() -> State:
    raise Conflict("already_moved", "a revoked credential is not reinstated")


def _state(tenant: str, row: str) -> State:
    found = Credential.get_or_none(
        Credential.tenant == tenant, Credential.id == row, Credential.configuration == CONFIGURATION
    )
    if found is None:
        raise NotFound("no_such_credential", "no such credential with a status was issued here")
    return cast(State, found.state)
