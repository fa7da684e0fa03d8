"""What a resolver tells beside the document (did:webvh 1.0, "Read (Resolve)", DID document metadata)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.did.methods.webvh.identifier import files_address
from common.did.methods.webvh.verify_log import VerifiedLog, Version

_LINKED_VP = "https://identity.foundation/linked-vp/contexts/v1"


def build_metadata(log: VerifiedLog, version: Version) -> dict[str, Any]:
    """versionNumber is our addition, and everybody's. The controller's numbers are written as texts, as did:webvh wants. ``updated`` is
    that of the version (DID Core 1.0 §7.1.3), where did:webvh speaks of the newest.
    """
    state = log.newest.parameters
    metadata: dict[str, Any] = {
        "versionId": version.version_id,
        "versionNumber": version.number,
        "versionTime": version.time_text,
        "created": log.versions[0].time_text,
        "updated": version.time_text,
        "scid": state.scid,
        "portable": state.portable,
        "deactivated": state.deactivated,
        "ttl": str(state.ttl),
        "watchers": list(state.watchers),
    }
    published = state.witnesses.as_published
    metadata["witness"] = {**published, "threshold": str(published["threshold"])} if published else {}
    return metadata


def with_implicit_services(version: Version) -> dict[str, Any]:
    """The document with the services that every did:webvh has, ``#files`` and ``#whois``, unless it defines them itself."""
    document = dict(version.document)
    services = document.get("service", [])
    if not isinstance(services, list):
        return document  # for the document's own check to refuse
    files = files_address(version.did)
    implicit: tuple[Mapping[str, Any], ...] = (
        {"id": "#files", "type": "relativeRef", "serviceEndpoint": files},
        {
            "@context": _LINKED_VP,
            "id": "#whois",
            "type": "LinkedVerifiablePresentation",
            "serviceEndpoint": f"{files}whois.vp",
        },
    )
    own = {
        service.get("id") for service in services if isinstance(service, dict) and isinstance(service.get("id"), str)
    }
    added = [one for one in implicit if not {one["id"], f"{version.did.did}{one['id']}"} & own]
    return {**document, "service": [*services, *added]}
