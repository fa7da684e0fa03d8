"""RFC 3161 time-stamps: a stranger's clock says that a digest existed. The request, the answer, and what an answer proves.

A time-stamp is kept and passed on as the authority's whole answer (TimeStampResp, ``application/timestamp-reply``), so that any other
tool reads it, too. Only SHA-256 is asked for. Certificates of an authority are judged for the moment of the stamp, not for today
(RFC 3161 §4): whoever trusts an authority's root says that its stamps of that time are to be believed. What this does not do: ask whether
the authority's own certificate was revoked since, and stamp a stamp anew before its algorithms grow weak (RFC 4998).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha1, sha256, sha384, sha512
from math import ceil
from typing import Any

from asn1crypto import cms, core, tsp
from cryptography import x509
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

from common.errors import Malformed, Refused, Rejected
from common.x509.names import common_name

REQUEST_TYPE, ANSWER_TYPE = "application/timestamp-query", "application/timestamp-reply"
MAX_BYTES = 1 << 15
"""A token with four certificates has some 6 kB."""
_DIGESTS = {"sha256": sha256, "sha384": sha384, "sha512": sha512}
_GRANTED = "granted"
_NOT_DER = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
"""What asn1crypto raises, now and at each later look, for bytes that are not what they should be."""


class _Response(core.Sequence):  # type: ignore[misc]  # untyped there
    """TimeStampResp: a refusal brings no token, which asn1crypto's own definition does not allow."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]  # noqa: RUF012


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedTimeStamp:
    """Read, not verified. digest: what was stamped (SHA-256). time: when, in seconds since 1970. latest: the same with the authority's
    own inaccuracy, rounded up. policy: dotted OID. answer: the bytes as received.
    """

    digest: bytes
    time: int
    latest: int
    nonce: int | None
    policy: str
    serial_number: int
    answer: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedTimeStamp:
    """The digest existed before the end of the second ``proven_before`` (since 1970), says ``authority``, a certificate's common name."""

    digest: bytes
    proven_before: int
    authority: str
    policy: str
    serial_number: int


