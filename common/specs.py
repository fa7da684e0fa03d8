"""Every specification that we implement: short name, version, address. The only table of versions in the project."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    name: str
    version: str
    address: str


SPECS = (
    Spec(
        name="OpenID4VCI",
        version="1.0",
        address="https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html",
    ),
    Spec(
        name="OpenID4VP", version="1.0", address="https://openid.net/specs/openid-4-verifiable-presentations-1_0.html"
    ),
    Spec(name="SD-JWT", version="RFC 9901", address="https://www.rfc-editor.org/rfc/rfc9901"),
    Spec(
        name="SD-JWT VC", version="draft-19", address="https://datatracker.ietf.org/doc/draft-ietf-oauth-sd-jwt-vc/19/"
    ),
    Spec(
        name="Token Status List",
        version="draft-20",
        address="https://datatracker.ietf.org/doc/draft-ietf-oauth-status-list/20/",
    ),
    Spec(name="Bitstring Status List", version="1.0", address="https://www.w3.org/TR/vc-bitstring-status-list/"),
    Spec(name="VCDM", version="2.0", address="https://www.w3.org/TR/vc-data-model-2.0/"),
    Spec(name="VC JSON Schema", version="CR draft of 2025-02-04", address="https://www.w3.org/TR/vc-json-schema/"),
    Spec(
        name="JSON Schema",
        version="2020-12, 2019-09, draft-07",
        address="https://json-schema.org/draft/2020-12/json-schema-core",
    ),
    Spec(name="JSON-LD", version="1.1", address="https://www.w3.org/TR/json-ld11-api/"),
    Spec(name="RDF Dataset Canonicalization", version="RDFC-1.0", address="https://www.w3.org/TR/rdf-canon/"),
    Spec(name="JCS", version="RFC 8785", address="https://www.rfc-editor.org/rfc/rfc8785"),
    Spec(name="VC Data Integrity", version="1.0", address="https://www.w3.org/TR/vc-data-integrity/"),
    Spec(name="Data Integrity EdDSA", version="1.0", address="https://www.w3.org/TR/vc-di-eddsa/"),
    Spec(name="Data Integrity ECDSA", version="1.0", address="https://www.w3.org/TR/vc-di-ecdsa/"),
    Spec(name="Data Integrity BBS", version="1.0 CR, baseline", address="https://www.w3.org/TR/vc-di-bbs/"),
    Spec(
        name="BBS signatures",
        version="draft-09",
        address="https://datatracker.ietf.org/doc/draft-irtf-cfrg-bbs-signatures/09/",
    ),
    Spec(name="Subresource Integrity", version="1.0", address="https://www.w3.org/TR/SRI/"),
    Spec(name="CWT claims in COSE headers", version="RFC 9597", address="https://www.rfc-editor.org/rfc/rfc9597"),
    Spec(name="VC-JOSE-COSE", version="1.0", address="https://www.w3.org/TR/vc-jose-cose/"),
    Spec(name="Open Badges", version="3.0.3", address="https://www.imsglobal.org/spec/ob/v3p0"),
    Spec(name="Comprehensive Learner Record", version="2.0", address="https://www.imsglobal.org/spec/clr/v2p0"),
    Spec(name="PNG", version="third edition", address="https://www.w3.org/TR/png-3/"),
    Spec(name="DID Core", version="1.0", address="https://www.w3.org/TR/did-core/"),
    Spec(name="did:key", version="CCG draft", address="https://w3c-ccg.github.io/did-key-spec/"),
    Spec(name="did:web", version="CCG draft", address="https://w3c-ccg.github.io/did-method-web/"),
    Spec(name="did:jwk", version="draft", address="https://github.com/quartzjer/did-jwk/blob/main/spec.md"),
    Spec(name="did:webvh", version="1.0", address="https://identity.foundation/didwebvh/v1.0/"),
    Spec(name="did:peer", version="2 and 4", address="https://identity.foundation/peer-did-method-spec/"),
    Spec(name="Controlled Identifiers", version="1.0", address="https://www.w3.org/TR/cid-1.0/"),
    Spec(name="DID Resolution", version="draft", address="https://www.w3.org/TR/did-resolution/"),
    Spec(
        name="OpenID Federation",
        version="1.0 §8.7, historical keys",
        address="https://openid.net/specs/openid-federation-1_0.html",
    ),
    Spec(name="JOSE", version="RFC 7515–7518, 7638, 8037", address="https://www.rfc-editor.org/rfc/rfc7515"),
    Spec(name="CBOR", version="RFC 8949", address="https://www.rfc-editor.org/rfc/rfc8949"),
    Spec(name="COSE", version="RFC 9052, 9053, 9360, 9864", address="https://www.rfc-editor.org/rfc/rfc9052"),
    Spec(name="mdoc", version="ISO/IEC 18013-5:2021", address="https://www.iso.org/standard/69084.html"),
    Spec(
        name="mdoc over the internet",
        version="ISO/IEC TS 18013-7:2024",
        address="https://www.iso.org/standard/82772.html",
    ),
    Spec(name="CWT", version="RFC 8392, 9596", address="https://www.rfc-editor.org/rfc/rfc8392"),
    Spec(
        name="PKCS #11",
        version="2.40, 3.0",
        address="https://docs.oasis-open.org/pkcs11/pkcs11-base/v3.0/pkcs11-base-v3.0.html",
    ),
    Spec(name="Time-Stamp Protocol", version="RFC 3161, 5816", address="https://www.rfc-editor.org/rfc/rfc3161"),
    Spec(name="OAuth metadata", version="RFC 8414", address="https://www.rfc-editor.org/rfc/rfc8414"),
    Spec(name="JAR", version="RFC 9101", address="https://www.rfc-editor.org/rfc/rfc9101"),
    Spec(name="VC API", version="CCG draft", address="https://w3c-ccg.github.io/vc-api/"),
    Spec(name="Problem details", version="RFC 9457", address="https://www.rfc-editor.org/rfc/rfc9457"),
    Spec(name="ICAO Doc 9303", version="8th edition", address="https://www.icao.int/publications/doc-series/doc-9303"),
    Spec(
        name="Advanced Security Mechanisms for MRTDs",
        version="BSI TR-03110 2.21",
        address="https://www.bsi.bund.de/dok/TR-03110",
    ),
)
