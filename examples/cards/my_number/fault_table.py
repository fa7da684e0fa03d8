"""What can be wrong with a My Number card, by name, and what of a reader's evidence changes then."""

from __future__ import annotations

from dataclasses import dataclass

from examples.cards.fault_rows import FaultRow

SIGNATURE, AUTHENTICATION, TEXT, SURFACE = "jpki_signature", "jpki_authentication", "text", "surface"
ALL = (SIGNATURE, AUTHENTICATION, TEXT, SURFACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MyNumberFault(FaultRow):
    """sources: of which parts of the card the evidence changes; the others stay as they were."""

    sources: tuple[str, ...]


FAULTS = (
    MyNumberFault(
        name="clone", sources=ALL, changes="chip_genuineness", becomes="failed",
        ja="全ファイルを写した複製：秘密鍵だけが違う",
        en="a copy of all files; only the private keys are others",
    ),
    MyNumberFault(
        name="foreign_card_key", sources=(TEXT,), changes="chip_genuineness", becomes="failed",
        ja="カードの公開鍵（EF 0007）が、発行者の署名の無い別の鍵",
        en="the card's public key (EF 0007) is another one, which the issuer never signed",
    ),
    MyNumberFault(
        name="altered_attributes", sources=(TEXT,), changes="data_authenticity", becomes="failed",
        ja="氏名（EF 0002）が一文字書き換えられた",
        en="a character of the name (EF 0002) was changed",
    ),
    MyNumberFault(
        name="altered_record", sources=(TEXT,), changes="data_authenticity", becomes="failed",
        ja="氏名とそのハッシュ（EF 0003）を共に書き換えたが、署名は元のまま",
        en="name and digest (EF 0003) were changed together, the signature was not",
    ),
    MyNumberFault(
        name="grafted", sources=(TEXT,), changes="nothing", becomes="",
        ja="別人の四情報と署名を、本物の鍵を持つカードに載せた：この二つは結び付いていないので、単独では気づけない",
        en="somebody else's attributes with their signature, on a card whose key is genuine: nothing ties the two; read alone, it passes",
    ),
    MyNumberFault(
        name="altered_photo", sources=(SURFACE,), changes="data_authenticity", becomes="failed",
        ja="顔写真の1バイトが違う",
        en="one byte of the photo differs",
    ),
    MyNumberFault(
        name="altered_expiry", sources=(SURFACE,), changes="nothing", becomes="",
        ja="券面の有効期限が書き換えられた：署名の外なので気づけない",
        en="another expiry: it lies outside of the signature, so nobody can tell",
    ),
    MyNumberFault(
        name="altered_certificate", sources=(SIGNATURE, AUTHENTICATION), changes="data_authenticity", becomes="failed",
        ja="証明書の1バイトが違う",
        en="one byte of the certificates differs",
    ),
    MyNumberFault(
        name="expired", sources=(SIGNATURE, AUTHENTICATION), changes="data_authenticity", becomes="failed",
        ja="証明書の有効期間が過ぎた",
        en="the certificates' time is over",
    ),
    MyNumberFault(
        name="expired_authority", sources=(SIGNATURE, AUTHENTICATION), changes="data_authenticity", becomes="failed",
        ja="有効期間の過ぎた第1世代の認証局による証明書",
        en="certificates of the first generation's CAs, whose time is over",
    ),
    MyNumberFault(
        name="wrong_purpose", sources=(SIGNATURE, AUTHENTICATION), changes="data_authenticity", becomes="failed",
        ja="署名用と利用者証明用のポリシーと鍵用途が入れ替わった証明書",
        en="policies and key usages of signature and authentication are swapped",
    ),
    MyNumberFault(
        name="revoked", sources=(SIGNATURE, AUTHENTICATION), changes="revocation", becomes="revoked",
        ja="失効した証明書",
        en="revoked certificates",
    ),
    MyNumberFault(
        name="wrong_certificate", sources=ALL, changes="trust_anchor", becomes="none",
        ja="同じ名前を持つ別の認証局による証明書と署名",
        en="certificates and signatures of other CAs that bear the same names",
    ),
    MyNumberFault(
        name="forged_certificate", sources=(SIGNATURE, AUTHENTICATION), changes="trust_anchor", becomes="none",
        ja="本物の認証局の名前と鍵識別子を名乗るが、その鍵で署名されていない証明書",
        en="certificates that name a real CA and its key's identifier, but are not signed by that key",
    ),
    MyNumberFault(
        name="test_anchor", sources=ALL, changes="trust_anchor", becomes="test",
        ja="テスト用認証局によるカード",
        en="a card of the test hierarchy",
    ),
    MyNumberFault(
        name="blocked_pin", sources=ALL, changes="no reading", becomes="pin_blocked",
        ja="暗証番号がすべてロックされている",
        en="all passwords are blocked",
    ),
    MyNumberFault(
        name="last_try", sources=ALL, changes="nothing", becomes="",
        ja="暗証番号の残り回数が1：明示の同意なしには送らない",
        en="one try is left of each password: it is not spent without an explicit yes",
    ),
    MyNumberFault(
        name="juki_card", sources=(SIGNATURE, AUTHENTICATION), changes="no reading", becomes="unknown_token_kind",
        ja="古い住基カードの公的個人認証AP",
        en="the JPKI application of the older 住基カード",
    ),
)  # fmt: skip
"""Data that is not authentic vouches for no key either: where ``data_authenticity`` or ``trust_anchor`` changes, what was concluded
from the data (a chip's key, a revocation) can at best be *not checked* any more."""