def build_time_stamp_request(digest: bytes, *, nonce: int, policy: str | None = None) -> bytes:
    """TimeStampReq (§2.4.1) over a SHA-256 digest, DER. nonce: fresh and random, 64 bits. The answer shall bring its certificates."""
    if len(digest) != sha256().digest_size:
        raise ValueError("a SHA-256 digest has 32 bytes")
    imprint = tsp.MessageImprint({"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest})
    request = {"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}
    if policy is not None:
        request["req_policy"] = policy
    return bytes(tsp.TimeStampReq(request).dump())


def parse_time_stamp(answer: bytes) -> ParsedTimeStamp:
    """TimeStampResp (§2.4.2), DER. Raises Malformed, and Refused("time_stamp_refused") where the authority says no."""
    if len(answer) > MAX_BYTES:
        raise Malformed("too_large", f"a time-stamp has at most {MAX_BYTES} bytes")
    try:
        response = _Response.load(answer, strict=True)
        if response["status"]["status"].native != _GRANTED:
            raise Refused("time_stamp_refused", "the time-stamping authority did not grant the request")
        info, _ = _open(response)
        return _read(info, answer)
    except _NOT_DER as error:
        raise Malformed("bad_time_stamp", "not a TimeStampResp in DER") from error


def verify_time_stamp(
    parsed: ParsedTimeStamp,
    *,
    digest: bytes,
    roots: Sequence[x509.Certificate],
    nonce: int | None = None,
    policies: Collection[str] = (),
) -> VerifiedTimeStamp:
    """What the stamp proves.

    1. it is of this digest, by SHA-256                                   RFC 3161 §2.4.2, TSTInfo.messageImprint
    2. it answers our request: the nonce                                  §2.4.2 (None: asked by somebody else, long ago)
    3. under a policy that we take, if we name any                        §2.4.2
    4. one signature of SHA-2, by a certificate that leads to a root at the time of the stamp and has the critical and only
       extended use timeStamping                                          §2.3
    5. the signature itself names that certificate by its hash            RFC 5816 §2, ESSCertID(v2)
    Raises Rejected("request_not_met" | "wrong_nonce" | "algorithm_not_allowed" | "bad_signature" | "untrusted_key"), Malformed.
    """
    # 1
    if parsed.digest != digest:
        raise Rejected("request_not_met", "the time-stamp is of something else")
    # 2
    if nonce is not None and parsed.nonce != nonce:
        raise Rejected("wrong_nonce", "the time-stamp answers another request")
    # 3
    if policies and parsed.policy not in policies:
        raise Rejected("request_not_met", "the time-stamp was made under another policy")
    # 4
    if not roots:
        raise Rejected("untrusted_key", "no time-stamping authority is trusted")
    try:
        _, signed = _open(_Response.load(parsed.answer, strict=True))
        certificate = _signer_certificate(signed)
        _check_algorithms(signed["signer_infos"][0])
        _check_certificate(certificate)
        _verify_signature(parsed.answer, parsed.digest, roots)
        # 5
        _check_certificate_named(signed["signer_infos"][0], certificate.dump())
        authority = x509.load_der_x509_certificate(certificate.dump())
    except _NOT_DER as error:
        raise Malformed("bad_time_stamp", "not a time-stamp token") from error
    return VerifiedTimeStamp(
        digest=digest,
        proven_before=parsed.latest,
        authority=common_name(authority),
        policy=parsed.policy,
        serial_number=parsed.serial_number,
    )


def _open(response: Any) -> tuple[Any, Any]:
    """(TSTInfo, SignedData) of a granted response. Raises what asn1crypto raises, or Malformed."""
    token = response["time_stamp_token"]
    if token["content_type"].native != "signed_data":
        raise Malformed("bad_time_stamp", "the token is signed data")
    signed = token["content"]
    content = signed["encap_content_info"]
    if content["content_type"].native != "tst_info" or len(signed["signer_infos"]) != 1:
        raise Malformed("bad_time_stamp", "the token is one signature over a TSTInfo")
    info = content["content"].parsed
    if not isinstance(info, tsp.TSTInfo):
        raise Malformed("bad_time_stamp", "the token holds a TSTInfo")
    return info, signed


def _read(info: Any, answer: bytes) -> ParsedTimeStamp:
    imprint, accuracy = info["message_imprint"], info["accuracy"].native or {}
    moment, nonce = info["gen_time"].native, info["nonce"].native
    digest = imprint["hashed_message"].native
    if imprint["hash_algorithm"]["algorithm"].native != "sha256" or len(digest) != sha256().digest_size:
        raise Malformed("bad_time_stamp", "the stamped digest is by SHA-256")
    if (
        info["version"].native != "v1"
        or not isinstance(moment, datetime)
        or (nonce is not None and type(nonce) is not int)
    ):
        raise Malformed("bad_time_stamp", "TSTInfo has version 1 and a time")
    seconds, millis, micros = (accuracy.get(unit) or 0 for unit in ("seconds", "millis", "micros"))
    if seconds < 0 or not (0 <= millis < 1000 and 0 <= micros < 1000):
        raise Malformed("bad_time_stamp", "an accuracy is not negative")
    time = moment.astimezone(UTC).timestamp()
    return ParsedTimeStamp(
        digest=digest,
        time=int(time),
        latest=ceil(time) + seconds + (1 if millis or micros else 0),
        nonce=nonce,
        policy=str(info["policy"].dotted),
        serial_number=int(info["serial_number"].native),
        answer=answer,
    )


def _signer_certificate(signed: Any) -> Any:
    """The certificate that the signature's issuer and serial number name; exactly one of those in the token."""
    sid = signed["signer_infos"][0]["sid"]
    if sid.name != "issuer_and_serial_number":
        raise Malformed("bad_time_stamp", "the signer is named by issuer and serial number")
    wanted = (sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native)
    found = [
        choice.chosen
        for choice in signed["certificates"]
        if choice.name == "certificate" and (choice.chosen.issuer.dump(), choice.chosen.serial_number) == wanted
    ]
    if len(found) != 1:
        raise Rejected("untrusted_key", "the time-stamp does not bring its signer's certificate exactly once")
    return found[0]


def _check_algorithms(signer: Any) -> None:
    """SHA-1 collides: what it signed may have been made to fit."""
    digest = signer["digest_algorithm"]["algorithm"].native
    signature = signer["signature_algorithm"]
    named = signature["algorithm"].native
    hashed = signature.hash_algo if named not in ("rsassa_pkcs1v15", "ecdsa", "ed25519", "ed448") else digest
    if digest not in _DIGESTS or hashed not in _DIGESTS:
        raise Rejected("algorithm_not_allowed", "a time-stamp is signed with SHA-256 or a longer hash of its family")


def _check_certificate(certificate: Any) -> None:
    usage = certificate.extended_key_usage_value
    if (
        "extended_key_usage" not in certificate.critical_extensions
        or usage is None
        or usage.native != ["time_stamping"]
    ):
        raise Rejected(
            "untrusted_key", "the signer's certificate is for time-stamping, critically, and for nothing else"
        )


def _verify_signature(answer: bytes, digest: bytes, roots: Sequence[x509.Certificate]) -> None:
    """Chain at the stamp's time, content digest and signature: by rfc3161-client, that is OpenSSL."""
    verifier = VerifierBuilder(roots=list(roots)).build()
    try:
        verifier.verify(decode_timestamp_response(answer), digest)
    except (VerificationError, ValueError) as error:
        raise Rejected("bad_signature", "the time-stamp's signature does not hold under a trusted authority") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what its Rust part raises where it did not expect the bytes
            raise
        raise Malformed("bad_time_stamp", "not a time-stamp token") from error


def _check_certificate_named(signer: Any, certificate: bytes) -> None:
    """The signed attribute signing-certificate(-v2) names the certificate first, so that nobody swaps another under the same key."""
    named = False
    for attribute in signer["signed_attrs"]:
        kind = attribute["type"].native
        if kind not in ("signing_certificate", "signing_certificate_v2"):
            continue
        first = attribute["values"][0]["certs"][0]
        algorithm = first["hash_algorithm"]["algorithm"].native if kind == "signing_certificate_v2" else "sha1"
        hashed = {"sha1": sha1, **_DIGESTS}.get(algorithm)
        if hashed is None or hashed(certificate).digest() != first["cert_hash"].native:
            raise Rejected("bad_signature", "the signature names another certificate")
        named = True
    if not named:
        raise Rejected("bad_signature", "the signature does not name its certificate")
