"""The verifier, asked by its API (`verifier/routes/sessions.py`): put a question, look what became of it. With a token of a relying
party."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from common.encoding import compact_json, parse_json_object
from common.errors import Malformed, Unavailable
from common.ports import Fetch, Fetched

_JSON = "application/json"
_T = TypeVar("_T")
_WAITING = frozenset({"open", "served", "answered"})
_ENDED = frozenset({"refused", "expired"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """A question that was put. link: for a QR code; wallet_link: for a wallet that is a web page, or empty."""

    session: str
    link: str
    wallet_link: str
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """state: waiting | passed | failed. claims: last name of the path → value, of what was disclosed."""

    state: str
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)


class VerifierApi:
    """address: of the relying party, "https://verifier.example/festival". token: shown nowhere."""

    def __init__(self, fetch: Fetch, address: str, token: str) -> None:
        self._fetch = fetch
        self._sessions = f"{address.rstrip('/')}/api/sessions"
        self._token = token

    def put(self, question: str) -> Put:
        """Raises Unavailable("verifier_unavailable")."""
        body = compact_json({"question": question})
        return _read(
            self._fetch.post(self._sessions, body=body, content_type=_JSON, accept=_JSON, headers=self._headers()),
            lambda told: Put(
                session=_text(told["id"], 128),
                link=_text(told["link"], 4096),
                wallet_link=_text(told["wallet_link"], 4096),
                expires_at=int(told["expires_at"]),
            ),
        )

    def look(self, session: str) -> Answer:
        """Raises Unavailable("verifier_unavailable")."""
        return _read(self._fetch.get(f"{self._sessions}/{session}", accept=_JSON, headers=self._headers()), _answer)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}


def _answer(told: Mapping[str, Any]) -> Answer:
    if told["state"] in _WAITING:
        return Answer(state="waiting")
    if told["state"] in _ENDED:
        return Answer(state="failed")
    if told["state"] != "judged":
        raise ValueError("a state that no session has")
    if told["verdict"]["answer"] != "passed":
        return Answer(state="failed")
    claims: dict[str, Any] = {}
    for shown in told.get("disclosed") or ():
        for claim in shown["claims"]:
            claims[str(claim["path"][-1])] = claim["value"]
    return Answer(state="passed", claims=claims)


def _read(answer: Fetched, take: Callable[[Mapping[str, Any]], _T]) -> _T:
    if answer.status not in (200, 201):
        raise Unavailable("verifier_unavailable", "the verifier did not take the question; try again shortly")
    try:
        return take(parse_json_object(answer.body))
    except (Malformed, LookupError, TypeError, ValueError) as error:
        raise Unavailable("verifier_unavailable", "the verifier's answer could not be understood") from error


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError("a text that is none")
    return value
