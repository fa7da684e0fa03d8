"""The verdict: a tree of every check, its answer, why, how fresh the knowledge was, and who can mend it.

Plain values; nothing here decides. ``as_json`` is the one rendering that the API, the terminal and the page share.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Answer(StrEnum):
    """What a check says. ``undetermined``: the facts to decide it could not be had."""

    PASSED = "passed"
    FAILED = "failed"
    UNDETERMINED = "undetermined"


class Mender(StrEnum):
    """Who can do something about an answer that is not *passed*."""

    HOLDER = "holder"
    ISSUER = "issuer"
    VERIFIER = "verifier"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence in both languages, without personal data."""

    ja: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The answer of one rule.

    reason: stable snake_case word. as_of: seconds since 1970 at which the deciding fact was true, None where no fact from outside
    was needed. forgiven: undetermined, and the policy of this relying party lets that pass. place: a JSON pointer into the credential,
    where the answer is about a part of it.
    """

    name: str
    title: Sentence
    answer: Answer
    reason: str
    sentence: Sentence
    as_of: int | None = None
    mender: Mender = Mender.NOBODY
    forgiven: bool = False
    place: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "check": self.name,
            "title": {"ja": self.title.ja, "en": self.title.en},
            "answer": self.answer.value,
            "reason": self.reason,
            "sentence": {"ja": self.sentence.ja, "en": self.sentence.en},
            "as_of": self.as_of,
            "mender": self.mender.value,
            "forgiven": self.forgiven,
            **({"place": self.place} if self.place else {}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A trust list: its name, who signed it, its number, and when it was issued (seconds since 1970)."""

    name: Sentence
    signer: str
    sequence: int
    issued_at: int

    def as_json(self) -> dict[str, Any]:
        return {
            "name": {"ja": self.name.ja, "en": self.name.en},
            "signer": self.signer,
            "sequence": self.sequence,
            "issued_at": self.issued_at,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """By which path the issuer's key was found: ``x5c``, ``jwt_vc_issuer_metadata`` or ``did``; evidence: address, DID URL or subject.

    listed_in: the trust list that names the issuer, None where the verifier's own anchors do (or nobody does).
    """

    path: str
    evidence: str
    as_of: int
    listed_in: Listed | None = None

    def as_json(self) -> dict[str, Any]:
        listed = self.listed_in.as_json() if self.listed_in else None
        return {"path": self.path, "evidence": self.evidence, "as_of": self.as_of, "listed_in": listed}


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentationVerdict:
    """One presentation's branch of the tree. issuer and types are what the credential claims, believed only when the checks passed."""

    query_id: str
    format: str
    types: tuple[str, ...]
    issuer: str
    believed: Believed | None
    answer: Answer
    checks: tuple[Check, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "query_id": self.query_id,
            "format": self.format,
            "types": list(self.types),
            "issuer": self.issuer,
            "issuer_believed_by": self.believed.as_json() if self.believed else None,
            "answer": self.answer.value,
            "checks": [check.as_json() for check in self.checks],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The whole tree. ``accepted`` is what a program acts on: true only when the overall answer is *passed*.

    Holds no claims: what was disclosed travels beside the verdict and is forgotten earlier.
    """

    question: str
    answer: Answer
    reason: str
    sentence: Sentence
    checks: tuple[Check, ...]
    presentations: tuple[PresentationVerdict, ...]
    judged_at: int

    @property
    def accepted(self) -> bool:
        return self.answer is Answer.PASSED

    def as_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "answer": self.answer.value,
            "accepted": self.accepted,
            "reason": self.reason,
            "sentence": {"ja": self.sentence.ja, "en": self.sentence.en},
            "judged_at": self.judged_at,
            "checks": [check.as_json() for check in self.checks],
            "presentations": [branch.as_json() for branch in self.presentations],
        }
