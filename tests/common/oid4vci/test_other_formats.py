"""Data Integrity and mdocs in issuer metadata and credential responses. OpenID4VCI 1.0 appendices A.1.2 and A.2."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed
from common.oid4vci.credential_response import (
    CredentialResponse,
    build_credential_response,
    parse_credential_response,
)
from common.oid4vci.issuer_metadata import build_issuer_metadata, parse_issuer_metadata

ISSUER = "https://school.example/sakuragawa"
LDP: dict[str, Any] = {
    "format": "ldp_vc",
    "credential_definition": {
        "@context": ["https://www.w3.org/ns/credentials/v2", {"Degree": "https://school.example/terms#Degree"}],
        "type": ["VerifiableCredential", "Degree"],
    },
    "cryptographic_binding_methods_supported": ["did:jwk"],
    "credential_signing_alg_values_supported": ["eddsa-rdfc-2022"],
}
MDOC: dict[str, Any] = {
    "format": "mso_mdoc",
    "doctype": "org.iso.18013.5.1.mDL",
    "cryptographic_binding_methods_supported": ["cose_key"],
    "credential_signing_alg_values_supported": [-7, -9],
    "credential_metadata": {"claims": [{"path": ["org.iso.18013.5.1", "given_name"]}]},
}


def metadata(**configurations: dict[str, Any]) -> dict[str, Any]:
    return {
        "credential_issuer": ISSUER,
        "credential_endpoint": f"{ISSUER}/credential",
        "credential_configurations_supported": configurations,
    }


def test_configurations_round_trip() -> None:
    document = metadata(diploma=LDP, licence=MDOC)
    parsed = parse_issuer_metadata(document, credential_issuer=ISSUER)
    assert parsed.configurations["diploma"].contexts[1] == {"Degree": "https://school.example/terms#Degree"}
    assert parsed.configurations["licence"].doctype == "org.iso.18013.5.1.mDL"
    assert parsed.configurations["licence"].signing_algs == (-7, -9)
    assert build_issuer_metadata(parsed) == document


@pytest.mark.parametrize(
    "broken",
    [
        {**MDOC, "doctype": None},
        {**LDP, "credential_definition": None},
        {**LDP, "credential_definition": {"type": ["VerifiableCredential"]}},
        {**LDP, "credential_definition": {**LDP["credential_definition"], "@context": [1]}},
    ],
)
def test_what_a_format_needs_is_demanded(broken: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        parse_issuer_metadata(metadata(one=broken), credential_issuer=ISSUER)


def test_a_credential_may_be_an_object() -> None:
    """A.1.2.4: the value MUST be a JSON object. Inside it is its text."""
    wire = {"credentials": [{"credential": {"type": ["VerifiableCredential"], "name": "髙橋"}}, {"credential": "o2Zi"}]}
    parsed = parse_credential_response(wire)
    assert parsed == CredentialResponse(credentials=('{"type":["VerifiableCredential"],"name":"髙橋"}', "o2Zi"))
    assert build_credential_response(parsed) == wire


@pytest.mark.parametrize("credential", [{}, [], None, 1, "", True])
def test_anything_else_is_malformed(credential: Any) -> None:
    with pytest.raises(Malformed):
        parse_credential_response({"credentials": [{"credential": credential}]})
