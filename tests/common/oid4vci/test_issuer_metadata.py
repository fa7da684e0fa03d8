"""Issuer metadata: the examples of OpenID4VCI 1.0 appendix A, and the rules of §12.2.4 and appendix B.3."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from common.errors import Malformed, Rejected, Unsupported
from common.oid4vci.issuer_metadata import (
    ClaimDescription,
    CredentialConfiguration,
    CredentialIssuerMetadata,
    Display,
    build_issuer_metadata,
    issuer_metadata_address,
    parse_issuer_metadata,
)

ISSUER = "https://university.example.edu/main"
WIRE: dict[str, Any] = {
    "credential_issuer": ISSUER,
    "credential_endpoint": "https://university.example.edu/credential",
    "something_new": {"ignored": True},
    "credential_configurations_supported": {
        "UniversityDegreeCredential": {  # appendix A.1.1.2
            "format": "jwt_vc_json",
            "scope": "UniversityDegree",
            "cryptographic_binding_methods_supported": ["did:example"],
            "credential_signing_alg_values_supported": ["ES256"],
            "credential_definition": {"type": ["VerifiableCredential", "UniversityDegreeCredential"]},
            "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
            "credential_metadata": {
                "claims": [
                    {
                        "path": ["credentialSubject", "given_name"],
                        "display": [{"name": "Given Name", "locale": "en-US"}],
                    },
                    {"path": ["credentialSubject", "degree"]},
                    {"path": ["credentialSubject", "gpa"], "mandatory": True, "display": [{"name": "GPA"}]},
                ],
                "display": [
                    {
                        "name": "University Credential",
                        "locale": "en-US",
                        "logo": {
                            "uri": "https://university.example.edu/public/logo.png",
                            "alt_text": "a square logo of a university",
                        },
                        "background_color": "#12107c",
                        "text_color": "#FFFFFF",
                    }
                ],
            },
        },
        "org.iso.18013.5.1.mDL": {
            "format": "mso_mdoc",
            "doctype": "org.iso.18013.5.1.mDL",
            "credential_signing_alg_values_supported": [-7],
        },
    },
}


def test_the_example_is_read() -> None:
    metadata = parse_issuer_metadata(WIRE, credential_issuer=ISSUER)
    degree = metadata.configuration("UniversityDegreeCredential")
    assert degree.types == ("VerifiableCredential", "UniversityDegreeCredential")
    assert degree.proof_algs == ("ES256",)
    assert degree.claims[0] == ClaimDescription(
        path=("credentialSubject", "given_name"), names=(("en-US", "Given Name"),)
    )
    assert degree.claims[2].mandatory
    assert degree.display[0].background_color == "#12107c"
    assert metadata.batch_size == 1
    assert metadata.configuration("org.iso.18013.5.1.mDL").format == "mso_mdoc"
    with pytest.raises(Unsupported, match="unknown_credential_configuration"):
        metadata.configuration("nothing")


def test_round_trip_in_two_languages() -> None:
    metadata = CredentialIssuerMetadata(
        credential_issuer="http://localhost:8101/sakuragawa",
        credential_endpoint="http://localhost:8101/sakuragawa/credential",
        nonce_endpoint="http://localhost:8101/sakuragawa/nonce",
        notification_endpoint="http://localhost:8101/sakuragawa/notification",
        batch_size=10,
        display=(Display(name="桜川大学", locale="ja"), Display(name="Sakuragawa University", locale="en")),
        configurations={
            "enrolment": CredentialConfiguration(
                id="enrolment",
                format="dc+sd-jwt",
                scope="enrolment",
                vct="http://localhost:8101/types/enrolment",
                binding_methods=("jwk",),
                signing_algs=("ES256",),
                proof_algs=("ES256", "EdDSA"),
                display=(Display(name="在学証明", locale="ja", description="…", logo_uri="data:image/png;base64,AA"),),
                claims=(
                    ClaimDescription(
                        path=("family_name",), names=(("ja", "姓"), ("en", "Family name")), mandatory=True
                    ),
                    ClaimDescription(path=("nationalities", None)),
                    ClaimDescription(path=("degrees", 0, "name")),
                ),
            )
        },
    )
    wire = build_issuer_metadata(metadata)
    assert parse_issuer_metadata(wire, credential_issuer=metadata.credential_issuer) == metadata
    assert wire["batch_credential_issuance"] == {"batch_size": 10}
    assert issuer_metadata_address(metadata.credential_issuer) == (
        "http://localhost:8101/.well-known/openid-credential-issuer/sakuragawa"
    )


def test_another_issuers_document_must_not_be_used() -> None:
    with pytest.raises(Rejected, match="untrusted_issuer"):
        parse_issuer_metadata(WIRE, credential_issuer=f"{ISSUER}/")


def changed(path: tuple[str, ...], value: object) -> dict[str, Any]:
    wire = copy.deepcopy(WIRE)
    place: Any = wire
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return wire


DEGREE = ("credential_configurations_supported", "UniversityDegreeCredential")
ABOUT = (*DEGREE, "credential_metadata")


@pytest.mark.parametrize(
    "wire",
    [
        changed(("credential_endpoint",), "http://university.example.edu/credential"),
        changed(("nonce_endpoint",), "javascript:alert(1)"),
        changed(("batch_credential_issuance",), {"batch_size": 1}),
        changed(("authorization_servers",), []),
        changed(("display",), [{"name": "a", "locale": "en"}, {"name": "b", "locale": "en"}]),
        changed((*DEGREE, "credential_definition"), None),
        changed((*DEGREE, "format"), "dc+sd-jwt"),
        changed((*DEGREE, "proof_types_supported"), {"jwt": {"proof_signing_alg_values_supported": []}}),
        changed((*ABOUT, "display"), [{"name": "x", "background_color": "red;} body{display:none"}]),
        changed((*ABOUT, "claims"), [{"path": []}]),
        changed((*ABOUT, "claims"), [{"path": ["a", -1]}]),
        changed((*ABOUT, "claims"), [{"path": ["a", True]}]),
        changed((*ABOUT, "claims"), [{"path": ["a"]}, {"path": ["a"]}]),
        changed((*ABOUT, "claims"), [{"path": ["a", None]}, {"path": ["a", 1]}]),
        changed((*ABOUT, "claims"), [{"path": ["a", 0, "b"]}, {"path": ["a", "b"]}]),
    ],
)
def test_what_breaks_the_text(wire: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match="bad_issuer_metadata"):
        parse_issuer_metadata(wire, credential_issuer=ISSUER)
