"""Test authorities of several states: generations of CSCA under one name, document signers, link certificates, CRLs, master lists.

world = PassportWorld()
world.state("JPN").document_signer(Style(kind="rsa", key=2048), at=world.now)

Generation 1 signed until eight years ago, 2 until three years ago, 3 signs today; all are valid, and 2 and 3 have a link certificate of
the one before. Generation 0 ended fifteen years ago and still stands in lists. Everything is dated from ``now``. Nothing here is kept on
disk: RSA keys are new in every process, the others are the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from asn1crypto.x509 import Certificate, Name

from examples.cards.passport.certificates import Request, Validity, certificate, name, revocation_list
from examples.cards.passport.signed_data import Signer, master_list
from examples.cards.passport.signing_keys import SigningKey, Style

COUNTRIES = {"JPN": "JP", "D": "DE", "NZL": "NZ", "FRA": "FR", "UTO": "UT"}
"""The machine readable zone's code of a state, and the certificates'."""
_CSCA_STYLES = {
    "JPN": Style(kind="rsa", key=2048),
    "D": Style(kind="ecdsa", key="brainpoolP384r1", hash_name="sha384", explicit=True),
    "NZL": Style(kind="pss", key=2048),
    "FRA": Style(kind="ecdsa", key="P-521", hash_name="sha512"),
    "UTO": Style(kind="ecdsa", key="P-256"),
}
YEAR = timedelta(days=365)
DAY = timedelta(days=1)
_GENERATIONS = {0: (-32, -26), 1: (-15, -8), 2: (-8, -3), 3: (-3, 3)}
"""From when to when each signs, in years from now. Its certificate lives eleven years longer."""


class StateAuthority:
    """The CSCA of one state. trusted: whether it may go into a master list; the other has the same name and other keys."""

    def __init__(self, state: str, *, now: datetime, trusted: bool = True) -> None:
        self.state = state
        self.country = COUNTRIES[state]
        self.now = now
        self.trusted = trusted
        self._revoked: dict[int, datetime] = {}
        self._signers: dict[tuple[object, ...], Signer] = {}
        self._certificates: dict[int, Certificate] = {}

    def key(self, generation: int) -> SigningKey:
        stranger = "" if self.trusted else " stranger"
        style = _CSCA_STYLES[self.state]
        if (self.state, generation) == ("JPN", 1):  # as they were in 2006
            style = replace(style, hash_name="sha1")
        return SigningKey(f"csca {self.state} {generation}{stranger}", style)

    def validity(self, generation: int) -> Validity:
        start, until = _GENERATIONS[generation]
        return Validity(
            start=self.now + start * YEAR, signs_until=self.now + until * YEAR, end=self.now + (until + 11) * YEAR
        )

    def generation_at(self, when: datetime) -> int:
        """Which one signs at that time; the oldest for all that came before."""
        return next((number for number in (3, 2) if self.validity(number).start <= when), 1)

    def csca(self, generation: int = 3) -> Certificate:
        if generation not in self._certificates:
            key = self.key(generation)
            self._certificates[generation] = certificate(
                self._request("csca", 0x1000 + generation, key, key, self.validity(generation), common=None)
            )
        return self._certificates[generation]

    def link(self, generation: int) -> Certificate:
        """The new key, certified by the one before (9303-12 §7.1.2)."""
        before = self.key(generation - 1)
        return certificate(
            self._request(
                "link", 0x2000 + generation, self.key(generation), before, self.validity(generation), common=None
            )
        )

    def document_signer(
        self, style: Style, *, at: datetime, variant: str = "", by_key_identifier: bool = False
    ) -> Signer:
        """A signer of passports issued at that time. variant: "" · "expired" (its life ended before) · "revoked" ·
        "expired_authority" (by the generation that had ended)."""
        asked = (style, at, variant, by_key_identifier)
        if asked not in self._signers:
            serial = 0x3000 + len(self._signers)
            key = SigningKey(f"document signer {self.state} {variant}", style)
            start = at - 30 * DAY
            validity = Validity(start=start, signs_until=start + 90 * DAY, end=start + 3650 * DAY + 210 * DAY)
            if variant == "expired":
                start = at - 200 * DAY
                validity = Validity(start=start, signs_until=start + 60 * DAY, end=start + 100 * DAY)
            generation = 0 if variant == "expired_authority" else self.generation_at(validity.start)
            issued = certificate(
                self._request("ds", serial, key, self.key(generation), validity, common=f"Document Signer {serial:X}")
            )
            self._signers[asked] = Signer(certificate=issued, key=key, by_key_identifier=by_key_identifier)
            if variant == "revoked":
                self._revoked[serial] = self.now - 20 * DAY
        return self._signers[asked]

    def crl(self, *, generation: int = 3) -> bytes:
        """DER; issued yesterday for three months by the newest key, which answers for the older ones too (9303-12 §7.1.4)."""
        return revocation_list(
            issuer=self._name(None),
            key=self.key(generation),
            number=self.now.year * 10000 + self.now.month * 100 + self.now.day,
            this_update=self.now - DAY,
            next_update=self.now + 89 * DAY,
            revoked=sorted(self._revoked.items()),
        )

    @cached_property
    def master_list_signer(self) -> Signer:
        key = SigningKey(f"master list {self.state}", _CSCA_STYLES[self.state])
        start = self.now - 100 * DAY
        validity = Validity(start=start, signs_until=start + YEAR, end=start + 2 * YEAR)
        issued = certificate(
            self._request("master_list", 0x4000, key, self.key(3), validity, common="Master List Signer")
        )
        return Signer(certificate=issued, key=key)

    def _name(self, common: str | None) -> Name:
        return name(self.country, common or f"CSCA {self.country}")

    def _request(
        self, role: str, serial: int, key: SigningKey, issuer_key: SigningKey, validity: Validity, *, common: str | None
    ) -> Request:
        return Request(
            role=role,
            serial=serial,
            subject=self._name(common),
            issuer=self._name(None),
            key=key,
            issuer_key=issuer_key,
            validity=validity,
            state=self.state,
        )


class PassportWorld:
    """All states, and the master list that one of them publishes."""

    def __init__(self, *, now: datetime | None = None) -> None:
        self.now = (now or datetime.now(UTC)).replace(microsecond=0)
        self._states: dict[tuple[str, bool], StateAuthority] = {}

    def state(self, code: str, *, trusted: bool = True) -> StateAuthority:
        """By the code of the machine readable zone. not trusted: one that calls itself the same, which no list knows. Raises KeyError."""
        if (code, trusted) not in self._states:
            self._states[code, trusted] = StateAuthority(code, now=self.now, trusted=trusted)
        return self._states[code, trusted]

    def cscas(self, codes: tuple[str, ...] = tuple(COUNTRIES)) -> tuple[Certificate, ...]:
        """Every generation of these states, self-signed, then the link certificates."""
        states = [self.state(code) for code in codes]
        own = [state.csca(generation) for state in states for generation in _GENERATIONS]
        return (*own, *(state.link(generation) for state in states for generation in (2, 3)))

    def master_list(
        self, codes: tuple[str, ...] = tuple(COUNTRIES), *, publisher: str = "UTO", variant: str = ""
    ) -> bytes:
        """DER. variant: "" · "wrong_purpose" (signed by a document signer) · "stranger" (its signer chains to no list's CSCA)."""
        signer = self.state(publisher, trusted=variant != "stranger").master_list_signer
        if variant == "wrong_purpose":
            signer = self.state(publisher).document_signer(Style(kind="ecdsa", key="P-256"), at=self.now)
        also = (self.state(publisher, trusted=variant != "stranger").csca(3),)
        return master_list(self.cscas(codes), signer, also=also, signing_time=self.now - DAY)

    def crls(self, codes: tuple[str, ...] = tuple(COUNTRIES)) -> dict[str, bytes]:
        """The newest list of each state, by its two letters."""
        return {COUNTRIES[code]: self.state(code).crl() for code in codes}
