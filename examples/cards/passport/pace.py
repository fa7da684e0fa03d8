"""PACE over elliptic curves, the chip's side (ICAO 9303-11 §4.4, App. G.1, App. I): generic mapping, chip authentication mapping, and the
integrated mapping.

A session: MSE:Set AT, then four GENERAL AUTHENTICATE (nonce, mapping, agreement, tokens). Any mistake of the terminal sends it back
to the start.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from examples.cards.command import DONE, Answer, Command, Refusal
from examples.cards.passport.ciphers import CipherSuite, pad
from examples.cards.passport.curves import Curve, NotOnCurve, Point
from examples.cards.passport.integrated_mapping import map_to_generator, nonce_size
from examples.cards.passport.objects import members, oid_value
from examples.cards.passport.secure_messaging import PassportMessaging
from examples.cards.tlv import tlv

MRZ, CAN = 1, 2
_FAMILY = {"gm": "0.4.0.127.0.7.2.2.4.2", "im": "0.4.0.127.0.7.2.2.4.4", "cam": "0.4.0.127.0.7.2.2.4.6"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceOffer:
    """One line of EF.CardAccess. mapping: "gm", "im" or "cam" (here the last two know no 3DES)."""

    mapping: str
    cipher: CipherSuite
    curve: Curve

    @property
    def protocol(self) -> str:
        """id-PACE-ECDH-GM-…, -IM-… or -CAM-…; CAM counts its ciphers as the others do, from 2 on."""
        return f"{_FAMILY[self.mapping]}.{self.cipher.number}"


def password_of_mrz(mrz_information: str) -> bytes:
    return hashlib.sha1(mrz_information.encode("ascii")).digest()


def random_scalar(curve: Curve, random: Callable[[int], bytes]) -> int:
    """1 … n−1, from more octets than the order has."""
    return int.from_bytes(random(curve.scalar_size + 8), "big") % (curve.n - 1) + 1


@dataclass(slots=True)
class _Session:
    offer: PaceOffer
    password: bytes = field(repr=False)
    step: int = 0
    nonce: bytes = b""
    mapping_key: int = 0
    generator: Point = (0, 0)
    agreement_key: int = 0
    own: Point = (0, 0)
    other: Point = (0, 0)
    secret: bytes = field(default=b"", repr=False)


class Pace:
    """passwords: by reference, MRZ as `password_of_mrz`, CAN as its digits. static_key: of chip authentication mapping.

    random, scalar: where nonce and ephemeral keys come from. token_of: what becomes of our token before it goes out (a fault changes it).
    """

    def __init__(
        self,
        offers: tuple[PaceOffer, ...],
        passwords: dict[int, bytes],
        *,
        random: Callable[[int], bytes],
        scalar: Callable[[Curve], int] | None = None,
        static_key: int = 0,
        token_of: Callable[[bytes], bytes] = bytes,
    ) -> None:
        self.offers = offers
        self._passwords = passwords
        self._random = random
        self._scalar = scalar or (lambda curve: random_scalar(curve, random))
        self._static_key = static_key
        self._token_of = token_of
        self._session: _Session | None = None

    def forget(self) -> None:
        self._session = None

    def set_template(self, command: Command) -> Answer:
        """MSE:Set AT (22 C1 A4). 84 names the domain parameters where the protocol alone does not. Raises Refusal."""
        self._session = None
        given = members(command.data, allowed=(0x80, 0x83, 0x84, 0x7F4C))
        matching = [offer for offer in self.offers if oid_value(offer.protocol) == given.get(0x80)]
        if 0x84 in given:
            matching = [offer for offer in matching if given[0x84] == bytes([offer.curve.identifier])]
        password = self._passwords.get(int.from_bytes(given.get(0x83, b"")[:2], "big"))
        if 0x80 not in given or 0x83 not in given or not matching:
            raise Refusal(0x6A80)
        if len(matching) > 1 or password is None:
            raise Refusal(0x6A88)
        self._session = _Session(matching[0], password)
        return DONE

    def authenticate(self, command: Command) -> tuple[Answer, PassportMessaging | None]:
        """GENERAL AUTHENTICATE; messaging comes with the last answer. Raises Refusal."""
        session, self._session = self._session, None  # given back only where all is well
        if session is None or command.p1p2:
            raise Refusal(0x6985 if session is None else 0x6A86)
        if command.more is (session.step == 3):
            raise Refusal(0x6883)
        steps = ((None, self._nonce), (0x81, self._map), (0x83, self._agree), (0x85, self._confirm))
        tag, step = steps[session.step]
        outer = members(command.data, allowed=(0x7C,))
        inner = members(outer.get(0x7C, b""), allowed=() if tag is None else (tag,))
        if not outer or (tag is not None and tag not in inner):
            raise Refusal(0x6A80)
        try:
            answer = step(session, inner[tag] if tag is not None else b"")
        except NotOnCurve:
            raise Refusal(0x6A80) from None
        session.step += 1
        if session.step < 4:
            self._session = session
            return (tlv(0x7C, answer), 0x9000), None
        return (tlv(0x7C, answer), 0x9000), PassportMessaging.of_secret(session.offer.cipher, session.secret)

    def _nonce(self, session: _Session, _: bytes) -> bytes:
        cipher = session.offer.cipher
        session.nonce = self._random(nonce_size(cipher) if session.offer.mapping == "im" else 16)
        return tlv(0x80, cipher.encipher(cipher.derive(session.password, 3), session.nonce))

    def _map(self, session: _Session, octets: bytes) -> bytes:
        """G' = s·G + H, where H is the point of an anonymous agreement (§4.4.3.3.1). Integrated: a nonce, and no answer."""
        curve, cipher = session.offer.curve, session.offer.cipher
        if session.offer.mapping == "im":
            if len(octets) != cipher.key_size:
                raise Refusal(0x6A80)
            session.generator = map_to_generator(cipher, curve, session.nonce, octets)
            return tlv(0x82)
        theirs = curve.decode(octets)
        session.mapping_key = self._scalar(curve)
        ours = curve.multiply(session.mapping_key)
        shared = curve.multiply(session.mapping_key, theirs)
        session.generator = curve.add(curve.multiply(int.from_bytes(session.nonce, "big")), shared)
        return tlv(0x82, curve.encode(ours))

    def _agree(self, session: _Session, octets: bytes) -> bytes:
        curve = session.offer.curve
        session.other = curve.decode(octets)
        session.agreement_key = self._scalar(curve)
        session.own = curve.multiply(session.agreement_key, session.generator)
        if session.own == session.other:  # §4.4.3.4: the two ephemeral keys differ
            raise Refusal(0x6A80)
        shared = curve.multiply(session.agreement_key, session.other)
        session.secret = shared[0].to_bytes(curve.size, "big")
        return tlv(0x84, curve.encode(session.own))

    def _confirm(self, session: _Session, octets: bytes) -> bytes:
        if not hmac.compare_digest(octets, self._token(session, session.own)):
            raise Refusal(0x6300)
        answer = tlv(0x86, self._token_of(self._token(session, session.other)))
        if session.offer.mapping == "cam":
            answer += tlv(0x8A, self._chip_authentication_data(session))
        return answer

    @staticmethod
    def _token(session: _Session, public: Point) -> bytes:
        """MAC over the public key that was received, 7F49 {06 protocol, 86 point}."""
        cipher, curve = session.offer.cipher, session.offer.curve
        covered = tlv(0x7F49, tlv(0x06, oid_value(session.offer.protocol)), tlv(0x86, curve.encode(public)))
        return cipher.mac(cipher.derive(session.secret, 2), covered)

    def _chip_authentication_data(self, session: _Session) -> bytes:
        cipher, curve = session.offer.cipher, session.offer.curve
        return chip_authentication_data(
            cipher,
            curve,
            cipher.derive(session.secret, 1),
            static_key=self._static_key,
            mapping_key=session.mapping_key,
        )


def chip_authentication_data(
    cipher: CipherSuite, curve: Curve, k_enc: bytes, *, static_key: int, mapping_key: int
) -> bytes:
    """A_IC: CA_IC = (SK_IC)⁻¹ · SK_Map,IC mod n, enciphered with IV = E(K_enc, −1) (§4.4.3.3.3, §4.4.3.5)."""
    quotient = pow(static_key, -1, curve.n) * mapping_key % curve.n
    iv = cipher.block_cipher(k_enc, b"\xff" * 16)
    return cipher.encipher(k_enc, pad(quotient.to_bytes(curve.scalar_size, "big"), 16), iv)
