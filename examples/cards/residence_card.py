"""Virtual residence cards: 在留カード and 特別永住者証明書 of both generations (Immigration Services Agency 仕様書 1.5 and 第2世代 1.1).

chip = build_residence_card(ENGINEER, authority=ResidenceAuthority(generation=2))

What opens them is printed on them, so whoever saw one can read it, and whoever read it can copy it. `FAULTS` names what can be wrong.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from dataclasses import replace

from examples.cards.chip import Application, Chip
from examples.cards.fault_rows import FaultRow, named
from examples.cards.passport.ciphers import AES_128, TRIPLE_DES
from examples.cards.residence.files import (
    DF1,
    DF2,
    DF3,
    Signed,
    first_generation,
    root_first,
    root_second,
    second_generation,
    signed_first,
    signed_second,
)
from examples.cards.residence.holders import ResidenceHolder
from examples.cards.residence.session import ResidenceRoot
from examples.cards.residence_authority import ResidenceAuthority

__all__ = ["DF1", "DF2", "DF3", "FAULTS", "MOVED_TO", "altered", "build_residence_card", "on_this_card", "proof_of"]

FAULTS = (
    FaultRow(
        name="altered_entries", changes="data_authenticity", becomes="failed",
        ja="記載事項（第1世代は券面イメージ）の1バイトが違う", en="one byte of the entries (or of the first generation's front) differs",
    ),
    FaultRow(
        name="altered_photo", changes="data_authenticity", becomes="failed",
        ja="顔写真の1バイトが違う", en="one byte of the photo differs",
    ),
    FaultRow(
        name="altered_name_image", changes="data_authenticity", becomes="failed",
        ja="氏名画像の1バイトが違う（第2世代）", en="one byte of the name's picture differs (second generation)",
    ),
    FaultRow(
        name="changed_address", changes="nothing", becomes="",
        ja="住居地が書き換えられた：署名の外なので気づけない", en="another address: it lies outside of the signature, so nobody can tell",
    ),
    FaultRow(
        name="foreign_signature", changes="data_authenticity", becomes="failed",
        ja="証明書とは別の鍵による署名", en="signed by another key than the certificate's",
    ),
    FaultRow(
        name="wrong_certificate", changes="trust_anchor", becomes="none",
        ja="同じ名前を持つ別の認証局の証明書と署名", en="certificate and signature of another CA that bears the same name",
    ),
    FaultRow(
        name="expired_certificate", changes="data_authenticity", becomes="failed",
        ja="有効期間の過ぎた証明書", en="a certificate whose time is over",
    ),
    FaultRow(
        name="no_signature", changes="data_authenticity", becomes="not_offered",
        ja="署名がない（16歳未満のカードと同じ形）：検証できない", en="no signature, as for a child: not verifiable",
    ),
    FaultRow(
        name="clone", changes="nothing", becomes="",
        ja="全ファイルを写した複製：見分ける手段がない", en="a copy of all files: these chips have no means to tell",
    ),
    FaultRow(
        name="other_number", changes="no reading", becomes="pin_wrong",
        ja="券面の番号とチップの番号が違う（6300）", en="the chip has another number than what is printed (6300)",
    ),
)  # fmt: skip
MOVED_TO = "大阪府大阪市中央区大手前１丁目３－４９"
_FIRST, _SECOND = 1, 2


def build_residence_card(
    holder: ResidenceHolder,
    *,
    authority: ResidenceAuthority,
    fault: str | None = None,
    der: bool = False,
    random: Callable[[int], bytes] = os.urandom,
) -> Chip:
    """A card of the authority's generation. fault: a name of `FAULTS`. der: the second generation's check code as DER instead of r ‖ s.

    random: where RND.ICC (8) and K.ICC (16) come from. Raises ValueError for a fault that is none, or that this generation cannot have.
    """
    generation = authority.generation
    on_card, number = on_this_card(holder, fault)
    signed = proof_of(holder, authority, fault, der=der)
    if generation == _FIRST:
        suite, root_files, applications = TRIPLE_DES, root_first(holder), first_generation(on_card, signed)
    else:
        kind = b"06" if holder.special else b"05"
        suite, root_files, applications = AES_128, root_second(kind), second_generation(on_card, signed)
    altered(applications[0], generation, fault)
    root = ResidenceRoot(number=number, suite=suite, files=root_files)
    chip = Chip(applications, mf=root, random=random, end_of_file=0x9000)
    return copy.deepcopy(chip) if fault == "clone" else chip


def on_this_card(holder: ResidenceHolder, fault: str | None) -> tuple[ResidenceHolder, bytes]:
    """What is written into a card with that fault (the signature is the right holder's), and the number that opens it."""
    if fault is not None:
        named(FAULTS, fault)
    number = holder.secret[::-1] if fault == "other_number" else holder.secret
    return (replace(holder, address=MOVED_TO) if fault == "changed_address" else holder), number


def proof_of(
    holder: ResidenceHolder, authority: ResidenceAuthority, fault: str | None = None, *, der: bool = False
) -> Signed:
    """Check code and certificate as they are on that card. None of both for a child, and with the fault "no_signature"."""
    if not holder.photo or fault == "no_signature":
        return Signed()
    certifier = {"wrong_certificate": authority.stranger, "expired_certificate": authority.expired}.get(
        fault or "", lambda: authority
    )()
    signer = authority.stranger() if fault == "foreign_signature" else certifier
    signed = signed_first(holder) if authority.generation == _FIRST else signed_second(holder)
    return Signed(
        code=signer.sign(signed, der=der and authority.generation == _SECOND), certificate=certifier.certificate_der
    )


# Where a byte is altered: file, and offset of a byte that a decoder of pictures would not stumble over.
_BYTES = {
    (_FIRST, "altered_entries"): (5, 100),
    (_FIRST, "altered_photo"): (6, 1400),
    (_SECOND, "altered_entries"): (3, 15),  # the last digit of the year of birth
    (_SECOND, "altered_name_image"): (4, 100),
    (_SECOND, "altered_photo"): (4, 2504 + 1400),
}


def altered(application: Application, generation: int, fault: str | None) -> None:
    """Turns the lowest bit of one byte of DF1, for a fault that asks for it."""
    if fault is None or not fault.startswith("altered_"):
        return
    try:
        fid, at = _BYTES[generation, fault]
    except KeyError:
        raise ValueError(f"a card of generation {generation} has nothing for {fault!r} to alter") from None
    stored = application.transparent(fid)
    stored.content = stored.content[:at] + bytes([stored.content[at] ^ 0x01]) + stored.content[at + 1 :]
