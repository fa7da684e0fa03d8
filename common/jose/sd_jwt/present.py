"""Choosing disclosures by claims paths, and presenting them. RFC 9901 §7.2; claims path pointers as in OpenID4VP 1.0 §7."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.jose.sd_jwt.disclosure import DIGESTS, PLACEHOLDER, digest_of, hash_of, read_disclosure, unpack
from common.jose.sd_jwt.key_binding import build_key_binding
from common.jose.sd_jwt.parse import ParsedSdJwt
from common.ports import Signer

Path = Sequence[str | int | None]
_Place = tuple[str | int, ...]


def present_sd_jwt(
    parsed: ParsedSdJwt,
    *,
    paths: Sequence[Path] | None,
    holder: Signer | None,
    audience: str,
    nonce: str,
    now: int,
) -> str:
    """The SD-JWT with the disclosures that ``paths`` need (None: all), bound by ``holder``'s key if given. Pure."""
    chosen = parsed.disclosures if paths is None else select_disclosures(parsed, paths)
    token = parsed.presented.partition("~")[0]
    presented = "~".join((token, *chosen, ""))
    if holder is None:
        return presented
    return build_key_binding(presented, holder, audience=audience, nonce=nonce, now=now)


def select_disclosures(parsed: ParsedSdJwt, paths: Sequence[Path]) -> tuple[str, ...]:
    """The disclosures needed to show the claims at ``paths``, in the order they came.

    For each path: the disclosures above it (without their parents they would be unreferenced), its own, and all below it.
    A path that leads to nothing selects nothing; whether that is enough is the caller's to judge.
    """
    places = _locate(parsed)
    return tuple(
        text for text in parsed.disclosures if text in places and any(_meets(places[text], path) for path in paths)
    )


def _meets(place: _Place, path: Path) -> bool:
    """Whether one is the beginning of the other; None stands for every index of an array."""
    return all(
        isinstance(found, int) if wanted is None else found == wanted and type(found) is type(wanted)
        for found, wanted in zip(place, path, strict=False)
    )


def _locate(parsed: ParsedSdJwt) -> dict[str, _Place]:
    """Disclosure → where its claim stands in the processed payload. Raises what ``unpack`` raises: a walk needs a sound structure."""
    payload = parsed.token.claims
    unpack(payload, parsed.disclosures)
    chosen = hash_of(payload)
    by_digest = {digest_of(text, chosen): text for text in parsed.disclosures}
    places: dict[str, _Place] = {}

    def walk(value: Any, place: _Place) -> None:
        if isinstance(value, dict):
            for name, member in value.items():
                if name != DIGESTS:
                    walk(member, (*place, name))
            for digest in value.get(DIGESTS, ()):
                text = by_digest.pop(digest, None)
                if text is not None:
                    _, name, member = read_disclosure(text)
                    places[text] = (*place, name)
                    walk(member, places[text])
        elif isinstance(value, list):
            index = 0
            for element in value:
                if isinstance(element, dict) and PLACEHOLDER in element:
                    text = by_digest.pop(element[PLACEHOLDER], None)
                    if text is None:
                        continue
                    places[text] = (*place, index)
                    walk(read_disclosure(text)[1], places[text])
                else:
                    walk(element, (*place, index))
                index += 1

    walk(payload, ())
    return places
