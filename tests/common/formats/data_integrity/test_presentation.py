"""Presentations: VCDM 2.0 §4.13, with challenge and domain; embedded, enveloped and self-asserted credentials."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed, Rejected, Unsupported
from common.formats.credential import VerifiedCredential
from common.formats.data_integrity.issue import add_proof
from common.formats.data_integrity.policy import STRICT, Policy, Profile
from common.formats.data_integrity.verify_presentation import (
    VerifiedPresentationDocument,
    verify_presentation_document,
)
from common.formats.vcdm.envelope import Envelope, build_envelope
from tests.common.formats.data_integrity.cast import (
    HOLDER,
    ISSUER,
    NOBODY_ELSE,
    NOW,
    OTHER,
    P384,
    SUITE_KEYS,
    V2,
    credential,
    did_of,
    options,
    signed,
)

DOMAIN, CHALLENGE = "https://verifier.example", "u0123456789abcdef"
PROOF_ONLY = Policy(profile=Profile.PROOF_ONLY)


def presentation(*held: Any, **change: Any) -> dict[str, Any]:
    document = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": did_of(HOLDER),
        "verifiableCredential": list(held),
        **change,
    }
    return {name: value for name, value in document.items() if value is not None}


def presented(document: dict[str, Any], key: Any = HOLDER, **change: Any) -> dict[str, Any]:
    return add_proof(
        document, key, options(key, **{"purpose": "authentication", "domain": DOMAIN, "challenge": CHALLENGE, **change})
    )


def check(document: dict[str, Any], *, policy: Policy = STRICT, **change: Any) -> VerifiedPresentationDocument:
    asked: dict[str, Any] = {"methods": NOBODY_ELSE, "now": NOW, "domain": DOMAIN, "challenge": CHALLENGE, **change}
    return verify_presentation_document(document, policy=policy, **asked)


@pytest.mark.parametrize(("suite", "key"), SUITE_KEYS)
def test_presented(suite: str, key: Any) -> None:
    held = signed(key=key, cryptosuite=suite)
    found = check(presented(presentation(held, holder=did_of(key)), key, cryptosuite=suite))
    assert found.holder == did_of(key)
    assert found.credentials[0].credential.subject == {"motto": "学而時習之"}
    assert found.presented_at == NOW - 60


def test_several_credentials_one_and_none() -> None:
    assert len(check(presented(presentation(signed(), signed(key=P384)))).credentials) == 2
    assert len(check(presented(presentation(verifiableCredential=signed()))).credentials) == 1
    assert check(presented(presentation(verifiableCredential=None))).credentials == ()


def test_holder_as_object_and_absent() -> None:
    assert check(presented(presentation(holder={"id": did_of(HOLDER)}))).holder == did_of(HOLDER)
    assert check(presented(presentation(holder=None))).holder == did_of(HOLDER)


def test_two_signers_and_no_holder() -> None:
    both = presented(presented(presentation(holder=None)), OTHER)
    with pytest.raises(Rejected, match="wrong_holder"):
        check(both)
    assert len(check(both, policy=PROOF_ONLY).proofs) == 2
    assert check(presented(presented(presentation()), OTHER)).holder == did_of(HOLDER)


def test_somebody_else_signed() -> None:
    document = presented(presentation(), OTHER)
    with pytest.raises(Rejected, match="wrong_holder"):
        check(document)
    assert check(document, policy=PROOF_ONLY).holder == did_of(HOLDER)


def test_for_another_or_an_earlier_request() -> None:
    document = presented(presentation())
    with pytest.raises(Rejected, match="wrong_audience"):
        check(document, domain="https://other.example")
    with pytest.raises(Rejected, match="wrong_nonce"):
        check(document, challenge="another")
    check(document, domain=None, challenge=None)
    for missing in ("domain", "challenge"):
        with pytest.raises(Rejected):
            check(presented(presentation(), **{missing: None}))


def test_a_certificate_is_no_login() -> None:
    with pytest.raises(Rejected, match="wrong_type"):
        check(presented(presentation(), purpose="assertionMethod"))


def test_changed_after_signing() -> None:
    document = presented(presentation(signed()))
    for change in (
        {"id": "urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008"},
        {"verifiableCredential": [signed(key=P384)]},
        {"verifiableCredential": []},
    ):
        with pytest.raises(Rejected, match="bad_signature"):
            check({**document, **change})


def test_a_bad_credential_spoils_the_presentation() -> None:
    broken = {**signed(created=NOW - 120), "validFrom": "2025-01-01T00:00:00Z"}
    with pytest.raises(Rejected, match="bad_signature"):
        check(presented(presentation(signed(), broken)))
    expired = signed(credential(validUntil="2026-02-01T00:00:00Z"))
    with pytest.raises(Rejected, match="expired"):
        check(presented(presentation(expired)))
    with pytest.raises(Rejected, match="untrusted_key"):
        check(presented(presentation(signed(credential(ISSUER), OTHER))))


def test_unsigned_only_where_policy_says_so() -> None:
    bare = presentation(signed())
    with pytest.raises(Malformed, match="no proof"):
        check(bare)
    found = check(bare, allow_unsigned=True)
    assert (found.holder, found.presented_at, len(found.credentials)) == (None, None, 1)
    with pytest.raises(Malformed):
        check({**bare, "proof": []}, allow_unsigned=True)


def test_self_asserted_credentials() -> None:
    """§4.13.3: secured by the presentation alone, so only the holder's own word."""
    own = credential(HOLDER)
    assert check(presented(presentation(own))).credentials[0].credential.issuer == did_of(HOLDER)
    with pytest.raises(Rejected, match="bad_signature"):
        check(presented(presentation(credential(ISSUER))))
    with pytest.raises(Rejected, match="bad_signature"):
        check(presentation(own), allow_unsigned=True)
    with pytest.raises(Rejected, match="bad_signature"):
        check(presented(presentation(credential(ISSUER), holder=None)))


