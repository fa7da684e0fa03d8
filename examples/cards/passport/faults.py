"""What can be wrong with a passport, by name, and what of a reader's evidence changes then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from examples.cards.chip import Messaging
from examples.cards.command import Answer, Command
from examples.cards.fault_rows import FaultRow, named
from examples.cards.passport.profiles import Profile
from examples.cards.passport.secure_messaging import PassportMessaging


def _any(_profile: Profile) -> bool:
    return True


def _proves_chip(profile: Profile) -> bool:
    return profile.proves_chip


def _active(profile: Profile) -> bool:
    """Whether active authentication is what a reader goes by: chip authentication comes before it."""
    return profile.active is not None and not profile.chip_keys


def _pace(profile: Profile) -> bool:
    return bool(profile.pace)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassportFault(FaultRow):
    """needs: which profiles can have it."""

    needs: Callable[[Profile], bool] = _any


FAULTS = (
    PassportFault(
        name="clone",
        changes="chip_genuineness",
        becomes="failed",
        en="All files copied from a genuine passport, on a chip that has other private keys",
        ja="本物の旅券から全ファイルを写し、秘密鍵だけが別のチップ",
        needs=_proves_chip,
    ),
    PassportFault(
        name="proof_removed",
        changes="chip_genuineness",
        becomes="failed",
        en="A copy without DG14, DG15 and EF.CardSecurity, which EF.COM does not name either; the SOD still lists their hashes",
        ja="DG14・DG15・EF.CardSecurityを除いた写し（EF.COMにも無いが、SODにはハッシュが残る）",
        needs=_proves_chip,
    ),
    PassportFault(
        name="replayed_signature",
        changes="chip_genuineness",
        becomes="failed",
        en="Active authentication answers with a signature over an earlier challenge",
        ja="能動認証に、以前のチャレンジへの署名を返す",
        needs=_active,
    ),
    PassportFault(
        name="altered_data_group",
        changes="data_authenticity",
        becomes="failed",
        en="A letter of the holder's name in DG1 was changed after signing",
        ja="署名後にDG1の氏名が一文字書き換えられた",
    ),
    PassportFault(
        name="altered_photo",
        changes="data_authenticity",
        becomes="failed",
        en="A byte of the photo in DG2 was changed after signing",
        ja="署名後にDG2の顔写真が一バイト書き換えられた",
    ),
    PassportFault(
        name="data_group_not_listed",
        changes="data_authenticity",
        becomes="failed",
        en="DG2 can be read, but the SOD has no hash of it",
        ja="DG2は読めるが、SODにそのハッシュが無い",
    ),
    PassportFault(
        name="altered_security_object",
        changes="data_authenticity",
        becomes="failed",
        en="DG1 and its hash in the SOD were changed together, the signed digest was not",
        ja="DG1とSOD内のハッシュを共に書き換えたが、署名されたダイジェストは元のまま",
    ),
    PassportFault(
        name="wrong_document_signer",
        changes="data_authenticity",
        becomes="failed",
        en="The SOD is signed by another key than that of the certificate in it",
        ja="SODの署名鍵が、同梱の証明書の鍵と異なる",
    ),
    PassportFault(
        name="country_mismatch",
        changes="data_authenticity",
        becomes="failed",
        en="The document signer belongs to another state than the one that DG1 names; that state's CSCA is trusted",
        ja="文書署名者がDG1の発行国とは別の国のもの（その国のCSCAは信頼されている）",
    ),
    PassportFault(
        name="expired_document_signer",
        changes="data_authenticity",
        becomes="failed",
        en="The document signer's certificate had ended when it signed",
        ja="署名した時点で文書署名者証明書の期限が切れていた",
    ),
    PassportFault(
        name="untrusted_csca",
        changes="trust_anchor",
        becomes="none",
        en="A well-formed chain to a CSCA of the right name that no master list has",
        ja="名前は正しいが、どのマスターリストにも無いCSCAへの整った証明書連鎖",
    ),
    PassportFault(
        name="expired_csca",
        changes="trust_anchor",
        becomes="none",
        en="The CSCA, which lists still hold, had ended years before it certified the document signer",
        ja="リストに残るCSCAだが、文書署名者を認証した時点で何年も前に期限が切れていた",
    ),
    PassportFault(
        name="revoked_document_signer",
        changes="revocation",
        becomes="revoked",
        en="The document signer is on its state's revocation list",
        ja="文書署名者が自国の失効リストに載っている",
    ),
    PassportFault(
        name="expired_document",
        changes="nothing",
        becomes="",
        en="The passport's last day is over; its signatures still hold, and what DG1 says of it is a claim like any other",
        ja="旅券の有効期間が満了：署名は有効なままで、満了日はDG1の記載事項の一つ",
    ),
    PassportFault(
        name="other_mrz",
        changes="no reading",
        becomes="pin_wrong",
        en="The chip belongs to another data page: BAC and PACE refuse what is printed",
        ja="別の券面のチップ：印刷されたMRZ・CANではBACもPACEも開かない",
    ),
    PassportFault(
        name="pace_token",
        changes="no reading",
        becomes="access_failed",
        en="The chip's authentication token of PACE is wrong: it does not know the password",
        ja="PACEでチップの認証トークンが誤り：チップはパスワードを知らない",
        needs=_pace,
    ),
    PassportFault(
        name="forged_answer",
        changes="no reading",
        becomes="secure_messaging_failed",
        en="From the fifth answer on, a byte under secure messaging is changed and its MAC is left",
        ja="五つ目の応答から、セキュアメッセージング内の一バイトが変わりMACは元のまま",
    ),
    PassportFault(
        name="unprotected_status",
        changes="no reading",
        becomes="secure_messaging_failed",
        en="The outer status word says 9000 where the protected one says end of file, and the other way round",
        ja="外側のステータスワードが、保護された内側の値と食い違う",
    ),
)
"""Data that no trusted signature covers vouches for no key either: where it is the signature or its anchor that fails, the chip and the
revocation of its signer can at best be *not checked* any more."""


def fault_named(name: str) -> PassportFault:
    """Raises ValueError for a name that is none of theirs."""
    found = named(FAULTS, name)
    assert isinstance(found, PassportFault)
    return found


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
