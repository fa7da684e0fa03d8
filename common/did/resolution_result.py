"""A DID resolution result: document, its metadata, and how resolving went (DID Core 1.0 §7.1, did:webvh 1.0 "Read (Resolve)").

``error`` is the word of DID Core; ``problemDetails`` beside it (RFC 9457) has the type that the newer DID Resolution gives the same error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.did.contract import DidNotFound, Resolved
from common.did.parameters import parse_query, read_version_query
from common.did.resolve import Resolver
from common.did.syntax import parse_did_url
from common.errors import Malformed, Rejected, TegataError, Unsupported

CONTENT_TYPE = "application/did+ld+json"
MEDIA_TYPE = "application/did-resolution"
"""Of the whole result, over HTTP."""
_TYPES = "https://www.w3.org/ns/did#"


@dataclass(frozen=True, slots=True)
class _Failure:
    """error: DID Core's word. name: DID Resolution's. status: of the HTTP binding."""

    error: str
    name: str
    title: str
    status: int


_INVALID_DID = _Failure("invalidDid", "INVALID_DID", "The DID is invalid.", 400)
_INVALID_URL = _Failure("invalidDidUrl", "INVALID_DID_URL", "The DID URL is invalid.", 400)
_INVALID_OPTIONS = _Failure("invalidOptions", "INVALID_OPTIONS", "The version is not asked for as it should be.", 400)
_NOT_FOUND = _Failure("notFound", "NOT_FOUND", "No such DID, or no such version of it.", 404)
_METHOD = _Failure("methodNotSupported", "METHOD_NOT_SUPPORTED", "The DID method is not known here.", 501)
_FEATURE = _Failure("featureNotSupported", "FEATURE_NOT_SUPPORTED", "That cannot be asked for here.", 501)
_INTERNAL = _Failure("internalError", "INTERNAL_ERROR", "The DID could not be resolved now.", 500)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionResult:
    """status: HTTP status of the binding: 200, 410 for a deactivated DID, else that of the error."""

    status: int
    document: Mapping[str, Any] | None
    document_metadata: Mapping[str, Any]
    resolution_metadata: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            "@context": "https://w3id.org/did-resolution/v1",
            "didDocument": dict(self.document) if self.document is not None else None,
            "didResolutionMetadata": dict(self.resolution_metadata),
            "didDocumentMetadata": dict(self.document_metadata),
        }


def resolve_to_result(resolver: Resolver, did_url: str, options: Mapping[str, str] | None = None) -> ResolutionResult:
    """A DID, or a DID URL whose query asks for a version → its result. options: further parameters, as from an HTTP query.

    Never raises for what was asked or for what others answered.
    """
    try:
        url = parse_did_url(did_url)
    except Malformed as failure:
        return _failed(_INVALID_DID, failure)
    if url.path or url.fragment is not None:
        return _failed(_INVALID_URL, Malformed("bad_did_url", "a DID is resolved; its paths and keys are not, here"))
    try:
        parameters = {**parse_query(url.query), **(options or {})}
        version = read_version_query(parameters)
        if version is None:
            return _found(resolver.resolved(url.did.did).value, asked=False)
        return _found(resolver.resolve_version(url.did.did, version), asked=True)
    except TegataError as failure:
        return _failed(_kind(failure), failure)


def _found(resolved: Resolved, *, asked: bool) -> ResolutionResult:
    """asked: for a certain version, which is given also of a deactivated DID."""
    return ResolutionResult(
        status=410 if resolved.metadata.get("deactivated") is True and not asked else 200,
        document=resolved.document,
        document_metadata=resolved.metadata,
        resolution_metadata={"contentType": CONTENT_TYPE} if resolved.document is not None else {},
    )


def _kind(failure: TegataError) -> _Failure:
    if isinstance(failure, DidNotFound):
        return _NOT_FOUND
    if isinstance(failure, Unsupported):
        return _METHOD if failure.code == "unknown_DID_method" else _FEATURE
    if isinstance(failure, Malformed) and failure.code == "bad_did_parameter":
        return _INVALID_OPTIONS
    if isinstance(failure, Malformed) and failure.code == "bad_did_url":
        return _INVALID_URL
    if isinstance(failure, Malformed | Rejected):
        return _INVALID_DID
    return _INTERNAL  # Unavailable, Refused: nobody answered, or may not be asked


def _failed(kind: _Failure, failure: TegataError) -> ResolutionResult:
    problem = {"type": f"{_TYPES}{kind.name}", "title": kind.title, "detail": failure.detail}
    return ResolutionResult(
        status=kind.status,
        document=None,
        document_metadata={},
        resolution_metadata={"error": kind.error, "problemDetails": problem},
    )
