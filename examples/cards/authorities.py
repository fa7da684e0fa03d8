"""Everybody who stands behind the virtual cards of one sandbox, and what an issuer has to know to believe them, as files.

The folder that `write` fills: ``test/<scheme>/<name>.der`` (a certificate or, where a scheme has none, a SubjectPublicKeyInfo; the name is
the scheme's own name of the key in hexadecimal, if it has one) and ``test/<scheme>/<name>.crl``. All of it belongs to a test hierarchy.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from examples.cards.keys import KeyRing
from examples.cards.licence_authority import PoliceAuthority
from examples.cards.my_number.authorities import MyNumberAuthorities
from examples.cards.my_number.card_certificates import SURFACE, TEXT
from examples.cards.my_number.jpki_authority import GENERATIONS, Purpose
from examples.cards.my_number.revocation import build_crl
from examples.cards.passport.authority import PassportWorld
from examples.cards.residence_authority import ResidenceAuthority

_HOURS = 24 * 30
"""How long a revocation list of the sandbox counts."""


class Authorities:
    """Made when they are first asked for, keys and all; in memory only. keys: of My Number cards, where some have been made already."""

    def __init__(self, *, now: datetime | None = None, keys: KeyRing | None = None) -> None:
        self.now = (now or datetime.now(UTC)).replace(microsecond=0)
        self._keys = keys
        self._residence: dict[int, ResidenceAuthority] = {}

    @cached_property
    def my_number(self) -> MyNumberAuthorities:
        return MyNumberAuthorities(now=self.now, keys=self._keys)

    @cached_property
    def police(self) -> PoliceAuthority:
        return PoliceAuthority()

    @cached_property
    def passport(self) -> PassportWorld:
        return PassportWorld(now=self.now)

    def residence(self, generation: int) -> ResidenceAuthority:
        if generation not in self._residence:
            self._residence[generation] = ResidenceAuthority(generation=generation)
        return self._residence[generation]

    def write(self, folder: Path) -> tuple[Path, ...]:
        """The files of those authorities that have been asked for so far. Returns their paths, sorted."""
        written = []
        for name, content in self._files():
            path = folder / "test" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            written.append(path)
        return tuple(sorted(written))

    def _files(self) -> Iterator[tuple[str, bytes]]:
        made = vars(self)
        if "my_number" in made:
            yield from self._of_my_number()
        if "police" in made:
            yield f"driving_licence/{self.police.key_identifier.hex()}.der", self.police.certificate_der
        if "passport" in made:
            yield from self._of_passports()
        for generation, authority in self._residence.items():
            yield f"residence_card/generation-{generation}.der", authority.root_der
            if generation == 2:
                yield "residence_card_delivery/key.der", authority.delivery_key_der

    def _of_my_number(self) -> Iterator[tuple[str, bytes]]:
        for purpose in Purpose:
            for generation in GENERATIONS:
                authority = self.my_number.jpki(purpose, generation)
                yield f"jpki_{purpose}/generation-{generation}.der", authority.der
                yield f"jpki_{purpose}/generation-{generation}.crl", build_crl(authority, hours=_HOURS)
        for application in (TEXT, SURFACE):
            name = self.my_number.cards.authority_id(application).hex()
            yield f"my_number_cvc/{name}.der", self.my_number.cards.authority_spki(application)

    def _of_passports(self) -> Iterator[tuple[str, bytes]]:
        for number, certificate in enumerate(self.passport.cscas()):
            yield f"csca/{number:02}.der", certificate.dump()
        for country, crl in self.passport.crls().items():
            yield f"csca/{country}.crl", crl
