"""Basic Access Control, the chip's side (ICAO 9303-11 §4.3, App. D): whoever read the machine readable zone may read the chip."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from examples.cards.command import Answer, Refusal
from examples.cards.passport.ciphers import TRIPLE_DES
from examples.cards.passport.secure_messaging import PassportMessaging


class BasicAccess:
    """mrz_information: number ‖ check ‖ birth ‖ check ‖ expiry ‖ check."""

    def __init__(self, mrz_information: str) -> None:
        seed = hashlib.sha1(mrz_information.encode("ascii")).digest()[:16]
        self._k_enc, self._k_mac = TRIPLE_DES.derive(seed, 1), TRIPLE_DES.derive(seed, 2)

    def authenticate(
        self, cryptogram: bytes, challenge: bytes, random: Callable[[int], bytes]
    ) -> tuple[Answer, PassportMessaging]:
        """EXTERNAL AUTHENTICATE: 40 octets each way. Raises Refusal: 6700 another length, 6985 no challenge, 6300 a wrong key."""
        if len(cryptogram) != 40:
            raise Refusal(0x6700)
        if len(challenge) != 8:
            raise Refusal(0x6985)
        enciphered, mac = cryptogram[:32], cryptogram[32:]
        if not hmac.compare_digest(mac, TRIPLE_DES.mac(self._k_mac, enciphered)):
            raise Refusal(0x6300)
        plain = TRIPLE_DES.decipher(self._k_enc, enciphered)
        rnd_ifd, rnd_ic, k_ifd = plain[:8], plain[8:16], plain[16:]
        if not hmac.compare_digest(rnd_ic, challenge):
            raise Refusal(0x6300)
        k_ic = random(16)
        answer = TRIPLE_DES.encipher(self._k_enc, rnd_ic + rnd_ifd + k_ic)
        seed = bytes(left ^ right for left, right in zip(k_ifd, k_ic, strict=True))
        k_enc, k_mac = TRIPLE_DES.derive(seed, 1), TRIPLE_DES.derive(seed, 2)
        messaging = PassportMessaging(TRIPLE_DES, k_enc, k_mac, rnd_ic[4:] + rnd_ifd[4:])
        return (answer + TRIPLE_DES.mac(self._k_mac, answer), 0x9000), messaging
