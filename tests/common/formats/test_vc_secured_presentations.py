"""Presentations secured with JOSE and COSE: credentials in envelopes, for whom they were made, key binding."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed, Rejected, Unsupported
from common.formats.vc_jose_cose.enveloped import envelop, read_enveloped_credential, read_enveloped_presentation
from common.formats.vc_jose_cose.media_type import VC_COSE, VC_JWT, VC_SD_JWT, VP_COSE, VP_JWT, VP_SD_JWT, MediaType
from common.formats.vc_jose_cose.profile import Profile
from common.formats.vc_jose_cose.secure import secure
from common.formats.vc_jose_cose.verify_secured import verify_enveloped
from common.formats.vcdm.terms import CONTEXT_V2
from common.jose.jwk import parse_public_jwk
from common.jose.sd_jwt import parse_sd_jwt, present_sd_jwt
from tests.common.formats.samples import HOLDER, NOW, STRANGER
from tests.common.formats.secured_samples import (
    ISSUER_URL,
    KEYS,
    credential,
    enveloped,
    presentation,
    secured,
    signed_jwt,
)
from tests.common.formats.test_vc_secured import verify

PRESENTATIONS = (VP_JWT, VP_SD_JWT, VP_COSE)


def find_key(hint: Any) -> Any:
    name = str(hint.kid).partition("#")[2]
    assert hint.iss == ISSUER_URL
    return parse_public_jwk(KEYS[name].public_jwk())


@pytest.mark.parametrize("kind", PRESENTATIONS, ids=lambda kind: kind.typ)
def test_credentials_in_presentations_are_proven_one_by_one(kind: MediaType) -> None:
    held = [enveloped(VC_JWT), enveloped(VC_SD_JWT, "p384"), enveloped(VC_COSE, "p521")]
    found = verify(secured(presentation(*held), kind), kind)
    proven = verify_enveloped(found, find_key, now=NOW)
    assert [one.media_type for one in proven] == [VC_JWT, VC_SD_JWT, VC_COSE]
    assert all(one.document["credentialSubject"]["name"] == "桜川花子" for one in proven)
    late = verify(secured(presentation(enveloped(VC_JWT, validUntil="2021-01-01T00:00:00Z")), kind), kind)
    with pytest.raises(Rejected, match="expired"):
        verify_enveloped(late, find_key, now=NOW)
    with pytest.raises(Rejected, match=r"bad_signature|algorithm"):
        verify_enveloped(found, lambda _: parse_public_jwk(STRANGER.public_jwk()), now=NOW)


@pytest.mark.parametrize(
    "held",
    [
        credential(),  # not secured
        {**credential(), "proof": {"type": "DataIntegrityProof"}},
        "text",
        {"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": "https://a.example"},
        {"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/json,{}"},
        {"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vp+jwt,a.b.c"},
        {"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt;base64,YQ=="},
        {"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+cose,YQ=="},
        {"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+cose;base64,YR=="},
        {"@context": CONTEXT_V2, "type": "EnvelopedVerifiablePresentation", "id": "data:application/vp+jwt,a.b.c"},
        {"type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,a.b.c"},
    ],
)
def test_what_is_no_enveloped_credential(held: Any) -> None:
    for profile in Profile:
        with pytest.raises((Malformed, Unsupported)):
            verify(signed_jwt(presentation(held), typ="vp+jwt"), VP_JWT, profile=profile)
    with pytest.raises((Malformed, Unsupported)):
        secure(presentation(held), VP_JWT, KEYS["p256"])


def test_envelopes_of_presentations() -> None:
    for kind in PRESENTATIONS:
        data = secured(presentation(), kind)
        held = read_enveloped_presentation(envelop(data, kind))
        assert (held.media_type, held.data) == (kind, data)
        assert verify(held.data, held.media_type).party == ISSUER_URL
        with pytest.raises(Malformed):
            read_enveloped_credential(envelop(data, kind))


def test_for_whom_a_presentation_was_made() -> None:
    text = secured(presentation(), VP_JWT, extra={"aud": "https://shop.example", "nonce": "n"})
    assert verify(text, VP_JWT, audience="https://shop.example", nonce="n").party == ISSUER_URL
    with pytest.raises(Rejected, match="wrong_audience"):
        verify(text, VP_JWT, audience="https://other.example", nonce="n")
    with pytest.raises(Rejected, match="wrong_nonce"):
        verify(text, VP_JWT, audience="https://shop.example", nonce="m")
    with pytest.raises(Rejected, match="wrong_holder"):
        verify(secured(credential(), VC_JWT), audience="https://shop.example", nonce="n")


def test_key_binding_of_a_credential() -> None:
    cnf = {"cnf": {"jwk": HOLDER.public_jwk()}}
    text = str(secured(credential(), VC_SD_JWT, disclosable=[("credentialSubject", "name")], extra=cnf))
    shown = present_sd_jwt(parse_sd_jwt(text), paths=[], holder=HOLDER, audience="us", nonce="n", now=NOW)
    found = verify(shown, VC_SD_JWT, audience="us", nonce="n")
    assert found.document["credentialSubject"] == {"id": "did:example:hanako"}
    with pytest.raises(Rejected, match="wrong_nonce"):
        verify(shown, VC_SD_JWT, audience="us", nonce="m")
    with pytest.raises(Rejected, match="wrong_holder"):
        verify(text, VC_SD_JWT, audience="us", nonce="n")
    stolen = present_sd_jwt(parse_sd_jwt(text), paths=[], holder=STRANGER, audience="us", nonce="n", now=NOW)
    with pytest.raises(Rejected, match="wrong_holder"):
        verify(stolen, VC_SD_JWT, audience="us", nonce="n")
