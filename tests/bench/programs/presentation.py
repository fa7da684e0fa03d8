"""Full presentation over HTTP: what one question answered costs the verifier."""

from __future__ import annotations

from collections.abc import Iterator

from common.keys.software import SoftwareKey
from tests.bench.figure import Figure
from tests.bench.programs.town import Card, Town, open_town, server_cpu

BOUND_MS = 6.0
COPIES = 10


def measure() -> list[Figure]:
    """One figure: request object fetched, encrypted response posted, verdict reached; each certificate and holder key is new.

    Making the session, and reading the verdict afterwards to see that it is *passed*, are not measured. The issuer's key and its
    status list are fetched when they are first needed and then as often as the verifier's own settings say.
    """
    with open_town(verifier=True) as town:
        cards = _cards(town)
        sessions: list[str] = []

        def ask(_: int) -> tuple[str, Card]:
            opened = town.assistant.put_question("student")
            sessions.append(opened["id"])
            return opened["link"], next(cards)

        value, note = server_cpu(town.cast.verifier, ask, lambda given: town.present(*given))
        for session in (sessions[0], sessions[-1]):
            verdict = town.assistant.result(session)["verdict"]
            assert verdict is not None
            assert verdict["answer"] == "passed", verdict
    return [
        Figure(
            name="full presentation over HTTP",
            value=round(value, 2),
            unit="ms of server CPU",
            bound=BOUND_MS,
            ok=value <= BOUND_MS,
            note=f"request object, encrypted response, verdict; {note}",
        )
    ]


def _cards(town: Town) -> Iterator[Card]:
    """Certificates, ten copies to an offer, as they are needed."""
    number = 0
    while True:
        yield from town.claim(town.invite(number), [SoftwareKey.generate() for _ in range(COPIES)])
        number += 1
