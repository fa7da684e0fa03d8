"""Credentials and presentations as SD-JWT VC and as W3C documents in JOSE and COSE, and what they carry."""

from __future__ import annotations

from typing import Any

from common.encoding import b64url_encode, compact_json, parse_json_object
from common.formats.bitstring_entry import parse_credential_status
from common.formats.credential import IssuerKeyHint
from common.formats.sd_jwt_vc import SdJwtVc
from common.formats.sd_jwt_vc.claim_rules import check_claims
from common.formats.sd_jwt_vc.integrity import check_integrity
from common.formats.sd_jwt_vc.rendering import read_rendering
from common.formats.sd_jwt_vc.type_chain import resolve_type
from common.formats.sd_jwt_vc.type_metadata import parse_type_metadata
from common.formats.status_claim import parse_status_claim
from common.formats.vc_jose_cose import VcJwt
from common.formats.vc_jose_cose import claims_path as disclosable
from common.formats.vc_jose_cose.enveloped import envelop, read_enveloped_credential, read_enveloped_presentation
from common.formats.vc_jose_cose.media_type import MEDIA_TYPES, MediaType, media_type
from common.formats.vc_jose_cose.parse import parse_credential, parse_presentation
from common.formats.vc_jose_cose.parse_secured import parse_secured
from common.formats.vc_jose_cose.profile import Profile
from common.formats.vc_jose_cose.secure import secure
from common.formats.vc_jose_cose.verify_secured import verify_enveloped, verify_secured
from common.jose.jwk import PublicKey
from common.jose.jwt import build_jwt
from tests.fuzz.cast import AUDIENCE, HOLDER, ISSUER, NONCE, NOW, PUBLIC, content
from tests.fuzz.target import Target, of_json, of_object, of_text, reading

V2 = "https://www.w3.org/ns/credentials/v2"
SD_JWT_VC, JWT_VC = SdJwtVc(), VcJwt()
TYPE: dict[str, Any] = {
    "vct": "urn:0",
    "name": "Enrolment",
    "extends": "urn:1",
    "display": [
        {
            "locale": "ja",
            "name": "在学証明書",
            "rendering": {
                "simple": {"background_color": "#12107c", "logo": {"uri": "https://a.example/l.png", "alt_text": "l"}},
                "svg_templates": [{"uri": "https://a.example/t.svg", "properties": {"orientation": "portrait"}}],
            },
        }
    ],
    "claims": [{"path": ["a", None, 1], "sd": "allowed", "mandatory": True, "svg_id": "a"}],
}
CREDENTIAL = {
    "@context": [V2],
    "id": "urn:uuid:8c1f0a50-7bb2-4c8e-9a55-3a6a2c4f7d10",
    "type": ["VerifiableCredential"],
    "issuer": "https://university.example/14",
    "validFrom": "2020-04-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:hanako", "name": "桜川花子"},
}
KEY_ID = "https://university.example/14#key"


def _presentation(kind: MediaType) -> dict[str, Any]:
    held = MediaType(kind="vc", securing=kind.securing)
    return {
        "@context": [V2],
        "type": "VerifiablePresentation",
        "holder": "https://university.example/14",
        "verifiableCredential": [envelop(secure(CREDENTIAL, held, ISSUER, key_id=KEY_ID), held)],
    }


def _document(kind: MediaType) -> dict[str, Any]:
    return dict(CREDENTIAL) if kind.kind == "vc" else _presentation(kind)


def _key_of(hint: IssuerKeyHint) -> PublicKey:
    return PUBLIC


def _whole(secured: str | bytes, kind: MediaType) -> object:
    parsed = parse_secured(secured, kind)
    for profile in Profile:
        found = verify_secured(parsed, PUBLIC, now=NOW, profile=profile)
        verify_enveloped(found, lambda hint: PUBLIC, now=NOW, profile=profile)
    return found


def _secured(kind: MediaType) -> tuple[Target, Target]:
    """Bytes as they come; and any document, secured by a key that is known."""
    made = secure(_document(kind), kind, ISSUER, key_id=KEY_ID)
    is_text = isinstance(made, str)

    def as_received(data: bytes) -> object:
        return _whole(data.decode("latin-1") if is_text else data, kind)

    def of_any_document(data: bytes) -> object:
        claims = {**_document(kind), **parse_json_object(data)}
        if kind.securing == "cose":
            return _whole(secure(claims, kind, ISSUER, key_id=KEY_ID), kind)
        text = build_jwt({"typ": kind.typ, "kid": KEY_ID}, claims, ISSUER)
        return _whole(f"{text}~" if kind.securing == "sd-jwt" else text, kind)

    seed = made.encode() if isinstance(made, str) else made
    targets = reading(parse_secured, as_received, seed), reading(verify_secured, of_any_document, b"{}")
    first, second = (
        Target(name=f"{one.name}-{kind.kind}-{kind.securing}", call=one.call, parsers=one.parsers, seeds=one.seeds)
        for one in targets
    )
    return first, second


