"""Claims as lines to read: what a card says, and, for a presentation, which lines are given and which are held back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.formats.credential import ClaimsPath
from common.formats.registry import FORMATS
from common.oid4vp.dcql import MSO_MDOC
from wallet_agent.holder.cards import CardFace
from wallet_agent.holder.texts import Texts

EVIDENCE = "evidence"
"""What the issuer relied on, as VCDM 2.0 §5.6 has it and the other formats took over: of a card, what its chip proved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """One leaf. path: from the root of the credential; names: of the claim, as the issuer describes it, else its own word.

    group: names of the object it stands in, outermost first. value: text, number, truth value, or an array as a whole.
    """

    path: tuple[str, ...]
    names: Texts
    group: tuple[Texts, ...]
    value: Any


def claim_lines(face: CardFace) -> tuple[ClaimLine, ...]:
    """Everything the card says of the person, in the order in which the issuer describes it, then as it came."""
    return _lines(face, face.subject)


def disclosed_lines(face: CardFace, credential: str, paths: Sequence[ClaimsPath]) -> tuple[ClaimLine, ...]:
    """What a presentation with these paths really gives: also what stands in the open and cannot be held back.

    A format without selective disclosure gives everything.
    """
    form = FORMATS[face.format]
    if not form.hides:
        return claim_lines(face)
    given = form.preview(credential, paths)
    return _lines(face, {name: value for name, value in given.items() if name in face.subject})


def held_back_lines(face: CardFace, given: Sequence[ClaimLine]) -> tuple[ClaimLine, ...]:
    """What is not given."""
    shown = {line.path for line in given}
    return tuple(line for line in claim_lines(face) if line.path not in shown)


def _lines(face: CardFace, subject: Mapping[str, Any]) -> tuple[ClaimLine, ...]:
    described = [claim.path for claim in face.origin.configuration.claims]
    names = {claim.path: _texts(claim.names) for claim in face.origin.configuration.claims}
    root = tuple(str(step) for step in FORMATS[face.format].subject_root)
    lines: list[ClaimLine] = []

    def walk(value: Any, path: tuple[str, ...], group: tuple[Texts, ...]) -> None:
        nameless = face.format == MSO_MDOC and len(path) == 1  # a namespace of an mdoc says nothing to people
        here = names.get(path) or {"": path[-1]}
        if isinstance(value, Mapping) and value:
            for name, member in value.items():
                walk(member, (*path, str(name)), group if nameless else (*group, here))
        else:
            lines.append(ClaimLine(path=path, names=here, group=group, value=value))

    for name, value in subject.items():
        if not (root and name in ("id", "type")):
            walk(value, (*root, str(name)), ())
    if root and face.claims.get(EVIDENCE):  # of a W3C document it stands beside the subject, and goes along
        walk(face.claims[EVIDENCE], (EVIDENCE,), ())
    order = {path: place for place, path in enumerate(described)}
    return tuple(sorted(lines, key=lambda line: _place(line.path, order)))


def _place(path: tuple[str, ...], order: Mapping[ClaimsPath, int]) -> int:
    return min((order[path[:end]] for end in range(1, len(path) + 1) if path[:end] in order), default=len(order))


def _texts(names: Sequence[tuple[str | None, str]]) -> Texts:
    texts: Texts = {}
    for locale, name in names:
        texts.setdefault(locale or "", name)
    return texts
