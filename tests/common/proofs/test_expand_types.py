"""Types as IRIs: the same that full expansion gives (JSON-LD 1.1 API §5.1.2)."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed, Unsupported
from common.proofs.expand import expand
from common.proofs.expand.types import expand_types

V2 = "https://www.w3.org/ns/credentials/v2"
BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"


@pytest.mark.parametrize(
    ("contexts", "types"),
    [
        ([V2], ["VerifiableCredential"]),
        ([V2, BADGES], ["VerifiableCredential", "OpenBadgeCredential"]),
        ([V2, {"Degree": "https://school.example/terms/Degree"}], ["VerifiableCredential", "Degree"]),
        ([V2, {"@vocab": "https://school.example/terms/"}], ["VerifiableCredential", "Degree"]),
        ([V2], ["VerifiableCredential", "https://school.example/terms/Degree"]),
        ([V2], "VerifiableCredential"),
    ],
)
def test_as_expansion_has_them(contexts: list[Any], types: Any) -> None:
    document = {"@context": contexts, "type": types, "issuer": "did:web:school.example"}
    assert list(expand_types(document)) == expand(document)[0]["@type"]


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({"@context": [V2], "type": ["VerifiableCredential", "Degree"]}, Malformed),
        ({"@context": [V2], "type": [1]}, Malformed),
        ({"@context": ["https://elsewhere.example/context"], "type": ["VerifiableCredential"]}, Unsupported),
        ({"@context": [V2, {"@vocab": 1}], "type": ["Degree"]}, Malformed),
    ],
)
def test_refused_like_expansion(document: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        expand_types(document)