def _sd_jwt_vc(data: bytes) -> object:
    parsed = SD_JWT_VC.parse_presentation(data.decode("utf-8", "replace"))
    _ = parsed.issuer_key_hint
    return SD_JWT_VC.verify_presentation(parsed, PUBLIC, audience=AUDIENCE, nonce=NONCE, now=NOW)


def _sd_jwt_vc_claims(data: bytes) -> object:
    """Any claims and disclosures of an issuer that is believed, against what its type says of them."""
    value = parse_json_object(data)
    claims, disclosed = value.get("claims"), value.get("disclosures")
    if not isinstance(claims, dict) or not isinstance(disclosed, list):
        return None
    token = build_jwt({"typ": "dc+sd-jwt"}, {"vct": "urn:0", "iss": "https://a.example", **claims}, ISSUER)
    text = "~".join((token, *(b64url_encode(compact_json(one)) for one in disclosed), ""))
    parsed = SD_JWT_VC.parse(text)
    check_claims(parsed, TYPE_READ, complete=False)
    return SD_JWT_VC.verify(parsed, PUBLIC, now=NOW)


TYPE_READ = parse_type_metadata(compact_json(TYPE), vct="urn:0")


def _chain(data: bytes) -> object:
    """Any document as the type that ours extends, and the one above it."""
    documents = {"urn:0": compact_json(TYPE), "urn:1": data}
    return resolve_type("urn:0", lambda vct: documents.get(vct, data))


def _jwt_vc(data: bytes) -> object:
    parsed = parse_credential(data.decode("utf-8", "replace"))
    _ = parsed.issuer_key_hint
    return JWT_VC.verify(parsed, PUBLIC, now=NOW)


def _vp_jwt(data: bytes) -> object:
    parsed = parse_presentation(data.decode("utf-8", "replace"))
    return JWT_VC.verify_presentation(parsed, PUBLIC, audience=AUDIENCE, nonce=NONCE, now=NOW)


def _shown(member: Any, text: str) -> bytes:
    shown: str = member.present(text, paths=None, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW)
    return shown.encode()


ENTRY = {
    "type": "BitstringStatusListEntry",
    "statusPurpose": "message",
    "statusListIndex": "7",
    "statusListCredential": "https://a.example/1",
    "statusSize": 2,
    "statusMessage": [{"status": f"0x{n}", "message": "m"} for n in range(4)],
}
JWT_TEXT = JWT_VC.issue(content(), ISSUER)

TARGETS = (
    reading(SdJwtVc.verify_presentation, _sd_jwt_vc, _shown(SD_JWT_VC, SD_JWT_VC.issue(content(), ISSUER))),
    reading(SdJwtVc.verify, _sd_jwt_vc_claims, compact_json({"claims": {"a": [[0, 1]]}, "disclosures": []})),
    reading(parse_type_metadata, lambda data: parse_type_metadata(data, vct="urn:0"), compact_json(TYPE)),
    reading(resolve_type, _chain, compact_json({"vct": "urn:1"})),
    of_json(read_rendering, compact_json(TYPE["display"][0]["rendering"]).decode()),
    reading(
        check_integrity,
        lambda data: check_integrity(b"", data.decode("utf-8", "replace")),
        b"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    ),
    reading(parse_credential, _jwt_vc, JWT_TEXT.encode()),
    reading(parse_presentation, _vp_jwt, _shown(JWT_VC, JWT_TEXT)),
    *(target for kind in MEDIA_TYPES for target in _secured(kind)),
    of_text(media_type, "application/vc+jwt"),
    of_json(disclosable.parse_path, '["credentialSubject","name"]', '"credentialSubject.name[0]"'),
    of_json(read_enveloped_credential, compact_json(_presentation(MEDIA_TYPES[0])["verifiableCredential"][0]).decode()),
    of_json(read_enveloped_presentation, compact_json(envelop("e30.e30.AA", MEDIA_TYPES[3])).decode()),
    of_object(parse_credential_status, compact_json({"credentialStatus": [ENTRY]}).decode()),
    of_object(parse_status_claim, '{"status":{"status_list":{"idx":1,"uri":"https://a.example/1"}}}'),
)
