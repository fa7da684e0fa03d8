"""Full issuance over HTTP: what redeeming one offer costs the issuer."""

from __future__ import annotations

from common.keys.software import SoftwareKey
from tests.bench.figure import Figure
from tests.bench.programs.town import Invitation, open_town, server_cpu

BOUND_MS = 8.0


def measure() -> list[Figure]:
    """One figure: token (with transaction code), nonce and credential (one SD-JWT VC for one key proof), each person and key new."""
    with open_town(verifier=False) as town:

        def redeem(given: tuple[Invitation, SoftwareKey]) -> None:
            invitation, key = given
            town.claim(invitation, [key])

        value, note = server_cpu(town.cast.issuer, lambda number: (town.invite(number), SoftwareKey.generate()), redeem)
    return [
        Figure(
            name="full issuance over HTTP",
            value=round(value, 2),
            unit="ms of server CPU",
            bound=BOUND_MS,
            ok=value <= BOUND_MS,
            note=f"token with transaction code, nonce, credential; {note}",
        )
    ]