def verified(issuer: str) -> VerifiedCredential:
    return VerifiedCredential(
        format="jwt_vc_json",
        types=(),
        issuer=issuer,
        claims={},
        subject={},
        holder_jwk=None,
        holder_did=None,
        issued_at=None,
        valid_from=None,
        valid_until=None,
        status=None,
        credential_id=None,
    )


def test_envelopes_go_to_whoever_knows_them() -> None:
    envelope = build_envelope("EnvelopedVerifiableCredential", media_type="application/vc+jwt", content="e30.e30.AA")
    document = presented(presentation(envelope, signed()))
    seen = []

    def open_envelope(found: Envelope) -> VerifiedCredential:
        seen.append((found.media_type, found.content))
        return verified("did:example:issuer")

    found = check(document, open_envelope=open_envelope)
    assert seen == [("application/vc+jwt", "e30.e30.AA")]
    assert [each.credential.issuer for each in found.credentials] == ["did:example:issuer", did_of(ISSUER)]
    with pytest.raises(Rejected, match="wrong_type"):
        check(document)

    def refuse(found: Envelope) -> VerifiedCredential:
        raise Unsupported("unknown_media_type", known=())

    with pytest.raises(Unsupported):
        check(document, open_envelope=refuse)


@pytest.mark.parametrize(
    "change",
    [
        {"@context": None},
        {"@context": [V2][:0]},
        {"@context": ["https://www.w3.org/ns/credentials/examples/v2", V2]},
        {"type": None},
        {"type": ["Other"]},
        {"id": "no url"},
        {"holder": "no-url"},
        {"holder": {"name": "Acme"}},
        {"verifiableCredential": ["eyJhbGciOiJFUzI1NiJ9.e30.AA"]},
        {"verifiableCredential": "text"},
        {"verifiableCredential": [{}] * 65},
        {"verifiableCredential": [{**credential(HOLDER), "type": []}]},
        {"verifiableCredential": [{"@context": V2, "type": ["EnvelopedVerifiableCredential"], "id": "x"}]},
        {"verifiableCredential": [{"type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,x"}]},
        {"termsOfUse": {}},
    ],
)
def test_documents_that_break_the_model(change: dict[str, Any]) -> None:
    document = {name: value for name, value in {**presentation(), **change}.items() if value is not None}
    with pytest.raises(Malformed):
        check(document, open_envelope=lambda _: verified("did:example:issuer"), allow_unsigned=True)
