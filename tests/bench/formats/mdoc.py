"""An mdoc presentation verified and an mdoc issued, against the signatures that nobody can save."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from common.cose.sign1 import to_be_signed
from common.formats.credential import CredentialContent, StatusReference
from common.formats.mdoc import Mdoc
from common.formats.mdoc.device_auth import device_authentication
from common.formats.mdoc.session_transcript import session_transcript
from common.formats.presentation_context import PresentationContext
from common.jose.jwk import CURVES, PublicKey, ecdsa_to_der, forget_parsed_keys, parse_public_jwk
from common.keys.software import SoftwareKey
from common.x509.iaca import IacaRoots
from common.x509.sandbox_iaca import issue_document_signer, make_iaca
from tests.bench.figure import Figure, ratio

VERIFY_BOUND, ISSUE_BOUND = 1.9, 4.0
DOCTYPE = "tegata.student.1"
NOW = 1_790_000_000
AUDIENCE, NONCE = "x509_san_dns:cafe.example", "0f4b6f0a1c2d3e4f5a6b7c8d9e0f1a2b"
CONTEXT = PresentationContext(response_uri="https://cafe.example/response", encryption_thumbprint=bytes(range(32)))
CLAIMS = {
    "issuing_authority": "桜川大学",
    "issuing_country": "JP",
    "family_name": "桜川",
    "given_name": "花子",
    "family_name#ja-Kana-JP": "サクラガワ",
    "given_name#ja-Kana-JP": "ハナコ",
    "birthdate": "2005-04-02",
    "student_number": "24A0123",
    "faculty": "理工学部",
    "department": "情報工学科",
    "start_date": "2024-04-01",
    "enrolment_status": "enrolled",
}
_SCHEME = CURVES["P-256"].scheme


class Town:
    """One authority, one institution."""

    def __init__(self, now: int = NOW) -> None:
        self.mdoc = Mdoc()
        self.issuer = SoftwareKey.generate()
        iaca = make_iaca("Sandbox IACA", country="JP", address="https://iaca.example", now=now)
        public = cast(ec.EllipticCurvePublicKey, self.issuer.private_key().public_key())
        leaf = issue_document_signer(
            iaca, public, name="Sakuragawa", address="https://issuer.example/sakuragawa", now=now
        )
        self.certificate, self.x5c = leaf.certificate, leaf.x5c
        self.root = iaca.certificate
        self.root_key = cast(ec.EllipticCurvePublicKey, self.root.public_key())
        self.roots = IacaRoots([self.root])
        self.issuer_key: PublicKey = parse_public_jwk(self.issuer.public_jwk())

    def content(self, holder: SoftwareKey) -> CredentialContent:
        return CredentialContent(
            type_name="enrolment",
            doctype=DOCTYPE,
            claims=CLAIMS,
            issuer="https://issuer.example/sakuragawa",
            holder_jwk=holder.public_jwk(),
            issued_at=NOW,
            valid_from=NOW,
            valid_until=NOW + 31_536_000,
            status=StatusReference(uri="https://issuer.example/sakuragawa/status/1", index=123_456),
        )


@dataclass(frozen=True, slots=True)
class _Case:
    text: str
    signatures: tuple[tuple[ec.EllipticCurvePublicKey, bytes, bytes], ...]


def _make_case(town: Town) -> _Case:
    """A fresh document of a fresh holder, presented once with all its elements. What was parsed on the way is forgotten."""
    holder = SoftwareKey.generate()
    text = town.mdoc.present(
        town.mdoc.issue(town.content(holder), town.issuer, x5c=town.x5c),
        paths=None,
        holder=holder,
        audience=AUDIENCE,
        nonce=NONCE,
        now=NOW,
        context=CONTEXT,
    )
    parsed = town.mdoc.parse_presentation(text)
    auth, signature = parsed.issuer_signed.issuer_auth, parsed.signature
    assert auth.payload is not None
    assert signature is not None
    transcript = session_transcript(CONTEXT, audience=AUDIENCE, nonce=NONCE)
    device = device_authentication(transcript, parsed.doc_type, parsed.device_namespaces)
    certificate: x509.Certificate = town.certificate
    case = _Case(
        text,
        (
            (town.root_key, certificate.signature, certificate.tbs_certificate_bytes),
            (
                cast(ec.EllipticCurvePublicKey, town.issuer_key.key),
                ecdsa_to_der(auth.signature, 32),
                to_be_signed(auth.protected_bytes, auth.payload),
            ),
            (
                cast(ec.EllipticCurvePublicKey, parse_public_jwk(holder.public_jwk()).key),
                ecdsa_to_der(signature.signature, 32),
                to_be_signed(signature.protected_bytes, device),
            ),
        ),
    )
    forget_parsed_keys()
    return case


def measure() -> list[Figure]:
    """Verify: chain, issuer and device, each time anew; what was read from the signer's certificate is remembered, as it may be."""
    town = Town()

    def verify(case: _Case) -> None:
        parsed = town.mdoc.parse_presentation(case.text)
        town.roots.verify(parsed.issuer_signed.x5chain, now=NOW)
        shown = town.mdoc.verify_presentation(
            parsed, town.issuer_key, audience=AUDIENCE, nonce=NONCE, now=NOW, context=CONTEXT
        )
        assert len(shown.credential.subject[DOCTYPE]) == len(CLAIMS)

    def raw_verify(case: _Case) -> None:
        for key, signature, data in case.signatures:
            key.verify(signature, data, _SCHEME)

    private = cast(ec.EllipticCurvePrivateKey, town.issuer.private_key())
    message = bytes(1200)

    def issue(content: CredentialContent) -> None:
        town.mdoc.issue(content, town.issuer, x5c=town.x5c)

    def raw_sign(_: CredentialContent) -> None:
        private.sign(message, ec.ECDSA(hashes.SHA256()))

    def make_content() -> CredentialContent:
        """The holder's key was read when its proof was checked, just before."""
        content = town.content(SoftwareKey.generate())
        parse_public_jwk(content.holder_jwk)
        return content

    verified = ratio(verify, raw_verify, lambda: _make_case(town))
    issued = ratio(issue, raw_sign, make_content)
    return [
        Figure(
            name="mdoc verify, 12 elements, all shown: chain, issuer, device",
            value=round(verified, 3),
            unit="× three raw P-256 verifications",
            bound=VERIFY_BOUND,
            ok=verified <= VERIFY_BOUND,
            note="least times of 20 interleaved rounds of 50 fresh presentations by new holders; one signer, known beforehand",
        ),
        Figure(
            name="mdoc issue, 12 elements",
            value=round(issued, 3),
            unit="× one raw P-256 signature",
            bound=ISSUE_BOUND,
            ok=issued <= ISSUE_BOUND,
            note="least times of 20 interleaved rounds of 50 documents for new holders",
        ),
    ]
