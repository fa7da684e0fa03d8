"""Everybody who stands behind My Number cards of one hierarchy: the JPKI CAs of both purposes, and the CAs of the other applications."""

from __future__ import annotations

from datetime import UTC, datetime

from examples.cards.keys import KeyRing
from examples.cards.my_number.card_certificates import CardCertificates
from examples.cards.my_number.jpki_authority import GENERATIONS, JpkiAuthority, Purpose


class MyNumberAuthorities:
    """now: whole seconds are kept; lifetimes count from it. variant: other keys behind the same names.

    pretends: they call themselves as the production hierarchy does, for a deployment whose own trust store is told to take them for it.
    CAs are made when they are first asked for.
    """

    def __init__(
        self, *, now: datetime | None = None, keys: KeyRing | None = None, pretends: bool = False, variant: str = ""
    ) -> None:
        self.now = (now or datetime.now(UTC)).replace(microsecond=0)
        self.keys = keys or KeyRing()
        self.pretends, self.variant = pretends, variant
        self._made: dict[tuple[Purpose, int], JpkiAuthority] = {}
        self.cards = CardCertificates(self.keys, hierarchy="5" if pretends else "6", variant=variant)

    def jpki(self, purpose: Purpose, generation: int = GENERATIONS[-1]) -> JpkiAuthority:
        """generation 1 has expired, 2 and 3 are in force; all three have one name."""
        if (purpose, generation) not in self._made:
            self._made[purpose, generation] = JpkiAuthority(
                purpose,
                now=self.now,
                keys=self.keys,
                generation=generation,
                organisation="JPKI" if self.pretends else "JPKI-TEST",
                ring_name=f"jpki {purpose} {generation} {self.pretends} {self.variant}",
            )
        return self._made[purpose, generation]

    def strangers(self) -> MyNumberAuthorities:
        """Others who bear the same names, and whom nobody trusts."""
        return MyNumberAuthorities(now=self.now, keys=self.keys, pretends=self.pretends, variant="strangers")

    def of_tests(self) -> MyNumberAuthorities:
        """Those of the test hierarchy."""
        return self if not self.pretends else MyNumberAuthorities(now=self.now, keys=self.keys)
