"""What is wrong with a passport on demand, as a table: each fault changes one field of the evidence, or ends the reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from examples.cards.chip import Messaging
from examples.cards.command import Answer, Command
from examples.cards.passport.profiles import Profile
from examples.cards.passport.secure_messaging import PassportMessaging


def _any(_profile: Profile) -> bool:
    return True


def _proves_chip(profile: Profile) -> bool:
    return profile.proves_chip


def _active(profile: Profile) -> bool:
    return profile.active is not None


def _pace(profile: Profile) -> bool:
    return bool(profile.pace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """field: of the evidence, "reading" where there is none because the reading ends with an error. becomes: that field's answer.

    needs: which profiles can have it.
    """

    key: str
    field: str
    becomes: str
    english: str
    japanese: str
    needs: Callable[[Profile], bool] = _any


_FAULTS = (
    Fault(
        key="clone",
        field="chip_genuineness",
        becomes="failed",
        english="All files copied from a genuine passport, on a chip that has other private keys",
        japanese="本物の旅券から全ファイルを写し、秘密鍵だけが別のチップ",
        needs=_proves_chip,
    ),
    Fault(
        key="proof_removed",
        field="chip_genuineness",
        becomes="failed",
        english="A copy without DG14, DG15 and EF.CardSecurity, which EF.COM does not name either; the SOD still lists their hashes",
        japanese="DG14・DG15・EF.CardSecurityを除いた写し（EF.COMにも無いが、SODにはハッシュが残る）",
        needs=_proves_chip,
    ),
    Fault(
        key="replayed_signature",
        field="chip_genuineness",
        becomes="failed",
        english="Active authentication answers with a signature over an earlier challenge",
        japanese="能動認証に、以前のチャレンジへの署名を返す",
        needs=_active,
    ),
    Fault(
        key="altered_data_group",
        field="data_authenticity",
        becomes="failed",
        english="A letter of the holder's name in DG1 was changed after signing",
        japanese="署名後にDG1の氏名が一文字書き換えられた",
    ),
    Fault(
        key="altered_photo",
        field="data_authenticity",
        becomes="failed",
        english="A byte of the photo in DG2 was changed after signing",
        japanese="署名後にDG2の顔写真が一バイト書き換えられた",
    ),
    Fault(
        key="data_group_not_listed",
        field="data_authenticity",
        becomes="failed",
        english="DG2 can be read, but the SOD has no hash of it",
        japanese="DG2は読めるが、SODにそのハッシュが無い",
    ),
    Fault(
        key="altered_security_object",
        field="data_authenticity",
        becomes="failed",
        english="DG1 and its hash in the SOD were changed together, the signed digest was not",
        japanese="DG1とSOD内のハッシュを共に書き換えたが、署名されたダイジェストは元のまま",
    ),
    Fault(
        key="wrong_document_signer",
        field="data_authenticity",
        becomes="failed",
        english="The SOD is signed by another key than that of the certificate in it",
        japanese="SODの署名鍵が、同梱の証明書の鍵と異なる",
    ),
    Fault(
        key="country_mismatch",
        field="data_authenticity",
        becomes="failed",
        english="The document signer belongs to another state than the one that DG1 names; that state's CSCA is trusted",
        japanese="文書署名者がDG1の発行国とは別の国のもの（その国のCSCAは信頼されている）",
    ),
    Fault(
        key="expired_document_signer",
        field="data_authenticity",
        becomes="failed",
        english="The document signer's certificate had ended when it signed",
        japanese="署名した時点で文書署名者証明書の期限が切れていた",
    ),
    Fault(
        key="untrusted_csca",
        field="trust_anchor",
        becomes="none",
        english="A well-formed chain to a CSCA of the right name that no master list has",
        japanese="名前は正しいが、どのマスターリストにも無いCSCAへの整った証明書連鎖",
    ),
    Fault(
        key="revoked_document_signer",
        field="revocation",
        becomes="revoked",
        english="The document signer is on its state's revocation list",
        japanese="文書署名者が自国の失効リストに載っている",
    ),
    Fault(
        key="other_mrz",
        field="reading",
        becomes="refused",
        english="The chip belongs to another data page: BAC and PACE refuse what is printed",
        japanese="別の券面のチップ：印刷されたMRZ・CANではBACもPACEも開かない",
    ),
    Fault(
        key="pace_token",
        field="reading",
        becomes="refused",
        english="The chip's authentication token of PACE is wrong: it does not know the password",
        japanese="PACEでチップの認証トークンが誤り：チップはパスワードを知らない",
        needs=_pace,
    ),
    Fault(
        key="forged_answer",
        field="reading",
        becomes="refused",
        english="From the fifth answer on, a byte under secure messaging is changed and its MAC is left",
        japanese="五つ目の応答から、セキュアメッセージング内の一バイトが変わりMACは元のまま",
    ),
    Fault(
        key="unprotected_status",
        field="reading",
        becomes="refused",
        english="The outer status word says 9000 where the protected one says end of file, and the other way round",
        japanese="外側のステータスワードが、保護された内側の値と食い違う",
    ),
)
FAULTS = {fault.key: fault for fault in _FAULTS}


class ForgedAnswers:
    """Somebody between chip and reader turns a bit of each answer after the first four."""

    survives_plain = False

    def __init__(self, messaging: PassportMessaging) -> None:
        self._messaging = messaging
        self._answered = 0

    def unwrap(self, command: Command) -> Command:
        return self._messaging.unwrap(command)

    def wrap(self, answer: Answer) -> Answer:
        data, sw = self._messaging.wrap(answer)
        self._answered += 1
        if self._answered <= 4:
            return data, sw
        return data[:3] + bytes([data[3] ^ 0x01]) + data[4:], sw


class UnprotectedStatus:
    """The status word outside is not the one inside."""

    survives_plain = False

    def __init__(self, messaging: PassportMessaging) -> None:
        self._messaging = messaging

    def unwrap(self, command: Command) -> Command:
        return self._messaging.unwrap(command)

    def wrap(self, answer: Answer) -> Answer:
        data, sw = self._messaging.wrap(answer)
        return data, 0x6282 if sw == 0x9000 else 0x9000


MESSENGERS: dict[str, Callable[[PassportMessaging], Messaging]] = {
    "forged_answer": ForgedAnswers,
    "unprotected_status": UnprotectedStatus,
}
"""What becomes of the messaging that a protocol ended with, by fault."""
