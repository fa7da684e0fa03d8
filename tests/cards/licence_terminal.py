"""What tests need to talk to virtual licences: commands, the objects of a file, text, and OpenSSL's word on a signature."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from examples.cards.chip import Chip
from examples.cards.driving_licence import build_driving_licence
from examples.cards.licence.holders import HANAKO, Licence
from tests.cards.authorities import police_authority


def send(chip: Chip, apdu: str | bytes) -> tuple[bytes, str]:
    answer = chip.answer(bytes.fromhex(apdu) if isinstance(apdu, str) else apdu)
    return answer[:-2], answer[-2:].hex()


def verify(chip: Chip, fid: int, pin: str) -> str:
    assert send(chip, f"00a4020c02{fid:04x}")[1] == "9000"
    return send(chip, bytes.fromhex("0020008004") + (pin or "****").encode())[1]


def opened(licence: Licence = HANAKO, **options) -> Chip:  # type: ignore[no-untyped-def]
    """A licence with both PINs given."""
    chip = build_driving_licence(licence, authority=police_authority(), **options)
    assert send(chip, "00a40000") == (b"", "9000")
    assert verify(chip, 1, licence.pin_1) == "9000"
    assert verify(chip, 2, licence.pin_2) == "9000"
    return chip


def select(chip: Chip, name: bytes) -> str:
    return send(chip, bytes.fromhex("00a4040c10") + name)[1]


def read(chip: Chip, name: bytes, fid: int) -> bytes:
    assert select(chip, name) == "9000"
    assert send(chip, f"00a4020c02{fid:04x}")[1] == "9000"
    content, sw = send(chip, "00b00000000000")
    assert sw == "9000"
    return content


def objects(content: bytes, *, wide_tags: bool = False) -> dict[int, bytes]:
    """Up to the filler FF. Lengths in one byte, or 82 and two."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(content) and (content[at] != 0xFF or (wide_tags and content[at + 1] != 0xFF)):
        size = 2 if content[at] in {0x5F, 0x01} else 1
        tag, at = int.from_bytes(content[at : at + size], "big"), at + size
        if content[at] == 0x82:
            length, at = int.from_bytes(content[at + 1 : at + 3], "big"), at + 3
        else:
            assert content[at] < 0x80
            length, at = content[at], at + 1
        assert tag not in found
        found[tag] = content[at : at + length]
        assert len(found[tag]) == length
        at += length
    assert content[at:].strip(b"\xff") == b""
    return found


def text(coded: bytes) -> str:
    """Raw JIS X 0208, external characters as 〔n〕, missing ones as 〔欠〕."""
    parts = [coded[at : at + 2] for at in range(0, len(coded), 2)]
    return "".join(
        f"〔{part[1] - 0xF0}〕" if 0xFFF1 <= int.from_bytes(part, "big") <= 0xFFF7
        else "〔欠〕" if part == b"\xff\xfa"
        else (b"\x1b$B" + part).decode("iso2022_jp")
        for part in parts
    )  # fmt: skip


def openssl(*arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def verified_by_openssl(folder: Path, signature: bytes, signed: bytes) -> bool:
    authority = police_authority()
    for name, certificate in (("root", authority.root), ("signer", authority.certificate)):
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    assert openssl(
        "verify", "-attime", "1795000000", "-CAfile", str(folder / "root.pem"), str(folder / "signer.pem")
    ).endswith("signer.pem: OK\n")
    openssl("x509", "-in", str(folder / "signer.pem"), "-pubkey", "-noout", "-out", str(folder / "key.pem"))
    (folder / "signature").write_bytes(signature)
    (folder / "signed").write_bytes(signed)
    said = openssl(
        "dgst",
        "-sha256",
        "-verify",
        str(folder / "key.pem"),
        "-signature",
        str(folder / "signature"),
        str(folder / "signed"),
    )
    return said == "Verified OK\n"
