"""Data Integrity: an Open Badge verified and issued, against the raw Ed25519 operation that nobody can save.

"verify" is the way from the parsed document to the verdict: the data model's rules, key, canonical forms, signature, times, status.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric import ed25519

from common.formats.data_integrity import LdpVc
from common.formats.data_integrity.issue import ProofOptions, issue_credential
from common.formats.data_integrity.verification_methods import VerificationMethods, known_method
from common.formats.data_integrity.verify import verify_credential
from common.jose.jwk import PublicKey, parse_public_jwk
from common.keys.software import SoftwareKey
from common.proofs.canonical import canonize
from common.proofs.suites.proof_value import decode_signature
from common.proofs.suites.registry import SUITES
from tests.bench.figure import Figure, ratio
from tests.bench.formats.open_badge import NOW, QUADS, open_badge

ISSUER = "did:web:sakuragawa.example"
_BOUNDS = {"eddsa-rdfc-2022": 6.0, "eddsa-jcs-2022": 1.35}
_ISSUE_BOUND = 15.0


@dataclass(frozen=True, slots=True)
class _Case:
    text: str
    issuer_key: PublicKey
    signature: bytes
    signed: bytes


def _options(suite: str) -> ProofOptions:
    return ProofOptions(verification_method=f"{ISSUER}#key-1", cryptosuite=suite, created=NOW)


def _make_signed(suite: str, issuer: SoftwareKey) -> _Case:
    document = issue_credential(open_badge(ISSUER), issuer, _options(suite))
    proof = document["proof"]
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    data = cast(Any, SUITES[suite]).hash_data(unsecured, options, alg="EdDSA")
    text = json.dumps(document, ensure_ascii=False)
    return _Case(text, parse_public_jwk(issuer.public_jwk()), decode_signature(proof), data)


def _verify(suite: str, issuer: SoftwareKey) -> Figure:
    """From the document, parsed as JSON, to the verdict: what libraries of credentials call verifying. All rules are in it."""
    url = f"{ISSUER}#key-1"

    def ours(case: tuple[dict[str, Any], VerificationMethods, _Case]) -> None:
        document, methods, _ = case
        assert verify_credential(document, methods=methods, now=NOW + 5).credential.issuer == ISSUER

    def make_input() -> tuple[dict[str, Any], VerificationMethods, _Case]:
        case = _make_signed(suite, issuer)
        method = known_method(url, controller=ISSUER, key=case.issuer_key)
        return json.loads(case.text), VerificationMethods(known={(url, "assertionMethod"): method}), case

    value = ratio(ours, lambda case: _raw_verify(case[2]), make_input)
    return Figure(
        name=f"{suite} verify, Open Badge of {QUADS} quads",
        value=round(value, 3),
        unit="× one raw Ed25519 verification",
        bound=_BOUNDS[suite],
        ok=value <= _BOUNDS[suite],
        note="parsed document to verdict; least times of 20 interleaved rounds of 50 fresh credentials",
    )


def _verify_text(suite: str, issuer: SoftwareKey) -> Figure:
    member = LdpVc()

    def ours(case: _Case) -> None:
        assert member.verify(member.parse(case.text), case.issuer_key, now=NOW + 5).issuer == ISSUER

    value = ratio(ours, _raw_verify, lambda: _make_signed(suite, issuer))
    return Figure(
        name=f"{suite} from JSON text to verdict",
        value=round(value, 3),
        unit="× one raw Ed25519 verification",
        bound=None,
        ok=True,
        note="strict JSON with it; least times of 20 interleaved rounds of 50 fresh credentials",
    )


def _raw_verify(case: _Case) -> None:
    cast(ed25519.Ed25519PublicKey, case.issuer_key.key).verify(case.signature, case.signed)


def _issue(issuer: SoftwareKey) -> Figure:
    key = cast(ed25519.Ed25519PrivateKey, issuer.private_key())
    options = _options("eddsa-rdfc-2022")

    def ours(document: dict[str, Any]) -> None:
        assert json.dumps(issue_credential(document, issuer, options), ensure_ascii=False)

    def raw(document: dict[str, Any]) -> None:
        key.sign(b"64 bytes, as long as the hash of the options and of the document")

    value = ratio(ours, raw, lambda: open_badge(ISSUER))
    return Figure(
        name=f"eddsa-rdfc-2022 issue, Open Badge of {QUADS} quads",
        value=round(value, 3),
        unit="× one raw Ed25519 signature",
        bound=_ISSUE_BOUND,
        ok=value <= _ISSUE_BOUND,
        note="document to JSON text; least times of 20 interleaved rounds of 50 fresh credentials",
    )


def measure() -> list[Figure]:
    """Five figures. The issuer's key is known beforehand, as it is to a verifier; holders and documents are new in every input."""
    assert canonize(open_badge(ISSUER)).count("\n") == QUADS
    issuer = SoftwareKey.generate("EdDSA", kid="key-1")
    return [
        _verify("eddsa-rdfc-2022", issuer),
        _verify("eddsa-jcs-2022", issuer),
        _verify_text("eddsa-rdfc-2022", issuer),
        _verify_text("eddsa-jcs-2022", issuer),
        _issue(issuer),
    ]
