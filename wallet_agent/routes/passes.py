"""Gate passes for programs: an app that keeps a pass's key itself does here what the wallet's own page does."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from wallet_agent.deps import Deps
from wallet_agent.holder.bind_pass import bind_pass, want_proof
from wallet_agent.holder.pass_facts import known_facts, pass_facts
from wallet_agent.holder.passes import pass_ids, read_pass
from wallet_agent.routes.door import Door
from wallet_agent.routes.offers import RowId
from wallet_agent.routes.pass_models import (
    BoundPassOut,
    KeyProof,
    PassOut,
    ProofWantedOut,
    bound_out,
    pass_out,
    proof_wanted_out,
)
from wallet_agent.vault.open_vault import OpenVault


def pass_routes(deps: Deps, door: Door) -> APIRouter:
    router = APIRouter(prefix="/{tenant}/api/passes", tags=["passes"])
    outside = deps.outside
    open_vault = Depends(door.vault())

    @router.get("")
    def passes(vault: OpenVault = open_vault) -> list[PassOut]:
        """Newest first, by what is known without asking anybody."""
        now = outside.clock.now()
        return [pass_out(known_facts(read_pass(vault, one), now=now)) for one in pass_ids(vault)]

    @router.get("/{pass_id}")
    def one_pass(pass_id: RowId, vault: OpenVault = open_vault) -> PassOut:
        """Asks the issuer's status list."""
        return pass_out(pass_facts(vault, pass_id, outside=outside))

    @router.post("/{pass_id}/proof")
    def proof(pass_id: RowId, vault: OpenVault = open_vault) -> ProofWantedOut:
        """A nonce of the issuer's, for the key proof that the next call takes."""
        return proof_wanted_out(want_proof(vault, pass_id, outside=outside))

    @router.post("/{pass_id}/bind")
    def bind(pass_id: RowId, body: KeyProof, vault: OpenVault = open_vault) -> BoundPassOut:
        """The pass, bound to the key that is proven. The one that was issued before is refused from then on."""
        return bound_out(bind_pass(vault, pass_id, body.proof, outside=outside))

    return router
