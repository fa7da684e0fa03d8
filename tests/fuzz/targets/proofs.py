"""JSON-LD, canonical forms, proof values, and documents secured with Data Integrity."""

from __future__ import annotations

import copy
from typing import Any

from common.encoding import compact_json, parse_json, parse_json_object
from common.formats.data_integrity import LdpVc
from common.formats.data_integrity.issue import ProofOptions, issue_credential
from common.formats.data_integrity.parse import parse_credential, parse_presentation
from common.formats.data_integrity.plain_contexts import check_plain_contexts
from common.formats.data_integrity.policy import Policy, Profile
from common.formats.data_integrity.proof import parse_proof, parse_proofs
from common.formats.data_integrity.verification_methods import VerificationMethods
from common.formats.data_integrity.verify import verify_credential
from common.formats.data_integrity.verify_presentation import verify_presentation_document
from common.formats.vcdm.credential import read_credential
from common.formats.vcdm.moment import parse_moment
from common.formats.vcdm.presentation import read_presentation
from common.formats.vcdm.related_resource import read_related_resources
from common.keys.bls import BbsKey, decode_multikey, parse_g1_point, parse_public_key
from common.keys.multikey import encode_did_key
from common.proofs.bbs.ciphersuite import parse_scalars
from common.proofs.bbs.signature import parse_signature, sign
from common.proofs.canonical import canonize, canonize_nquads, parse_nquads
from common.proofs.expand import expand
from common.proofs.selective import bbs_proof_value, ecdsa_sd_proof_value
from common.proofs.selective.pointers import parse_pointer
from common.proofs.suites.bbs_2023 import Bbs2023
from common.proofs.suites.ecdsa_sd_2023 import EcdsaSd2023
from tests.fuzz.cast import HOLDER, ISSUER, NOW, SCHOOL
from tests.fuzz.target import Target, of_bytes, of_json, of_object, of_text, reading

V2 = "https://www.w3.org/ns/credentials/v2"
TERMS = {name: f"https://school.example/terms#{name}" for name in ("EnrolmentCredential", "motto", "faculty")}
SUITES = {"eddsa-rdfc-2022": SCHOOL, "eddsa-jcs-2022": SCHOOL, "ecdsa-rdfc-2019": ISSUER, "ecdsa-jcs-2019": ISSUER}
METHODS = VerificationMethods()
LDP_VC = LdpVc()


def _did(key: Any) -> str:
    return f"did:key:{encode_did_key(key.public_jwk())}"


def _credential(key: Any) -> dict[str, Any]:
    return {
        "@context": [V2, TERMS],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "EnrolmentCredential"],
        "issuer": _did(key),
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": _did(HOLDER), "motto": "学而時習之", "faculty": [{"motto": 1}, {"motto": 2.5}]},
    }


def _issued(suite: str) -> dict[str, Any]:
    key = SUITES[suite]
    method = f"{_did(key)}#{encode_did_key(key.public_jwk())}"
    options = ProofOptions(verification_method=method, created=NOW - 60, cryptosuite=suite)
    return issue_credential(_credential(key), key, options)


ISSUED = {suite: _issued(suite) for suite in SUITES}
PRESENTATION: dict[str, Any] = parse_json_object(
    LDP_VC.present(
        compact_json(ISSUED["eddsa-rdfc-2022"]).decode(), paths=None, holder=HOLDER, audience="us", nonce="n", now=NOW
    )
)
PLAIN = compact_json(_credential(SCHOOL)).decode()
NQUADS = '_:a <urn:p> _:b .\n_:b <urn:p> _:a <urn:g> .\n<urn:s> <urn:p> "x"@en .\n'
P256_METHOD = {"publicKeyMultibase": encode_did_key(ISSUER.public_jwk())}
BLS = BbsKey(bytes(31) + b"\7")
SELECTIVE: dict[str, tuple[Any, Any, Any, Any]] = {
    "ecdsa-sd-2023": (EcdsaSd2023(), ISSUER, EcdsaSd2023().read_key(P256_METHOD), ecdsa_sd_proof_value),
    "bbs-2023": (
        Bbs2023(), BLS, Bbs2023().read_key({"publicKeyMultibase": BLS.public_multibase}), bbs_proof_value
    ),
}  # fmt: skip


SIGNATURE = sign(BLS, b"", [b"a"])


