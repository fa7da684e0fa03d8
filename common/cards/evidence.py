"""What a card proved, what it did not, and what nobody looked at: one model for all cards.

Each fact stands for itself, never one flag for all. *Failed*, *not checked* and *not offered* (the card has no means) are three answers.
Evidence names no person: it may go into a credential whole, or reduced to the claims that go in (`Evidence.of_claims`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

NAME_COMPLETE = "name_complete"
"""Among what was not checked: the name fills its field to the last character, so that it may go on beyond (ICAO Doc 9303-3 §4.6)."""
EXTERNAL_CHARACTERS = "external_characters"
"""The same of characters that a card holds as pictures only, which nobody reads."""
_NAMES = frozenset({"name", "full_name", "family_name", "given_name", "address"})


class Answer(StrEnum):
    """The answer to one question that was, or was not, put to the card."""

    PROVEN = "proven"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One answer. by: the means, a word ("active_authentication"). reason: a word for why it is not *proven*; empty if it is.

    Of holder verification, ``by`` says what the holder knew ("pin", "password"). What is printed on the card ("printed_number", "mrz")
    is known to whoever saw it: *not_offered*.
    """

    answer: Answer
    by: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if (self.answer is Answer.PROVEN) == bool(self.reason):
            raise ValueError("a reason stands with every answer but proven")


def proven(by: str) -> Finding:
    return Finding(answer=Answer.PROVEN, by=by)


def failed(by: str, reason: str) -> Finding:
    return Finding(answer=Answer.FAILED, by=by, reason=reason)


def not_checked(reason: str, by: str = "") -> Finding:
    return Finding(answer=Answer.NOT_CHECKED, by=by, reason=reason)


def not_offered(reason: str, by: str = "") -> Finding:
    return Finding(answer=Answer.NOT_OFFERED, by=by, reason=reason)


BOUND: Final = "bound_my_number_chip"
"""The means by which a chip is known that has no key of its own to answer with: another application of the card, read in one session."""


class RevocationAnswer(StrEnum):
    """*unknown*: asked, and no source could say. It is not *good*."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not_checked"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationFinding:
    """source: "crl", "ocsp". Times in seconds: when we asked, from and until when the source's word counts, since when it is revoked.

    reason: of *revoked* the source's (RFC 5280 §5.3.1: "keyCompromise"), else why nothing better is known.
    """

    answer: RevocationAnswer
    source: str = ""
    reason: str = ""
    checked_at: int | None = None
    this_update: int | None = None
    next_update: int | None = None
    revoked_at: int | None = None


class Environment(StrEnum):
    """Whose root stands at the end of the chain. *none*: no root of ours vouches for it."""

    PRODUCTION = "production"
    TEST = "test"
    NONE = "none"


class OriginKind(StrEnum):
    """How a claim came off the chip. *transcribed*: a person or program read a signed picture; the signature does not cover the reading."""

    SIGNED_TEXT = "signed_text"
    SIGNED_IMAGE = "signed_image"
    SIGNED_IMAGE_TRANSCRIBED = "signed_image_transcribed"
    UNSIGNED_CHIP_TEXT = "unsigned_chip_text"
    UNSIGNED_CHIP_IMAGE = "unsigned_chip_image"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where one claim comes from. file: the reading's name of it. signed_by: a word for the signer ("document_signer"), empty for none.

    derived: worked out from what the file says (an age from a date), not written in it.
    """

    claim: str
    kind: OriginKind
    file: str
    signed_by: str = ""
    derived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEvidence:
    """One application of a card, as far as one signer and one chip key reach.

    Each finding answers its own question, so that one fault changes one of them. What they are worth hangs together: that the card accepted
    a secret is worth what ``chip_genuineness`` is, and a chip proves itself only by a key that ``data_authenticity`` vouches for (where a
    trusted signature does not even reach that key, the chip is *not checked*).
    source: a word ("jpki_signature", "text", "passport"). anchor: a name or fingerprint of the root, never a holder's serial number.
    unexamined: further words for what was not checked ("holder_present", "document_loss").
    """

    source: str
    origins: tuple[Origin, ...]
    data_authenticity: Finding
    chip_genuineness: Finding
    holder_verification: Finding
    revocation: RevocationFinding
    trust_anchor: Environment
    anchor: str = ""
    unexamined: tuple[str, ...] = ()

    @property
    def not_checked(self) -> tuple[str, ...]:
        """Everything about this source that nobody looked at."""
        fields = [
            name
            for name in ("data_authenticity", "chip_genuineness", "holder_verification")
            if getattr(self, name).answer is Answer.NOT_CHECKED
        ]
        if self.revocation.answer is RevocationAnswer.NOT_CHECKED:
            fields.append("revocation")
        return (*fields, *self.unexamined)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that one authentication found. card: the driver's name. read_at: seconds, when it was judged. A claim has one source."""

    card: str
    read_at: int
    sources: tuple[SourceEvidence, ...]

    def __post_init__(self) -> None:
        claims = [origin.claim for source in self.sources for origin in source.origins]
        if len(claims) != len(set(claims)):
            raise ValueError("a claim comes from one source")

    @property
    def environment(self) -> Environment:
        """Production only if every source ends in a production root: a test root makes no production credential, nor does a missing one."""
        anchors = {source.trust_anchor for source in self.sources}
        if Environment.TEST in anchors:
            return Environment.TEST
        return Environment.PRODUCTION if anchors == {Environment.PRODUCTION} else Environment.NONE

    def source_of(self, claim: str) -> SourceEvidence:
        """The source of a claim. Raises KeyError."""
        for source in self.sources:
            if any(origin.claim == claim for origin in source.origins):
                return source
        raise KeyError(claim)

    def of_claims(self, claims: Collection[str]) -> Evidence:
        """Reduced to the sources and origins of these claims: what goes into a credential that holds only them.

        A source that never had claims (an authentication certificate) speaks of the card, and stays if its data is authentic. So does one
        that others lean on: where a chip is known by another application's key (`BOUND`), what is to be said against that one
        (revoked, a test) is to be said against both.
        """
        told = {source.source for source in self.sources if any(origin.claim in claims for origin in source.origins)}
        leans = any(source.source in told and source.chip_genuineness.by == BOUND for source in self.sources)
        kept = []
        for source in self.sources:
            is_authentic = source.data_authenticity.answer is Answer.PROVEN
            of_card = is_authentic and not source.origins
            vouches = leans and is_authentic and source.chip_genuineness.answer is Answer.PROVEN
            if source.source in told or of_card or (vouches and source.chip_genuineness.by != BOUND):
                origins = tuple(origin for origin in source.origins if origin.claim in claims)
                kept.append(replace(source, origins=origins, unexamined=_of_names(source.unexamined, origins)))
        return replace(self, sources=tuple(kept))


def _of_names(unexamined: tuple[str, ...], origins: tuple[Origin, ...]) -> tuple[str, ...]:
    """Who gets no name is not told how long it is."""
    has_name = any(origin.claim in _NAMES for origin in origins)
    return tuple(word for word in unexamined if has_name or word not in (NAME_COMPLETE, EXTERNAL_CHARACTERS))
