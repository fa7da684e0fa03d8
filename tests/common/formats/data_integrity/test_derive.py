"""Selective disclosure through the whole way: issued with a base proof, received, derived, presented, verified."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed, Rejected
from common.formats.data_integrity.derive import derive_credential
from common.formats.data_integrity.issue import issue_credential
from common.keys.bls import BbsKey
from common.keys.software import SoftwareKey
from tests.common.formats.data_integrity.cast import HOLDER, P256, V2, check, credential, did_of, options, signed

NAMES = ("EnrolmentCredential", "motto", "grade", "year")
TERMS = {name: f"https://school.example/terms#{name}" for name in NAMES}
BBS = BbsKey.generate()
BBS_DID = f"did:key:{BBS.public_multibase}"
POINTERS = {"mandatory": ["/issuer", "/validFrom"], "selective": ["/credentialSubject/grade"]}
ISSUERS = [("ecdsa-sd-2023", P256, did_of(P256)), ("bbs-2023", BBS, BBS_DID)]
BOTH = pytest.mark.parametrize(("suite", "key", "issuer"), ISSUERS, ids=[suite for suite, _, _ in ISSUERS])


def issued(suite: str, key: Any, issuer: str) -> dict[str, Any]:
    subject = {"id": did_of(HOLDER), "motto": "学而時習之", "grade": "A", "year": 4}
    document = {**credential(credentialSubject=subject), "@context": [V2, TERMS], "issuer": issuer}
    url = f"{issuer}#{issuer.removeprefix('did:key:')}"
    proof = options(verification_method=url, cryptosuite=suite, mandatory_pointers=POINTERS["mandatory"])
    return issue_credential(document, key, proof)


@BOTH
def test_received_and_derived(suite: str, key: Any, issuer: str) -> None:
    base = issued(suite, key, issuer)
    assert check(base, base_proofs=True).credential.subject["year"] == 4
    with pytest.raises((Malformed, Rejected)):
        check(base)
    derived = derive_credential(base, selective_pointers=POINTERS["selective"])
    found = check(derived).credential
    assert found.issuer == issuer
    assert found.valid_from == 1767225600
    assert found.valid_until is None
    assert found.subject["grade"] == "A"
    assert not {"year", "motto"} & set(found.subject)
    with pytest.raises((Malformed, Rejected)):
        check(derived, base_proofs=True)


@BOTH
def test_a_revealed_value_changed(suite: str, key: Any, issuer: str) -> None:
    derived = derive_credential(issued(suite, key, issuer), selective_pointers=POINTERS["selective"])
    subject = {**derived["credentialSubject"], "grade": "S"}
    with pytest.raises(Rejected, match="bad_signature"):
        check({**derived, "credentialSubject": subject})


@BOTH
def test_by_its_id_or_not_at_all(suite: str, key: Any, issuer: str) -> None:
    with pytest.raises(Rejected, match="wrong_type"):
        derive_credential(issued(suite, key, issuer), selective_pointers=[], proof_id="urn:example:other")


def test_a_proof_that_discloses_all_derives_nothing() -> None:
    with pytest.raises(Rejected, match="wrong_type"):
        derive_credential(signed(), selective_pointers=["/issuer"])
    with pytest.raises(ValueError, match="all or nothing"):
        signed(key=SoftwareKey.generate("ES256"), mandatory_pointers=["/issuer"])
