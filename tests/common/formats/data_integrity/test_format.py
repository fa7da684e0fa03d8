"""``ldp_vc`` behind the contract of formats: hints, statuses, both canonical forms, holders by other DIDs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.errors import Malformed, Rejected
from common.formats.credential import StatusReference
from common.formats.data_integrity import LdpVc
from common.formats.data_integrity.issue import add_proof
from common.keys.software import SoftwareKey
from tests.common.formats.data_integrity.cast import DI, OTHER, TERMS, V1, credential, options
from tests.common.formats.data_integrity.cast import HOLDER as EDDSA_HOLDER
from tests.common.formats.data_integrity.cast import ISSUER as EDDSA_ISSUER
from tests.common.formats.samples import AUDIENCE, HOLDER, ISSUER, NONCE, NOW, content_for, public

RDFC, JCS = LdpVc(), LdpVc(canonical="jcs")
FORMS = pytest.mark.parametrize("member", [RDFC, JCS], ids=["rdfc", "jcs"])


def content(**change: Any) -> Any:
    return content_for("ldp_vc", **change)


@FORMS
@pytest.mark.parametrize("alg", ["EdDSA", "ES256", "ES384"])
def test_hint_and_suite(member: LdpVc, alg: str) -> None:
    key = SoftwareKey.generate(alg, kid="key-7")
    parsed = member.parse(member.issue(content(), key))
    hint = parsed.issuer_key_hint
    assert (hint.alg, hint.kid, hint.x5c) == (alg, "did:web:issuer.example:sakuragawa#key-7", ())
    form = "rdfc" if member is RDFC else "jcs"
    expected = f"eddsa-{form}-2022" if alg == "EdDSA" else f"ecdsa-{form}-2019"
    assert parsed.issuer_proof.cryptosuite == expected
    assert member.verify(parsed, public(key), now=NOW).issuer == "did:web:issuer.example:sakuragawa"


@FORMS
def test_each_reads_the_others_suites(member: LdpVc) -> None:
    other = JCS if member is RDFC else RDFC
    text = other.present(
        other.issue(content(), ISSUER), paths=None, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW
    )
    found = member.verify_presentation(
        member.parse_presentation(text), public(ISSUER), audience=AUDIENCE, nonce=NONCE, now=NOW
    )
    assert found.credential.format == "ldp_vc"


def test_the_hint_is_the_issuers_proof_among_several() -> None:
    document = json.loads(RDFC.issue(content(), ISSUER))
    first = add_proof({n: v for n, v in document.items() if n != "proof"}, OTHER, options(OTHER))["proof"]
    text = json.dumps({**document, "proof": [first, document["proof"]]})
    parsed = RDFC.parse(text)
    assert parsed.issuer_key_hint.kid == "did:web:issuer.example:sakuragawa#key-1"
    assert RDFC.verify(parsed, public(ISSUER), now=NOW).issued_at is not None
    stranger = json.dumps({**document, "proof": first})
    with pytest.raises(Rejected, match="untrusted_key"):
        RDFC.verify(RDFC.parse(stranger), public(ISSUER), now=NOW)


def test_several_statuses() -> None:
    uri = "https://issuer.example/bits"
    one, two = (
        StatusReference(uri=f"{uri}/{n}", index=n, purpose=p) for n, p in ((1, "revocation"), (2, "suspension"))
    )
    text = RDFC.issue(content(status=one, more_statuses=(two,)), ISSUER)
    assert RDFC.verify(RDFC.parse(text), public(ISSUER), now=NOW).statuses == (one, two)
    assert isinstance(json.loads(RDFC.issue(content(status=one), ISSUER))["credentialStatus"], dict)
    assert "credentialStatus" not in json.loads(RDFC.issue(content(status=None), ISSUER))
    with pytest.raises(ValueError, match="Token Status List"):
        RDFC.issue(content(status=StatusReference(uri=uri, index=1)), ISSUER)


def test_what_the_content_lacks() -> None:
    with pytest.raises(ValueError, match="names its issuer"):
        RDFC.issue(content(issuer=""), ISSUER)
    with pytest.raises(ValueError, match="certificates"):
        RDFC.issue(content(), ISSUER, x5c=["AAAA"])
    with pytest.raises(ValueError, match="holder's DID"):
        RDFC.issue(content(claims={"id": "x"}), ISSUER)


@FORMS
def test_undefined_terms_are_not_issued(member: LdpVc) -> None:
    """Under JCS too: what JSON-LD would drop is not signed here."""
    with pytest.raises(Malformed):
        member.issue(content(claims={"undefined_term": 1}), ISSUER)
    with pytest.raises(Malformed):
        member.issue(content(w3c_types=("UndefinedCredential",)), ISSUER)


@FORMS
def test_a_holder_whose_key_the_network_knows(member: LdpVc) -> None:
    did = "did:web:holder.example"
    text = member.present(
        member.issue(content(holder_jwk=None, holder_did=did), ISSUER),
        paths=None,
        holder=HOLDER,
        audience=AUDIENCE,
        nonce=NONCE,
        now=NOW,
    )
    parsed = member.parse_presentation(text)
    asked: dict[str, Any] = {"audience": AUDIENCE, "nonce": NONCE, "now": NOW}
    found = member.verify_presentation(parsed, public(ISSUER), holder_key=public(HOLDER), **asked)
    assert found.credential.holder_did == did
    with pytest.raises(Rejected, match="untrusted_key"):
        member.verify_presentation(parsed, public(ISSUER), **asked)
    with pytest.raises(Rejected):
        member.verify_presentation(parsed, public(ISSUER), holder_key=public(ISSUER), **asked)


def test_the_issuers_key_is_not_the_holders() -> None:
    """A presentation that names the issuer's method is not helped by the issuer's key, which was found for assertions."""
    text = RDFC.issue(content(), ISSUER)
    document = json.loads(RDFC.present(text, paths=None, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW))
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    url = "did:web:issuer.example:sakuragawa#key-1"
    forged = add_proof(
        unsigned,
        ISSUER,
        options(verification_method=url, purpose="authentication", domain=AUDIENCE, challenge=NONCE),
    )
    with pytest.raises(Rejected, match="untrusted_key"):
        RDFC.verify_presentation(
            RDFC.parse_presentation(json.dumps(forged)), public(ISSUER), audience=AUDIENCE, nonce=NONCE, now=NOW
        )


def test_a_presentation_says_when_it_was_signed() -> None:
    document = json.loads(
        RDFC.present(RDFC.issue(content(), ISSUER), paths=None, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW)
    )
    method = document["proof"]["verificationMethod"]
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    for change, error in (({"created": None}, Malformed), ({"created": NOW - 361}, Rejected)):
        again = add_proof(
            unsigned,
            HOLDER,
            options(verification_method=method, purpose="authentication", domain=AUDIENCE, challenge=NONCE, **change),
        )
        with pytest.raises(error):
            RDFC.verify_presentation(
                RDFC.parse_presentation(json.dumps(again)), public(ISSUER), audience=AUDIENCE, nonce=NONCE, now=NOW
            )


def test_version_1_1_is_presented_in_version_1_1() -> None:
    document = {
        **credential(),
        "@context": [V1, DI, TERMS],
        "issuanceDate": "2026-01-01T00:00:00Z",
    }
    old = {name: value for name, value in document.items() if name not in ("validFrom", "validUntil")}
    text = json.dumps(add_proof(old, EDDSA_ISSUER, options()))
    shown = RDFC.present(text, paths=None, holder=EDDSA_HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW)
    assert json.loads(shown)["@context"] == [V1, DI]
    found = RDFC.verify_presentation(
        RDFC.parse_presentation(shown), public(EDDSA_ISSUER), audience=AUDIENCE, nonce=NONCE, now=NOW
    )
    assert found.credential.valid_from == 1767225600


def test_the_proof_tells_the_hour_only() -> None:
    proof = json.loads(RDFC.issue(content(issued_at=NOW), ISSUER))["proof"]
    assert proof["created"] == "2026-09-21T14:00:00Z"
    assert "created" not in json.loads(RDFC.issue(content(issued_at=None), ISSUER))["proof"]


def test_preview_and_what_it_is() -> None:
    text = RDFC.issue(content(), ISSUER)
    shown = RDFC.preview(text, [])
    assert "proof" not in shown
    assert shown["credentialSubject"]["family_name"] == "髙橋"
    assert (RDFC.hides, RDFC.binds_to, RDFC.subject_root) == (False, "did", ("credentialSubject",))
