"""Whether an issued SD-JWT VC keeps what its type metadata promises: ``mandatory`` and ``sd``. SD-JWT VC draft-19 §4.6.

For the issuer before it sends and the wallet as it receives, who hold every disclosure. A verifier cannot tell a claim that was held
back from one that never was, and does not ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from common.errors import Malformed
from common.formats.credential import ClaimsPath
from common.formats.sd_jwt_vc.parse import ParsedSdJwtVc
from common.formats.sd_jwt_vc.type_metadata import TypeMetadata
from common.jose.sd_jwt.disclosure import DIGESTS, HASH_NAME, PLACEHOLDER, digest_of, hash_of, read_disclosure, unpack


@dataclass(frozen=True, slots=True)
class _Claim:
    """A value as issued, and whether it stands in a disclosure of its own."""

    value: Any
    disclosable: bool


def check_claims(parsed: ParsedSdJwtVc, metadata: TypeMetadata) -> None:
    """Every rule of ``metadata.claims`` against the credential with all its disclosures.

    Raises Malformed("type_rules_broken"): a mandatory claim is missing, one marked ``never`` can be held back, one marked ``always``
    cannot, or a path meets a value of another kind than it takes for granted. Rejected or Malformed where the disclosures are unsound.
    """
    payload = parsed.sd_jwt.token.claims
    unpack(payload, parsed.sd_jwt.disclosures)
    chosen = hash_of(payload)
    disclosed = {digest_of(text, chosen): read_disclosure(text)[-1] for text in parsed.sd_jwt.disclosures}
    names = {digest_of(text, chosen): read_disclosure(text)[1] for text in parsed.sd_jwt.disclosures}
    root = {name: value for name, value in payload.items() if name != HASH_NAME}
    for rule in metadata.claims:
        found = [_Claim(root, False)]
        for step in rule.path:
            found = [claim for parent in found for claim in _below(parent.value, step, disclosed, names)]
        where = _text_of(rule.path)
        if rule.mandatory and not found:
            raise Malformed("type_rules_broken", f"{where} is mandatory and missing")
        if rule.sd == "never" and any(claim.disclosable for claim in found):
            raise Malformed("type_rules_broken", f"{where} must stand in the open")
        if rule.sd == "always" and not all(claim.disclosable for claim in found):
            raise Malformed("type_rules_broken", f"{where} must be selectively disclosable")


def _below(value: Any, step: str | int | None, disclosed: dict[str, Any], names: dict[str, Any]) -> Iterator[_Claim]:
    if isinstance(step, str):
        if not isinstance(value, dict):
            raise Malformed("type_rules_broken", f"{step} is looked for in something that is no object")
        if step in value and step != DIGESTS:
            yield _Claim(value[step], False)
        for digest in value.get(DIGESTS, ()):
            if digest in disclosed and names[digest] == step:
                yield _Claim(disclosed[digest], True)
        return
    if not isinstance(value, list):
        raise Malformed("type_rules_broken", "an element is looked for in something that is no array")
    wanted: Callable[[int], bool] = (lambda _: True) if step is None else (lambda index: index == step)
    for index, element in enumerate(value):  # as issued: an element that was held back still counts
        if wanted(index):
            if isinstance(element, dict) and PLACEHOLDER in element:
                if element[PLACEHOLDER] in disclosed:
                    yield _Claim(disclosed[element[PLACEHOLDER]], True)
            else:
                yield _Claim(element, False)


def _text_of(path: ClaimsPath) -> str:
    return ".".join("*" if step is None else str(step) for step in path)
