"""The issuer over its staff API (`issuer/routes/staff_cards.py`), with a staff token. Implements `IssuerDesk`.

Answers are our own issuer's, over https; all the same, what has not their form is Unavailable("issuer_not_understood").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from common import cbor
from common.cards.evidence_json import parse_evidence
from common.cards.possession import PossessionChallenge
from common.cards.reading import Reading, encode_reading
from common.cards.secret import Secret
from common.encoding import b64url_decode, compact_json, parse_json_object
from common.errors import (
    Conflict,
    Malformed,
    NotFound,
    Refused,
    TegataError,
    TooMany,
    Unavailable,
    Unsupported,
)
from common.ports import Fetch, Fetched
from issuer.kiosk.issuer_desk import Accepted, CardsTaken, Contact, MadeOffer, OfferedType, Session

_JSON: Final = "application/json"
_CODE = re.compile(r"[a-z0-9_]{1,64}")
_ERRORS: Final[Mapping[int, type[TegataError]]] = {
    400: Malformed,
    403: Refused,
    404: NotFound,
    409: Conflict,
    413: Malformed,
    429: TooMany,
}
_T = TypeVar("_T")


class StaffApi:
    """address: of the institution, "https://issuer.example/sakuragawa". token: a staff token; shown nowhere."""

    def __init__(self, fetch: Fetch, address: str, token: Secret) -> None:
        self._fetch = fetch
        self._cards = f"{address.rstrip('/')}/api/cards"
        self._token = token

    def describe(self) -> CardsTaken:
        return _read(self._get(""), _cards_taken)

    def open_session(self) -> Session:
        return _read(self._post("/sessions", b"{}", _JSON), _session)

    def begin_number(self, session: str, reader: str) -> int:
        body = compact_json({"reader": reader})
        return _read(self._post(f"/sessions/{session}/attempts", body, _JSON), lambda told: int(told["attempt"]))

    def number_was_right(self, session: str, reader: str, attempt: int) -> None:
        body = compact_json({"reader": reader, "attempt": attempt})
        answer = self._post(f"/sessions/{session}/attempts/right", body, _JSON)
        if answer.status != 204:
            raise _refusal(answer)

    def accept(self, session: str, readings: Sequence[Reading]) -> Accepted:
        body = cbor.encode([encode_reading(one) for one in readings])
        return _read(self._post(f"/sessions/{session}/readings", body, "application/cbor"), _accepted)

    def offer(self, session: str, types: Sequence[str], contact: Contact | None = None) -> MadeOffer:
        left = {} if contact is None else {"contact": {"email": contact.email, "language": contact.language}}
        body = compact_json({"types": list(types), **left})
        return _read(self._post(f"/sessions/{session}/offer", body, _JSON), _offer)

    def offer_state(self, session: str) -> str:
        return _read(self._get(f"/sessions/{session}"), lambda told: str(told["offer"]))

    def _get(self, path: str) -> Fetched:
        return self._fetch.get(self._cards + path, accept=_JSON, headers=self._headers())

    def _post(self, path: str, body: bytes, content_type: str) -> Fetched:
        return self._fetch.post(
            self._cards + path, body=body, content_type=content_type, accept=_JSON, headers=self._headers()
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token.reveal().decode('ascii')}"}


def _read(answer: Fetched, parse: Callable[[dict[str, Any]], _T]) -> _T:
    if answer.status not in (200, 201):
        raise _refusal(answer)
    try:
        return parse(parse_json_object(answer.body))
    except (TegataError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unavailable("issuer_not_understood", "the issuer's answer has another form than it should") from error


def _refusal(answer: Fetched) -> TegataError:
    """The error that the issuer means, with its code. Its sentence is not taken over: it was written for programs."""
    if answer.status == 401:
        return Refused("token_refused", "the issuer does not know this kiosk's token")
    try:
        told = parse_json_object(answer.body)
    except TegataError:
        told = {}
    code = str(told.get("code", ""))
    if not _CODE.fullmatch(code):
        code = "issuer_refused"
    kind = _ERRORS.get(answer.status)
    if kind is None:
        return Unavailable(code if answer.status == 503 else "issuer_failed", "the issuer cannot do its work now")
    if kind is TooMany:
        wait = answer.headers.get("retry-after", "60")
        return TooMany(code, "the issuer asks for a pause", retry_after=int(wait) if wait.isdecimal() else 60)
    if code.startswith("un") and "known" in told:
        return Unsupported(code, "the issuer does not know this")
    return kind(code, "the issuer refused")


def _cards_taken(told: dict[str, Any]) -> CardsTaken:
    types = tuple(
        OfferedType(
            name=str(one["name"]),
            title=_languages(one["title"]),
            description=_languages(one["description"]),
            needs=frozenset(str(name) for name in one["needs"]),
        )
        for one in told["types"]
    )
    return CardsTaken(types=types, delivery_key=b64url_decode(told["delivery_key"]), tells=told["tells"] is True)


def _languages(told: Any) -> dict[str, str]:
    return {language: str(told[language]) for language in ("ja", "en")}


def _session(told: dict[str, Any]) -> Session:
    challenge = told["challenge"]
    return Session(
        id=_word(told["id"]),
        challenge=PossessionChallenge(
            origin=challenge["origin"], session=challenge["session"], nonce=b64url_decode(challenge["nonce"])
        ),
    )


def _word(value: Any) -> str:
    """An id goes into addresses."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value):
        raise ValueError("not an id")
    return value


def _accepted(told: dict[str, Any]) -> Accepted:
    return Accepted(
        card=str(told["card"]),
        environment=str(told["environment"]),
        claims=dict(told["claims"]),
        evidence=parse_evidence(told["evidence"]),
        types=tuple(str(name) for name in told["types"]),
        refusals={str(name): str(why) for name, why in told["refusals"].items()},
        holds={str(name): tuple(_languages(one) for one in held) for name, held in told["holds"].items()},
    )


def _offer(told: dict[str, Any]) -> MadeOffer:
    return MadeOffer(
        link=str(told["link"]),
        wallet_link=str(told["wallet_link"]),
        tx_code=None if told["tx_code"] is None else str(told["tx_code"]),
        expires_at=int(told["expires_at"]),
    )
