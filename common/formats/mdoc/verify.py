"""An mdoc, proven: the issuer's signature over the digests of its elements, the holder's device for this request. ISO/IEC 18013-5 §9.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from common.cbor import embed
from common.cose.sign1 import verify_sign1
from common.errors import Rejected
from common.formats.credential import VerifiedCredential, VerifiedPresentation
from common.formats.mdoc.claims import to_claim
from common.formats.mdoc.device_auth import device_authentication, verify_device_mac, verify_device_signature
from common.formats.mdoc.device_response import ParsedDeviceResponse
from common.formats.mdoc.issuer_signed import FORMAT, ParsedIssuerSigned
from common.formats.mdoc.mobile_security_object import MobileSecurityObject
from common.formats.mdoc.session_transcript import session_transcript
from common.formats.presentation_context import PresentationContext
from common.jose.jwk import PublicKey
from common.jose.jwt import LEEWAY
from common.x509.iaca import SignerCertificate, parse_signer

_ISO_NAMESPACE = "org.iso.18013.5.1"


def verify_credential(parsed: ParsedIssuerSigned, issuer_key: PublicKey, *, now: int) -> VerifiedCredential:
    """The document, once proven.

    1. the issuer's key is the one of the certificate that names the issuer        §9.3.1 step 1
    2. every data element has the digest that stands in the MSO                    §9.3.1 step 3
    3. it was signed while the certificate was valid, and is valid now             §9.3.1 step 5
    4. issuing country and jurisdiction are the certificate's                      §7.2.1 (mDL)
    5. the device's key is a key                                                   §9.1.2.4
    6. the status is of a known kind                                               Token Status List draft-20 §6.3
    7. the issuer's signature over the MSO: before it, nothing of the above counts §9.3.1 step 2
    Left to the caller: the certificate's chain (`common.x509.iaca`), anew each time; that this issuer is trusted for this docType;
    the status itself.
    """
    credential, _ = _read(parsed, issuer_key, now=now)
    # 7 · signature
    verify_sign1(parsed.issuer_auth, issuer_key)
    return credential


def _read(parsed: ParsedIssuerSigned, issuer_key: PublicKey, *, now: int) -> tuple[VerifiedCredential, PublicKey]:
    """Steps 1 to 6 of `verify_credential`; with the document, its device's key as read on the way. The caller verifies the signature."""
    mso = parsed.mso
    # 1 · certificate
    signer = parse_signer(parsed.x5chain[0])
    if signer.public_key != issuer_key.key:
        raise Rejected("untrusted_key", "the key is not that of the signer's certificate")
    # 2 · digests
    _check_digests(parsed)
    # 3 · validity
    _check_validity(mso, signer, now)
    claims = {
        namespace: {name: value if type(value) is str else to_claim(value) for _, name, value, _ in items}
        for namespace, items in parsed.namespaces.items()
    }
    # 4 · country
    if _ISO_NAMESPACE in claims:
        _check_places(claims[_ISO_NAMESPACE], signer)
    # 5 · device
    device_key = mso.read_device_key()
    # 6 · status
    status = mso.read_status()
    credential = VerifiedCredential(
        format=FORMAT,
        types=(mso.doc_type,),
        issuer=signer.issuer,
        claims=claims,
        subject=claims,
        holder_jwk=device_key.jwk,
        holder_did=None,
        issued_at=mso.signed,
        valid_from=mso.valid_from,
        valid_until=mso.valid_until,
        status=status,
        credential_id=None,
    )
    return credential, device_key


def verify_presentation(
    parsed: ParsedDeviceResponse,
    issuer_key: PublicKey,
    *,
    audience: str,
    nonce: str,
    now: int,
    context: PresentationContext | None,
    reader_key: ec.EllipticCurvePrivateKey | None = None,
) -> VerifiedPresentation:
    """All of `verify_credential`, then what the device authenticated.

    1. the document as issued, but for its signature                               `verify_credential` 1 to 6
    2. the docType outside is the one that was signed                              §9.3.1 step 4
    3. data elements of the device's own only where the issuer authorised them     §9.1.2.4
    4. the issuer's signature                                                      `verify_credential` 7
    5. signature or MAC by the device's key over this request's transcript         §9.1.3, OpenID4VP 1.0 B.2.6
    The transcript holds client_id, nonce, response address (or origin) and encryption key: where one differs, the device's
    authentication fails as a whole. An mdoc states no time of its own, so ``presented_at`` is now.
    Left to the caller, beside what `verify_credential` leaves: that the nonce is used once.
    """
    # 1 · document
    issued = parsed.issuer_signed
    credential, device_key = _read(issued, issuer_key, now=now)
    # 2 · docType
    if parsed.doc_type != issued.mso.doc_type:
        raise Rejected("wrong_type", "the document is of another type than its issuer signed")
    # 3 · elements of the device
    if parsed.device_signed:
        _check_authorised(parsed.device_signed, issued.mso)
    transcript = session_transcript(context, audience=audience, nonce=nonce)
    authentication = device_authentication(transcript, parsed.doc_type, parsed.device_namespaces)
    # 4 · issuer
    verify_sign1(issued.issuer_auth, issuer_key)
    # 5 · device
    if parsed.signature is not None:
        verify_device_signature(parsed.signature, device_key, authentication)
    elif parsed.mac is not None:
        verify_device_mac(parsed.mac, device_key, authentication, reader_key=reader_key, transcript=transcript)
    else:
        raise Rejected("wrong_holder", "no device authenticated this")
    return VerifiedPresentation(credential=credential, audience=audience, nonce=nonce, presented_at=now)


def _check_digests(parsed: ParsedIssuerSigned) -> None:
    digest = parsed.mso.hash
    for namespace, items in parsed.namespaces.items():
        signed = parsed.mso.value_digests.get(namespace, {})
        for digest_id, _, _, encoded in items:
            if digest(embed(encoded)).digest() != signed.get(digest_id):
                raise Rejected("disclosure_invalid", "a data element is not the one that was signed")


def _check_validity(mso: MobileSecurityObject, signer: SignerCertificate, now: int) -> None:
    if not signer.not_before <= mso.signed <= signer.not_after:
        raise Rejected("untrusted_key", "signed at a time when the signer's certificate was not valid")
    if now < mso.valid_from - LEEWAY or now < mso.signed - LEEWAY:
        raise Rejected("not_yet_valid", "the document is not valid yet")
    if now >= mso.valid_until + LEEWAY:
        raise Rejected("expired", "the document has expired")


def _check_places(elements: Mapping[str, Any], signer: SignerCertificate) -> None:
    if "issuing_country" in elements and elements["issuing_country"] != signer.country:
        raise Rejected("untrusted_key", "the signer's certificate is of another country")
    if signer.state is not None and elements.get("issuing_jurisdiction", signer.state) != signer.state:
        raise Rejected("untrusted_key", "the signer's certificate is of another jurisdiction")


def _check_authorised(device_signed: Mapping[str, Mapping[str, Any]], mso: MobileSecurityObject) -> None:
    for namespace, elements in device_signed.items():
        allowed = mso.authorised.get(namespace, frozenset())
        if allowed is not None and not allowed.issuperset(elements):
            raise Rejected("disclosure_invalid", "the device signed data elements that its issuer did not authorise")
