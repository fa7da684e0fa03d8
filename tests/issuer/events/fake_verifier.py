"""A verifier as the issuer asks it (`issuer.flows.events.verifier_api.VerifierApi`), that says what a test wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from common.errors import Unavailable
from issuer.flows.events.verifier_api import Answer, Put


@dataclass
class FakeVerifier:
    """asked: the questions, in order. answer: to whoever looks. away: it does not answer."""

    expires_at: int
    asked: list[str] = field(default_factory=list)
    looked: int = 0
    answer: Answer = field(default_factory=lambda: Answer(state="waiting"))
    away: bool = False

    def put(self, question: str) -> Put:
        self._stand()
        self.asked.append(question)
        return Put(session=f"s{len(self.asked)}", link="openid4vp://?x=1", wallet_link="", expires_at=self.expires_at)

    def look(self, session: str) -> Answer:
        self._stand()
        assert session.startswith("s")
        self.looked += 1
        return self.answer

    def says(self, state: str, **claims: Any) -> None:
        self.answer = Answer(state=state, claims=claims)

    def _stand(self) -> None:
        if self.away:
            raise Unavailable("verifier_unavailable")
