"""One certificate and its cast, for the tests of every format."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from common.formats.contract import CredentialFormat
from common.formats.credential import CredentialContent, StatusReference, VerifiedPresentation
from common.formats.presentation_context import PresentationContext
from common.jose.jwk import PublicKey, parse_public_jwk
from common.keys.software import SoftwareKey
from common.x509.iaca import IacaRoots
from common.x509.sandbox_iaca import issue_document_signer, make_iaca

NOW = 1_790_000_000
ISSUER, HOLDER, STRANGER = SoftwareKey.generate(kid="key-1"), SoftwareKey.generate(), SoftwareKey.generate()
AUDIENCE, NONCE = "x509_san_dns:cafe.example", "nonce-1"
STATUS = StatusReference(uri="https://issuer.example/sakuragawa/status/1", index=42)
CLAIMS: dict[str, Any] = {
    "family_name": "髙橋",
    "given_name": "花子",
    "birthdate": "2005-04-02",
    "faculty": {"code": "E1", "name": "理工学部"},
    "nationalities": ["JP", "BR"],
}


def content(**change: Any) -> CredentialContent:
    return CredentialContent(
        **{
            "type_name": "enrolment",
            "vct": "https://issuer.example/types/enrolment",
            "w3c_types": ("EnrolmentCredential",),
            "contexts": ("https://issuer.example/contexts/v1",),
            "claims": CLAIMS,
            "always_disclosed": frozenset({"birthdate"}),
            "names": {"ja": "在学証明書", "en": "Certificate of Enrolment"},
            "issuer": "did:web:issuer.example:sakuragawa",
            "holder_jwk": HOLDER.public_jwk(),
            "issued_at": NOW,
            "valid_from": NOW - 10,
            "valid_until": NOW + 1000,
            "status": STATUS,
            **change,
        }
    )


def public(key: SoftwareKey) -> PublicKey:
    return parse_public_jwk(key.public_jwk())


_TERMS = "https://issuer.example/terms#"
_INLINE = {name: f"{_TERMS}{name}" for name in ("EnrolmentCredential", "code", *(set(CLAIMS) - {"name"}))}
_DOCTYPE = "com.example.enrolment"
ADDRESS = "https://issuer.example/sakuragawa"
CONTEXT = PresentationContext(response_uri="https://cafe.example/response")
_IACA = make_iaca("Sandbox IACA", country="JP", address="https://iaca.example", now=NOW)
_OF_FORMAT: dict[str, dict[str, Any]] = {
    # an mdoc of a type that no table describes has its claims by namespace
    "mso_mdoc": {"doctype": _DOCTYPE, "claims": {_DOCTYPE: CLAIMS}, "issuer": ADDRESS},
    # JSON-LD knows no term that its contexts do not define; its status stands in a bitstring
    "ldp_vc": {
        "contexts": (_INLINE,),
        "status": StatusReference(uri="https://issuer.example/sakuragawa/bits/1", index=42, purpose="revocation"),
    },
}


def content_for(format_name: str, **change: Any) -> CredentialContent:
    """The same certificate as this format can carry it."""
    return content(**{**_OF_FORMAT.get(format_name, {}), **change})


def subject_for(format_name: str) -> dict[str, Any]:
    """What a credential of this format says about its subject, as it is read back."""
    return {_DOCTYPE: CLAIMS} if format_name == "mso_mdoc" else CLAIMS


def x5c_for(format_name: str, key: SoftwareKey) -> tuple[str, ...] | None:
    """The signer's certificate, where the format names its issuer by nothing else."""
    if format_name != "mso_mdoc":
        return None
    public_key = key.private_key().public_key()
    return issue_document_signer(_IACA, public_key, name="Sandbox signer", address=ADDRESS, now=NOW).x5c


def issue_for(member: CredentialFormat, signer: SoftwareKey = ISSUER, **change: Any) -> str:
    return member.issue(content_for(member.name, **change), signer, x5c=x5c_for(member.name, signer))


def present_for(member: CredentialFormat, text: str, **change: Any) -> str:
    options = {
        "paths": None, "holder": HOLDER, "audience": AUDIENCE, "nonce": NONCE, "now": NOW, "context": CONTEXT, **change
    }  # fmt: skip
    return member.present(text, **options)


def check_for(member: CredentialFormat, text: str, **change: Any) -> VerifiedPresentation:
    options = {"audience": AUDIENCE, "nonce": NONCE, "now": NOW, "context": CONTEXT, "key": public(ISSUER), **change}
    return member.verify_presentation(member.parse_presentation(text), options.pop("key"), **options)


def check_with_chain(member: CredentialFormat, text: str) -> VerifiedPresentation:
    """With what verifying leaves to its caller where the issuer's key comes with the credential: that a root vouches for it."""
    chain = member.parse_presentation(text).issuer_key_hint.x5c
    if chain:
        IacaRoots([_IACA.certificate]).verify([b64decode(one) for one in chain], now=NOW)
    return check_for(member, text)
