"""What anybody may read: issuer and server metadata, keys, DID document, types and their contexts."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from common.errors import NotFound
from issuer.deps import Deps
from issuer.flows.describe_issuer import (
    describe_authorization_server,
    describe_context,
    describe_did,
    describe_issuer,
    describe_keys,
    describe_type,
)
from issuer.flows.did_log import read_did_log
from issuer.flows.document_schemas import describe_schema
from issuer.routes.answers import json_answer

CACHE = "public, max-age=300"
TYPE_CACHE = "public, max-age=3600"
_DOCUMENT: dict[int | str, Any] = {
    200: {"description": "The document", "content": {"application/json": {"schema": {"type": "object"}}}}
}
_LOG: dict[int | str, Any] = {
    200: {"description": "One JSON object on each line", "content": {"text/jsonl": {"schema": {"type": "string"}}}}
}
_WITNESSES: dict[int | str, Any] = {
    200: {"description": "The approvals", "content": {"application/json": {"schema": {"type": "array"}}}}
}
_CONTEXT: dict[int | str, Any] = {
    200: {"description": "The context", "content": {"application/ld+json": {"schema": {"type": "object"}}}}
}
_SCHEMA: dict[int | str, Any] = {
    200: {"description": "The schema", "content": {"application/schema+json": {"schema": {"type": "object"}}}}
}


def metadata_routes(deps: Deps) -> APIRouter:
    """Public documents, cacheable."""
    router = APIRouter(tags=["metadata"], default_response_class=Response)
    desk = deps.desk

    @router.get("/.well-known/openid-credential-issuer/{tenant}", responses=_DOCUMENT)
    def issuer_metadata(tenant: str) -> Response:
        """Credential Issuer Metadata, OpenID4VCI 1.0 §12.2."""
        return json_answer(describe_issuer(desk, tenant), cache=CACHE)

    @router.get("/.well-known/oauth-authorization-server/{tenant}", responses=_DOCUMENT)
    def server_metadata(tenant: str) -> Response:
        """Authorization Server Metadata, RFC 8414."""
        return json_answer(describe_authorization_server(desk, tenant), cache=CACHE)

    @router.get("/.well-known/jwt-vc-issuer/{tenant}", responses=_DOCUMENT)
    def key_metadata(tenant: str) -> Response:
        """JWT VC Issuer Metadata, SD-JWT VC draft-19 §4."""
        return json_answer(describe_keys(desk, tenant), cache=CACHE)

    @router.get("/types/{name}", responses=_DOCUMENT)
    def type_metadata(name: str) -> Response:
        """SD-JWT VC type metadata, draft-19."""
        return Response(describe_type(desk, name), headers={"Cache-Control": TYPE_CACHE}, media_type="application/json")

    @router.get("/types/{name}/context.jsonld", responses=_CONTEXT)
    def context(name: str) -> Response:
        """The JSON-LD context of the type's W3C form."""
        return Response(
            describe_context(desk.addresses, name),
            headers={"Cache-Control": TYPE_CACHE},
            media_type="application/ld+json",
        )

    @router.get("/types/{name}/schema.json", responses=_SCHEMA)
    def schema(name: str) -> Response:
        """The JSON Schema of the type's W3C forms."""
        return Response(
            describe_schema(desk.addresses, name),
            headers={"Cache-Control": TYPE_CACHE},
            media_type="application/schema+json",
        )

    @router.get("/{tenant}/did.json", responses=_DOCUMENT)
    def did_document(tenant: str) -> Response:
        """The institution's did:web document."""
        return json_answer(describe_did(desk, tenant), cache=CACHE)

    @router.get("/{tenant}/did.jsonl", responses=_LOG)
    def did_log(tenant: str) -> Response:
        """The log of the institution's did:webvh, where it has one."""
        return Response(_log(tenant)[0], headers={"Cache-Control": CACHE}, media_type="text/jsonl")

    @router.get("/{tenant}/did-witness.json", responses=_WITNESSES)
    def did_witness(tenant: str) -> Response:
        """The witnesses' approvals of that log."""
        return Response(_log(tenant)[1], headers={"Cache-Control": CACHE}, media_type="application/json")

    return router


def _log(tenant: str) -> tuple[bytes, bytes]:
    found = read_did_log(tenant)
    if found is None:
        raise NotFound("no_did_log", "no did:webvh here")
    return found
