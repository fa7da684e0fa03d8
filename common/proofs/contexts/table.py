"""Which contexts are carried: address, file, publisher, version, SHA-256 of the bytes. A test compares files and digests.

The two digests that W3C recommendations print (VCDM 2.0 §B.1, VC Data Integrity 1.0 §2.4) are those of ``credentials-v2.json``,
``data-integrity-v2.json`` and ``multikey-v1.json``. 1EdTech adds terms to a published context without a new address: 3.0.3 is carried
with ``endorsementJwt`` and ``jti`` (openbadges-specification, pull request 642); earlier copies lack only these.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedContext:
    """address: the IRI that documents name. file: beside this table. source, version: the publisher's. sha256: lower-case hex."""

    address: str
    file: str
    source: str
    version: str
    sha256: str


TABLE = (
    PinnedContext(
        address="https://www.w3.org/2018/credentials/v1",
        file="credentials-v1.json",
        source="W3C, Verifiable Credentials Data Model",
        version="1.1",
        sha256="00d7dd6d3ad8b920e3e550dd3a3d9090bffcac84cdbf943da6924b3e0a5c8bb8",
    ),
    PinnedContext(
        address="https://www.w3.org/ns/credentials/v2",
        file="credentials-v2.json",
        source="W3C, Verifiable Credentials Data Model",
        version="2.0",
        sha256="59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    ),
    PinnedContext(
        address="https://www.w3.org/ns/credentials/status/v1",
        file="bitstring-status-list-v1.json",
        source="W3C, Bitstring Status List",
        version="1.0",
        sha256="fd08cbf28ddd829ab2f1978c48f43ab07a112c1c90245a0cfac7ba721c65170c",
    ),
    PinnedContext(
        address="https://www.w3.org/ns/did/v1",
        file="did-v1.json",
        source="W3C, Decentralized Identifiers",
        version="1.0",
        sha256="62c1054bf404d6dd3a4b26b64f830fd72095f6a26edc4469908c94351352ce5f",
    ),
    PinnedContext(
        address="https://w3id.org/security/data-integrity/v1",
        file="data-integrity-v1.json",
        source="Digital Bazaar, data-integrity-context",
        version="1",
        sha256="b5d829bd09aa7c42abc6efa0c8ed7635313b5487f37ccfce3ecd149ca9418554",
    ),
    PinnedContext(
        address="https://w3id.org/security/suites/ed25519-2020/v1",
        file="ed25519-2020-v1.json",
        source="Digital Bazaar, ed25519-signature-2020-context",
        version="1",
        sha256="b9e1ab971fd8bf2c7553e0c4a9438e0b9450afde1ea1ca5b2492368b9f549588",
    ),
    PinnedContext(
        address="https://w3id.org/security/data-integrity/v2",
        file="data-integrity-v2.json",
        source="W3C, Verifiable Credential Data Integrity",
        version="1.0",
        sha256="67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
    ),
    PinnedContext(
        address="https://w3id.org/security/multikey/v1",
        file="multikey-v1.json",
        source="W3C, Verifiable Credential Data Integrity",
        version="1.0",
        sha256="ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
    ),
    PinnedContext(
        address="https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json",
        file="open-badges-3.0.1.json",
        source="1EdTech, Open Badges",
        version="3.0.1",
        sha256="5f3d9dd6288ef437ff8286cf95ffbff609c748a66f24a1e9450c45ca64be1571",
    ),
    PinnedContext(
        address="https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json",
        file="open-badges-3.0.2.json",
        source="1EdTech, Open Badges",
        version="3.0.2",
        sha256="00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53",
    ),
    PinnedContext(
        address="https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        file="open-badges-3.0.3.json",
        source="1EdTech, Open Badges",
        version="3.0.3",
        sha256="3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
    ),
    PinnedContext(
        address="https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
        file="open-badges-extensions.json",
        source="1EdTech, Open Badges",
        version="3.0",
        sha256="87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
    ),
    PinnedContext(
        address="https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
        file="clr-2.0.1.json",
        source="1EdTech, Comprehensive Learner Record",
        version="2.0.1",
        sha256="880f1902d4158f2f33ce06af41b90719977cd1ea337a9de2e41edb3ff5e543d6",
    ),
)
