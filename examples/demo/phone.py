"""The holder's browser at the pass page, played by the demo: it makes a key for a pass, has the pass bound to it, and signs a new code
every ten seconds.

The page itself, whose keys no script can take out, is shown by tests in a real Chromium. Here its part is spoken through the wallet's API
for apps that keep such keys themselves: the same calls, with the same bytes in the code.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from common.encoding import b64url_decode
from common.formats.gate_pass.build import build_pass_proof, write_pass_text
from common.keys.software import SoftwareKey
from common.oid4vci.proof_jwt import build_proof_jwt
from examples.demo.people import Student

TURNS = 10
"""Seconds for which a code stands on the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOnPhone:
    """All that is needed at the gate, with no network. token: the issuer's, bound to the key."""

    event: str
    token: bytes = field(repr=False)
    key: SoftwareKey = field(repr=False)

    def code(self, at: int | None = None) -> str:
        """The text of the QR code that is on the screen at that time, in seconds; by default now."""
        at = int(time.time()) if at is None else at
        proof = build_pass_proof(self.token, event=self.event, iat=at - at % TURNS, signer=self.key)
        return write_pass_text(proof)


def bind(holder: Student, pass_id: str) -> PassOnPhone:
    """The proof is signed here; the wallet agent hands it to the issuer and never sees the key. Raises NotDone."""
    at = f"{holder.base}/passes/{pass_id}"
    wanted, key = holder.ask("POST", f"{at}/proof"), SoftwareKey.generate("ES256")
    proof = build_proof_jwt(key, issuer=wanted["audience"], nonce=wanted["nonce"], now=int(time.time()))
    bound = holder.ask("POST", f"{at}/bind", json={"proof": proof})
    return PassOnPhone(event=holder.ask("GET", at)["event"], token=b64url_decode(bound["token"]), key=key)
