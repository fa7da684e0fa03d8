"""Whether an SD-JWT VC keeps what its type metadata promises: ``mandatory`` and ``sd``. SD-JWT VC draft-19 §4.7.

For the issuer before it sends and the wallet as it receives, who hold every disclosure; and for a verifier, who holds some: what was
held back is then no proof of anything (``complete=False``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from common.errors import Malformed
from common.formats.credential import ClaimsPath
from common.formats.sd_jwt_vc.parse import ParsedSdJwtVc
from common.formats.sd_jwt_vc.type_metadata import TypeMetadata
from common.jose.sd_jwt.disclosure import DIGESTS, HASH_NAME, PLACEHOLDER, digests_of, hash_of, read_disclosure, unpack

_HELD_BACK = object()
"""The value of an array's element of which only the digest is here: it was included, and can be held back; no more is known."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """A value as issued, and whether it stands in a disclosure of its own."""

    value: Any
    disclosable: bool


class _Reading:
    """A payload with those disclosures that are there."""

    __slots__ = ("_disclosed", "may_hide")

    def __init__(self, payload: Any, disclosures: tuple[str, ...]) -> None:
        texts = [text.encode("ascii") for text in disclosures]
        digests = digests_of(texts, hash_of(payload))
        self._disclosed = dict(zip(digests, map(read_disclosure, texts), strict=True))
        self.may_hide = False
        """Whether somewhere on the way of the last path a digest was met of which nothing is known."""

    def below(self, value: Any, step: str | int | None) -> Iterator[_Claim]:
        if value is _HELD_BACK:
            self.may_hide = True
        elif isinstance(step, str):
            yield from self._member(value, step)
        else:
            yield from self._elements(value, step)

    def _member(self, value: Any, step: str) -> Iterator[_Claim]:
        if not isinstance(value, dict):
            raise Malformed("type_rules_broken", f"{step} is looked for in something that is no object")
        if step in value and step != DIGESTS:
            yield _Claim(value[step], False)
            return
        for digest in value.get(DIGESTS, ()):
            found = self._disclosed.get(digest)
            if found is None:
                self.may_hide = True
            elif found[1] == step:
                yield _Claim(found[2], True)

    def _elements(self, value: Any, step: int | None) -> Iterator[_Claim]:
        if not isinstance(value, list):
            raise Malformed("type_rules_broken", "an element is looked for in something that is no array")
        for index, element in enumerate(value):  # as issued: an element that was held back still counts
            if step is not None and index != step:
                continue
            if isinstance(element, dict) and PLACEHOLDER in element:
                found = self._disclosed.get(element[PLACEHOLDER])
                yield _Claim(found[1] if found is not None else _HELD_BACK, True)
            else:
                yield _Claim(element, False)


def check_claims(parsed: ParsedSdJwtVc, metadata: TypeMetadata, *, complete: bool = True) -> None:
    """Every rule of ``metadata.claims`` against the credential. metadata: with all that it extends (`resolve_type`).

    complete: every disclosure is here, so that what is not found is not there; False for a presentation, where a mandatory claim is only
    missing when no digest could stand for it. Raises Malformed("type_rules_broken"): a mandatory claim is missing, one marked ``never``
    can be held back, one marked ``always`` cannot, or a path meets a value of another kind than it takes for granted. Rejected or
    Malformed where the disclosures are unsound.
    """
    payload = parsed.sd_jwt.token.claims
    unpack(payload, parsed.sd_jwt.disclosures)
    reading = _Reading(payload, parsed.sd_jwt.disclosures)
    root = {name: value for name, value in payload.items() if name != HASH_NAME}
    for rule in metadata.claims:
        reading.may_hide = False
        found = [_Claim(root, False)]
        for step in rule.path:
            found = [claim for parent in found for claim in reading.below(parent.value, step)]
        where = _text_of(rule.path)
        if rule.mandatory and not found and (complete or not reading.may_hide):
            raise Malformed("type_rules_broken", f"{where} is mandatory and missing")
        if rule.sd == "never" and any(claim.disclosable for claim in found):
            raise Malformed("type_rules_broken", f"{where} must stand in the open")
        if rule.sd == "always" and not all(claim.disclosable for claim in found):
            raise Malformed("type_rules_broken", f"{where} must be selectively disclosable")


def _text_of(path: ClaimsPath) -> str:
    return ".".join("*" if step is None else str(step) for step in path)
