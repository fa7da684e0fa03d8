"""W3C credentials as JWTs: VCDM 2.0 issued and verified, VCDM 1.1 verified."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed, Rejected, Unsupported
from common.formats.credential import StatusReference, VerifiedCredential
from common.formats.vc_jose_cose import VcJwt
from common.formats.vcdm.holder_key import did_of_holder
from common.formats.vcdm.moment import parse_moment
from common.formats.vcdm.terms import CONTEXT_V1, CONTEXT_V2
from common.jose.jwt import build_jwt, parse_jwt
from common.keys.multikey import encode_did_key
from tests.common.formats.samples import AUDIENCE, CLAIMS, HOLDER, ISSUER, NONCE, NOW, STATUS, STRANGER, content, public

FORMAT = VcJwt()
DID = did_of_holder(HOLDER.public_jwk())
ISSUER_DID = "did:web:issuer.example"
SOON = "2026-09-21T14:30:00Z"


def document(**change: Any) -> dict[str, Any]:
    found = {
        "@context": [CONTEXT_V2],
        "type": ["VerifiableCredential", "EnrolmentCredential"],
        "issuer": ISSUER_DID,
        "credentialSubject": {"id": DID, "given_name": "花子"},
        **change,
    }
    return {name: value for name, value in found.items() if value is not None}


def verify(claims: dict[str, Any], **header: Any) -> VerifiedCredential:
    token = build_jwt({"typ": "vc+jwt", "kid": f"{ISSUER_DID}#key-1", **header}, claims, ISSUER)
    return FORMAT.verify(FORMAT.parse(token), public(ISSUER), now=NOW)


def test_what_is_issued() -> None:
    token = parse_jwt(FORMAT.issue(content(credential_id="urn:uuid:1", issuer_names={"ja": "桜川大学"}), ISSUER))
    assert token.header["typ"] == "vc+jwt"
    assert token.header["cty"] == "vc"
    assert "vc" not in token.claims
    assert token.claims["@context"] == [CONTEXT_V2, "https://issuer.example/contexts/v1"]
    assert token.claims["type"] == ["VerifiableCredential", "EnrolmentCredential"]
    assert token.claims["id"] == "urn:uuid:1"
    assert token.claims["issuer"]["name"] == [{"@value": "桜川大学", "@language": "ja"}]
    assert token.claims["name"][0] == {"@value": "在学証明書", "@language": "ja"}
    assert token.claims["validFrom"] == "2026-09-21T14:13:10Z"
    assert token.claims["credentialSubject"] == {"id": DID, **CLAIMS}
    assert token.claims["status"]["status_list"]["idx"] == 42


def test_statuses_stand_where_their_kind_keeps_them() -> None:
    """A Token Status List in the ``status`` claim, entries of Bitstring Status Lists in ``credentialStatus``; all are read again."""
    lists = tuple(
        StatusReference(uri=f"https://issuer.example/{purpose}", index=7, purpose=purpose)
        for purpose in ("revocation", "suspension")
    )
    text = FORMAT.issue(content(more_statuses=lists), ISSUER)
    claims = parse_jwt(text).claims
    assert claims["status"]["status_list"]["idx"] == 42
    assert [one["statusListIndex"] for one in claims["credentialStatus"]] == ["7", "7"]
    assert FORMAT.verify(FORMAT.parse(text), public(ISSUER), now=NOW).statuses == (STATUS, *lists)
    alone = FORMAT.issue(content(status=lists[0]), ISSUER)
    assert "status" not in parse_jwt(alone).claims
    assert FORMAT.verify(FORMAT.parse(alone), public(ISSUER), now=NOW).statuses == lists[:1]
    for broken in ({"type": "BitstringStatusListEntry"}, [], 7):
        with pytest.raises(Malformed):
            verify(document(credentialStatus=broken))


def test_did_key_holders_and_named_ones() -> None:
    did = f"did:key:{encode_did_key(HOLDER.public_jwk())}"
    text = FORMAT.issue(content(holder_did=did, holder_jwk=None), ISSUER)
    shown = FORMAT.present(text, paths=None, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW)
    assert parse_jwt(shown).kid == f"{did}#{did.removeprefix('did:key:')}"
    parsed = FORMAT.parse_presentation(shown)
    found = FORMAT.verify_presentation(parsed, public(ISSUER), audience=AUDIENCE, nonce=NONCE, now=NOW)
    assert found.credential.holder_did == did


def test_holders_whose_key_the_caller_found() -> None:
    text = FORMAT.issue(content(holder_did="did:web:hanako.example", holder_jwk=None), ISSUER)
    shown = FORMAT.present(text, paths=None, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW)
    parsed = FORMAT.parse_presentation(shown)
    options: dict[str, Any] = {"audience": AUDIENCE, "nonce": NONCE, "now": NOW}
    assert FORMAT.verify_presentation(parsed, public(ISSUER), holder_key=public(HOLDER), **options)
    for key in (None, public(STRANGER)):
        with pytest.raises(Rejected, match="wrong_holder"):
            FORMAT.verify_presentation(parsed, public(ISSUER), holder_key=key, **options)


def test_a_key_given_by_the_caller_never_overrules_the_did() -> None:
    text = FORMAT.issue(content(), ISSUER)
    stolen = FORMAT.present(text, paths=None, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW)
    token = parse_jwt(stolen)
    forged = build_jwt(dict(token.header), dict(token.claims), STRANGER)
    with pytest.raises(Rejected, match="wrong_holder"):
        FORMAT.verify_presentation(
            FORMAT.parse_presentation(forged),
            public(ISSUER),
            audience=AUDIENCE,
            nonce=NONCE,
            now=NOW,
            holder_key=public(STRANGER),
        )


@pytest.mark.parametrize(
    "change",
    [
        {"@context": None},
        {"@context": []},
        {"@context": ["https://other.example"]},
        {"@context": ["https://other.example", CONTEXT_V2]},
        {"type": None},
        {"type": ["EnrolmentCredential"]},
        {"type": [1, "VerifiableCredential"]},
        {"issuer": None},
        {"issuer": "text"},
        {"issuer": {"name": "x"}},
        {"issuer": ["did:web:a"]},
        {"credentialSubject": None},
        {"credentialSubject": {}},
        {"credentialSubject": []},
        {"credentialSubject": [{"a": 1}, {"b": 2}]},
        {"credentialSubject": "text"},
        {"credentialSubject": {"id": 5}},
        {"credentialSubject": {"id": "did:key:zzz"}},
        {"credentialSubject": {"id": "did:jwk:AAAA"}},
        {"validFrom": "yesterday"},
        {"validFrom": "2026-09-21"},
        {"validFrom": "2026-09-21T00:00:00"},
        {"validUntil": "2026-13-21T00:00:00Z"},
        {"validUntil": "9999-12-31T24:00:01Z"},
        {"validUntil": 1},
        {"validFrom": SOON, "validUntil": "2026-09-21T14:29:59Z"},
        {"vc": {}},
        {"iss": "did:web:another.example"},
        {"status": {"status_list": 1}},
    ],
)
def test_malformed_documents(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        verify(document(**change))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"validFrom": SOON}, "not_yet_valid"),
        ({"validUntil": "2026-09-21T14:00:00Z"}, "expired"),
        ({"validUntil": "2026-09-21T23:00:00+09:00"}, "expired"),
        ({"exp": NOW - 100}, "expired"),
        ({"nbf": NOW + 100}, "not_yet_valid"),
        ({"iat": NOW + 100}, "not_yet_valid"),
        ({"credentialStatus": {"type": "StatusList2021Entry"}}, "status_unknown"),
        ({"status": {"other": 1}}, "status_unknown"),
        ({"issuer": "did:web:another.example"}, "untrusted_key"),
    ],
)
def test_rejected_documents(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        verify(document(**change))
    assert caught.value.reason == reason


def test_a_document_of_the_old_model_under_the_new_typ_ends_when_it_says() -> None:
    old = {"@context": [CONTEXT_V1], "issuanceDate": "2026-01-01T00:00:00Z"}
    assert verify(document(**old, expirationDate="2027-01-01T00:00:00Z")).valid_until == 1798761600
    with pytest.raises(Rejected, match="expired"):
        verify(document(**old, expirationDate="2026-02-01T00:00:00Z"))


def test_times_with_zones_and_leap_days() -> None:
    assert parse_moment("2024-02-29T00:00:00+09:00") == 1709132400
    assert parse_moment("2024-02-28T15:00:00.999Z") == 1709132400
    assert verify(document(validUntil="2026-09-21T23:30:00+09:00")).valid_until == NOW + 1000


@pytest.mark.parametrize("typ", ["vp+jwt", "dc+sd-jwt", "kb+jwt", "openid4vci-proof+jwt", 5])
def test_typ(typ: object) -> None:
    with pytest.raises(Malformed):
        verify(document(), typ=typ)


# VCDM 1.1


def v1(**change: Any) -> dict[str, Any]:
    inner = {
        "@context": [CONTEXT_V1],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"given_name": "花子"},
        **change.pop("vc", {}),
    }
    claims = {
        "iss": ISSUER_DID,
        "sub": DID,
        "jti": "urn:uuid:1",
        "nbf": NOW - 10,
        "exp": NOW + 10,
        "vc": inner,
        **change,
    }
    return {name: value for name, value in claims.items() if value is not None}


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"typ": "jwt"}])
def test_the_old_form_is_read(header: dict[str, Any]) -> None:
    found = verify(v1(), **header)
    assert (found.issuer, found.holder_did, found.credential_id) == (ISSUER_DID, DID, "urn:uuid:1")
    assert (found.valid_from, found.valid_until) == (NOW - 10, NOW + 10)
    assert found.subject == {"given_name": "花子"}
    assert found.claims["credentialSubject"] == {"id": DID, "given_name": "花子"}


@pytest.mark.parametrize(
    "change",
    [
        {"vc": {"@context": [CONTEXT_V2]}},
        {"vc": {"issuer": "did:web:another.example"}},
        {"vc": {"id": "urn:uuid:2"}},
        {"vc": {"credentialSubject": {"id": "did:web:another.example"}}},
        {"vc": {"credentialSubject": []}},
        {"iss": None},
        {"nbf": "1"},
        {"exp": 1 << 52},
    ],
)
def test_old_forms_that_contradict_themselves(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        verify(v1(**change), typ="JWT")


def test_a_claim_named_id_is_not_issued() -> None:
    with pytest.raises(ValueError, match="subject's id"):
        FORMAT.issue(content(claims={"id": "x"}), ISSUER)


def test_unknown_formats_name_the_known() -> None:
    from common.formats.registry import FORMATS

    with pytest.raises(Unsupported, match="jwt_vc_json"):
        FORMATS["no_such_format"]
