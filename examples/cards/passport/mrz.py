"""The machine readable zone of a passport book, two lines of 44 (ICAO 9303-3 §4, 9303-4 §4.2 TD3)."""

from __future__ import annotations

from dataclasses import dataclass, field

_WEIGHTS = (7, 3, 1)


def check_digit(text: str) -> str:
    """§4.9: weights 7 3 1, digits as they are, A is 10, the filler is 0."""
    values = (0 if sign == "<" else int(sign, 36) for sign in text)
    return str(sum(value * _WEIGHTS[at % 3] for at, value in enumerate(values)) % 10)


def _checked(text: str) -> str:
    return text + check_digit(text)


def _words(text: str) -> str:
    return text.upper().replace("'", "").replace("-", "<").replace(" ", "<")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mrz:
    """Names in the letters of the zone. Dates YYMMDD, unknown parts as ``<``. sex: M, F, or ``<``. States in one to three letters (D)."""

    issuing_state: str
    surname: str = field(repr=False)
    given_names: str = field(repr=False)
    number: str = field(repr=False)
    nationality: str
    birth: str = field(repr=False)
    sex: str = field(repr=False)
    expiry: str = field(repr=False)
    optional: str = field(default="", repr=False)
    kind: str = "P"

    def lines(self) -> tuple[str, str]:
        names = _words(self.surname) + ("<<" + _words(self.given_names) if self.given_names else "")
        first = f"{self.kind:<<2}{self.issuing_state:<<3}{names:<<39.39}"
        number, birth, expiry = _checked(f"{self.number:<<9}"), _checked(self.birth), _checked(self.expiry)
        optional = f"{self.optional:<<14}"
        optional += check_digit(optional) if self.optional else "<"
        composite = check_digit(number + birth + expiry + optional)
        return first, f"{number}{self.nationality:<<3}{birth}{self.sex}{expiry}{optional}{composite}"

    def information(self) -> str:
        """What BAC and PACE make their keys of (9303-11 §4.3.2)."""
        return _checked(f"{self.number:<<9}") + _checked(self.birth) + _checked(self.expiry)
