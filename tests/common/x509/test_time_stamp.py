"""RFC 3161 time-stamps against an authority of OpenSSL's: what is believed, and everything that is not."""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from common.errors import Malformed, Refused, Rejected, TegataError
from common.x509.pem import to_x5c
from common.x509.sandbox_ca import make_ca
from common.x509.time_stamp import build_time_stamp_request, parse_time_stamp, verify_time_stamp
from tests.tsa import POLICY, STAMPING, StampingAuthority, make_authority

DIGEST = sha256(b"a certificate of graduation").digest()
NONCE = (1 << 63) + 5


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> StampingAuthority:
    return make_authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def answer(authority: StampingAuthority) -> bytes:
    return authority.reply(build_time_stamp_request(DIGEST, nonce=NONCE))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "other"


def stamp(authority: StampingAuthority, **wish: str) -> bytes:
    return authority.reply(build_time_stamp_request(DIGEST, nonce=NONCE, **wish))


def refusal(answer: bytes, **how: object) -> str:
    with pytest.raises(TegataError) as caught:
        verify_time_stamp(parse_time_stamp(answer), **{"digest": DIGEST, "nonce": NONCE, **how})  # type: ignore[arg-type]
    return caught.value.code


def test_a_stamp_proves_when(authority: StampingAuthority, answer: bytes) -> None:
    found = verify_time_stamp(
        parse_time_stamp(answer), digest=DIGEST, nonce=NONCE, roots=[authority.root], policies=[POLICY]
    )
    assert abs(found.proven_before - time.time()) < 60
    assert found.authority == "Time-stamp root: clock 1"
    assert found.policy == POLICY
    assert verify_time_stamp(parse_time_stamp(answer), digest=DIGEST, roots=[authority.root]) == found


def test_what_the_authority_does_not_know_exactly_is_added(folder: Path) -> None:
    parsed = parse_time_stamp(stamp(make_authority(folder, accuracy=90)))
    assert parsed.latest == parsed.time + 90


def test_openssl_agrees(authority: StampingAuthority, answer: bytes, tmp_path: Path) -> None:
    """What we pass on is what everybody's tools read."""
    (tmp_path / "a.tsr").write_bytes(answer)
    pem = f"-----BEGIN CERTIFICATE-----\n{to_x5c((authority.root,))[0]}\n-----END CERTIFICATE-----\n"
    (tmp_path / "root.pem").write_text(pem, encoding="ascii")
    command = ["openssl", "ts", "-verify", "-digest", DIGEST.hex(), "-in", "a.tsr", "-CAfile", "root.pem"]
    assert b"OK" in subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout


def test_who_answers_otherwise_is_not_believed(authority: StampingAuthority, answer: bytes) -> None:
    roots = [authority.root]
    assert refusal(answer, roots=roots, digest=sha256(b"another").digest()) == "request_not_met"
    assert refusal(answer, roots=roots, nonce=NONCE + 1) == "wrong_nonce"
    assert refusal(answer, roots=roots, policies=["1.2.392.200000.1.2"]) == "request_not_met"
    assert refusal(answer, roots=[]) == "untrusted_key"
    assert refusal(answer, roots=[make_ca("Another", now=1_700_000_000).certificate]) == "bad_signature"


def test_an_authority_of_the_same_name_is_another(authority: StampingAuthority, folder: Path) -> None:
    assert refusal(stamp(make_authority(folder)), roots=[authority.root]) == "bad_signature"


def test_a_certificate_that_was_over(folder: Path) -> None:
    gone = make_authority(folder, days=365)
    assert refusal(stamp(gone), roots=[gone.root]) == "bad_signature"


@pytest.mark.parametrize("digest", ["sha384", "sha512"])
def test_longer_hashes(folder: Path, digest: str) -> None:
    long = make_authority(folder, digest=digest)
    verify_time_stamp(parse_time_stamp(stamp(long)), digest=DIGEST, roots=[long.root])


def test_sha1_signs_nothing(folder: Path) -> None:
    old = make_authority(folder, digest="sha1")
    assert refusal(stamp(old), roots=[old.root]) == "algorithm_not_allowed"


def test_the_older_name_of_a_certificate(folder: Path) -> None:
    """RFC 3161's own ESSCertID names it by SHA-1; RFC 5816 lets both stand."""
    old = make_authority(folder, ess="sha1")
    verify_time_stamp(parse_time_stamp(stamp(old)), digest=DIGEST, roots=[old.root])


def test_a_refusal_is_no_stamp(authority: StampingAuthority) -> None:
    with pytest.raises(Refused) as caught:
        parse_time_stamp(authority.reply(build_time_stamp_request(DIGEST, nonce=1, policy="1.2.3")))
    assert caught.value.code == "time_stamp_refused"


def signed_elsewhere(other: StampingAuthority, answer: bytes, *, names_certificate: bool = True) -> bytes:
    """A genuine TSTInfo, signed by openssl cms with a certificate that `openssl ts` would not sign with."""
    response = tsp.TimeStampResp.load(answer)
    info = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed.dump()
    (other.folder / "info.der").write_bytes(info)
    command = ["openssl", "cms", "-sign", "-binary", "-nodetach", "-econtent_type", "1.2.840.113549.1.9.16.1.4"]
    command += ["-in", "info.der", "-signer", "tsa.pem", "-inkey", "tsa.key", "-md", "sha256", "-outform", "DER"]
    command += ["-out", "token.der", *(["-cades"] if names_certificate else [])]
    subprocess.run(command, cwd=other.folder, check=True, capture_output=True)
    token = cms.ContentInfo.load((other.folder / "token.der").read_bytes())
    return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())


def test_only_a_certificate_for_stamping_stamps(answer: bytes, folder: Path) -> None:
    good = make_authority(folder / "good")
    verify_time_stamp(parse_time_stamp(signed_elsewhere(good, answer)), digest=DIGEST, roots=[good.root])
    for name, how in {
        "server": {"uses": [ExtendedKeyUsageOID.SERVER_AUTH]},
        "both": {"uses": [*STAMPING, ExtendedKeyUsageOID.SERVER_AUTH]},
        "uncritical": {"critical": False},
    }.items():
        other = make_authority(folder / name, **how)  # type: ignore[arg-type]
        assert refusal(signed_elsewhere(other, answer), roots=[other.root]) == "untrusted_key", name


def test_the_signature_names_its_certificate(answer: bytes, folder: Path) -> None:
    other = make_authority(folder)
    assert refusal(signed_elsewhere(other, answer, names_certificate=False), roots=[other.root]) == "bad_signature"


@pytest.mark.parametrize("data", [b"", b"0", b"\x30\x00", b"\x30\x03\x02\x01\x00", b"\xff" * 40, b"\x30" * 40_000])
def test_bytes_that_are_none(data: bytes) -> None:
    with pytest.raises((Malformed, Refused)):
        parse_time_stamp(data)


def test_nothing_stands_behind_a_stamp(answer: bytes) -> None:
    with pytest.raises(Malformed):
        parse_time_stamp(answer + b"\0")


def test_who_changes_what_was_read_changes_nothing(authority: StampingAuthority, answer: bytes) -> None:
    """The digest is compared with what the signed bytes say, not only with what was read from them."""
    parsed = replace(parse_time_stamp(answer), digest=sha256(b"another").digest())
    with pytest.raises(Rejected):
        verify_time_stamp(parsed, digest=parsed.digest, roots=[authority.root])


def test_a_digest_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        build_time_stamp_request(b"short", nonce=1)