def _changed(document: dict[str, Any], data: bytes) -> dict[str, Any]:
    """``[[path, value], …]``: a valid document with some members set; a path without a value takes the member away."""
    changes = parse_json(data)
    document = copy.deepcopy(document)
    for change in changes if isinstance(changes, list) else []:
        if not isinstance(change, list) or not 0 < len(change) < 3 or not isinstance(change[0], list):
            continue
        place: Any = document
        for step in change[0][:-1]:
            inside = isinstance(place, dict) and isinstance(step, str) and step in place
            inside = inside or (isinstance(place, list) and type(step) is int and -1 < step < len(place))
            place = place[step] if inside else None
        last = change[0][-1] if change[0] else None
        if isinstance(place, dict) and isinstance(last, str):
            if len(change) == 1:
                place.pop(last, None)
            else:
                place[last] = change[1]
    return document


def _verify(suite: str, data: bytes) -> Any:
    document = _changed(ISSUED[suite], data)
    for profile in Profile:
        found = verify_credential(document, methods=METHODS, now=NOW, policy=Policy(profile=profile))
    assert _meaning(suite, document) == _meaning(suite, ISSUED[suite]), document
    return found


def _meaning(suite: str, document: dict[str, Any]) -> Any:
    """What the suite signs: two documents that say the same may be spelt in two ways, and JCS lets contexts be added behind."""
    if "-jcs-" in suite:
        return {name: value for name, value in document.items() if name not in ("proof", "@context")}
    return canonize({name: value for name, value in document.items() if name != "proof"})


def _verify_presentation(data: bytes) -> Any:
    document = _changed(PRESENTATION, data)
    return verify_presentation_document(
        document, methods=METHODS, now=NOW, domain="us", challenge="n", policy=Policy(profile=Profile.PROOF_ONLY)
    )


def _verified(suite: str) -> Target:
    target = reading(verify_credential, lambda data: _verify(suite, data), b"[]")
    return Target(name=f"{target.name}-{suite}", call=target.call, parsers=target.parsers, seeds=target.seeds)


def _proof(suite: str) -> dict[str, Any]:
    method = f"did:key:{SELECTIVE[suite][1].kid}#k"
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": "2026-03-25T09:00:00Z",
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }


def _selective(suite: str) -> tuple[Target, ...]:
    made, signer, key, values = SELECTIVE[suite]
    document = _credential(ISSUER)
    base = made.create_proof(document, _proof(suite), signer, mandatory_pointers=["/issuer"])
    shown, derived = made.derive_proof(document, base, selective_pointers=["/credentialSubject/motto"])

    def of_base(data: bytes) -> Any:
        return values.parse_base({"proofValue": data.decode("latin-1")})

    def of_derived(data: bytes) -> Any:
        return values.parse_derived({"proofValue": data.decode("latin-1")})

    def verify(data: bytes) -> Any:
        return made.verify_proof(_changed(shown, data), derived, key)

    def derive(data: bytes) -> Any:
        pointers = parse_json_object(data).get("pointers")
        if not isinstance(pointers, list) or not all(isinstance(one, str) for one in pointers):
            return None
        part, proof = made.derive_proof(document, base, selective_pointers=pointers)
        return made.verify_proof(part, proof, key)

    return (
        reading(values.parse_base, of_base, base["proofValue"].encode()),
        reading(values.parse_derived, of_derived, derived["proofValue"].encode()),
        reading(made.verify_proof, verify, b"[]"),
        reading(made.derive_proof, derive, b'{"pointers":["/credentialSubject"]}', b'{"pointers":["/type/1"]}'),
    )


TARGETS = (
    of_object(expand, PLAIN),
    of_object(canonize, PLAIN),
    of_object(check_plain_contexts, PLAIN),
    of_text(parse_nquads, NQUADS),
    of_text(canonize_nquads, NQUADS),
    of_text(parse_pointer, "/a~1b/0/c~0d"),
    of_text(parse_credential, *(compact_json(document).decode() for document in ISSUED.values())),
    of_text(parse_presentation, compact_json(PRESENTATION).decode()),
    of_json(parse_proof, *(compact_json(document["proof"]).decode() for document in ISSUED.values())),
    of_object(parse_proofs, compact_json(ISSUED["eddsa-jcs-2022"]).decode()),
    of_object(read_credential, PLAIN),
    of_object(read_presentation, compact_json(PRESENTATION).decode()),
    of_object(read_related_resources, PLAIN),
    of_json(parse_moment, '"2026-01-01T00:00:00Z"', '"2026-12-31T23:59:59.123+09:00"'),
    *(_verified(suite) for suite in SUITES),
    reading(verify_presentation_document, _verify_presentation, b"[]"),
    of_bytes(parse_public_key, BLS.public_bytes),
    of_bytes(parse_g1_point, SIGNATURE[:48]),
    of_text(decode_multikey, BLS.public_multibase),
    of_bytes(parse_scalars, bytes(31) + b"\1"),
    of_bytes(parse_signature, SIGNATURE),
    *(target for suite in SELECTIVE for target in _selective(suite)),
)
