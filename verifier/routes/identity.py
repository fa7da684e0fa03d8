"""Who asks: the relying party's DID document."""

from __future__ import annotations

from fastapi import APIRouter, Response

from common.did.document import build_document
from verifier.deps import Deps
from verifier.flows.replace_key import published_keys
from verifier.routes.answers import json_answer
from verifier.store.relying_parties import find_relying_party


def identity_routes(deps: Deps) -> APIRouter:
    router = APIRouter(tags=["identity"], default_response_class=Response)

    @router.get(
        "/{tenant}/did.json",
        responses={
            200: {"description": "DID document", "content": {"application/did+json": {"schema": {"type": "object"}}}}
        },
    )
    def did_document(tenant: str) -> Response:
        party = find_relying_party(tenant)
        keys = [key.public_jwk for key in published_keys(party, now=deps.clock.now())]
        return json_answer(build_document(str(party.did), keys), media_type="application/did+json")

    return router
