"""The My Number card: its records, its certificates, who speaks of their revocation, and readings and evidence as others send them."""

from __future__ import annotations

import json

from common.cards.drivers.my_number.cvc import parse_cvc, parse_public_key
from common.cards.drivers.my_number.driver import MyNumberDriver
from common.cards.drivers.my_number.municipality import parse_residence
from common.cards.drivers.my_number.person_claims import parse_jpki_birth_date, parse_sex
from common.cards.drivers.my_number.surface import parse_face
from common.cards.drivers.my_number.text import attributes_digest, parse_attributes
from common.cards.evidence import Environment, Evidence, RevocationAnswer, RevocationFinding, SourceEvidence, proven
from common.cards.evidence_json import build_evidence, parse_evidence
from common.cards.possession import PossessionChallenge, build_possession
from common.cards.reading import Exchange, Reading, decode_reading, encode_reading
from common.cards.trust import CardTrust, TrustAnchor
from common.encoding import parse_json
from common.x509.crl import CrlSource
from common.x509.jpki import parse_jpki_certificate
from common.x509.jpki_attributes import read_attributes
from common.x509.ocsp import build_request, read_response
from tests.common.cards.my_number.test_records import ATTRIBUTES, make_cvc, make_face, rsa_objects, table
from tests.common.x509.jpki_authority import NOW, answer, der, issue, key, make_authority, make_list
from tests.fuzz.target import of_bytes, of_text, reading

CA = make_authority("fuzz")
LEAF = issue(CA)
NONCE = bytes(range(32))
CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s", nonce=NONCE)
TRUST = CardTrust(
    anchors=(
        TrustAnchor(scheme="jpki_signature", environment=Environment.PRODUCTION, material=CA.der),
        *table().anchors,
    )
)
READING = encode_reading(
    Reading(
        card="my_number",
        files={
            "jpki/0006": b"JPKIAPICCTOKEN2".ljust(32) + bytes(128),
            "jpki/0001": der(LEAF),
            "text/0002": ATTRIBUTES,
            "text/0004": make_cvc(),
            "surface/0002": make_face(),
            "surface/0004": make_cvc(),
        },
        exchanges={"surface": Exchange(challenge=build_possession(CHALLENGE), answer=bytes(256))},
        accepted=frozenset({"jpki_signature_password"}),
    )
)
EVIDENCE = build_evidence(
    Evidence(
        card="my_number",
        read_at=NOW,
        sources=(
            SourceEvidence(
                source="jpki_signature",
                origins=(),
                data_authenticity=proven("certificate_chain"),
                chip_genuineness=proven("possession_signature"),
                holder_verification=proven("password"),
                revocation=RevocationFinding(answer=RevocationAnswer.GOOD, source="ocsp", checked_at=NOW),
                trust_anchor=Environment.PRODUCTION,
                unexamined=("holder_present",),
            ),
        ),
    )
)


def _authenticate(data: bytes) -> object:
    return MyNumberDriver().authenticate(decode_reading(data), challenge=CHALLENGE, trust=TRUST, now=NOW)


def _certificate(data: bytes) -> object:
    return read_attributes(parse_jpki_certificate(data).certificate)


def _list(data: bytes) -> object:
    return CrlSource(lambda: [data]).status(leaf=der(LEAF), issuer=CA.der, now=NOW)


def _answer(data: bytes) -> object:
    return read_response(data, leaf=LEAF, issuer=CA.certificate, nonce=NONCE, nonce_required=True, now=NOW)


def _evidence(data: bytes) -> object:
    return build_evidence(parse_evidence(parse_json(data)))


TARGETS = (
    reading(decode_reading, _authenticate, READING),
    reading(parse_jpki_certificate, _certificate, der(LEAF)),
    reading(CrlSource.status, _list, make_list(CA, {1234567: None})),
    reading(read_response, _answer, answer(build_request(LEAF, CA.certificate, nonce=NONCE), LEAF, CA)),
    of_bytes(parse_cvc, make_cvc(), also=(parse_public_key,)),
    of_bytes(parse_public_key, rsa_objects(key("municipality").public_key())),
    of_bytes(parse_face, make_face()),
    of_bytes(parse_attributes, ATTRIBUTES),
    of_bytes(attributes_digest, ATTRIBUTES),
    of_text(parse_residence, "奈良県高市郡明日香村岡"),
    of_text(parse_jpki_birth_date, "319800217"),
    of_text(parse_sex, "2"),
    reading(parse_evidence, _evidence, json.dumps(EVIDENCE).encode()),
)
