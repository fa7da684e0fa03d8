"""Issuer and verifier as real processes with the demo's cast, set as in production: no wire log, lists and keys cached as by default.

The holders are here, light ones: they speak the protocol with the programs' own building blocks and keep nothing at rest. What they do
is not measured; a batch reads the processor time of one server process before and after.
"""

from __future__ import annotations

import contextlib
import csv
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import httpx

from common.formats.registry import FORMATS
from common.keys.software import SoftwareKey
from common.oauth.form import FORM
from common.oid4vci.credential_offer import OfferByReference, parse_credential_offer, parse_offer_link
from common.oid4vci.credential_request import CredentialRequest, build_credential_request
from common.oid4vci.credential_response import parse_credential_response
from common.oid4vci.nonce import parse_nonce_response
from common.oid4vci.proof_jwt import build_proof_jwt
from common.oid4vci.token_request import PreAuthorizedCodeRequest, build_token_request
from common.oid4vci.token_response import parse_token_response
from common.oid4vp.authorization_link import RequestByReference, parse_authorization_link
from common.oid4vp.request_object import parse_request_object
from common.oid4vp.response import AuthorizationResponse, build_response
from examples.demo.cast import UNIVERSITY, Cast, make_cast
from examples.demo.people import Assistant, Registrar
from examples.demo.programs import Program
from examples.registrar.make_roll import COLUMNS, people
from tests.bench.programs.machine import REFERENCE_SECONDS, InterleavedVerifications

QUERY = "enrolment_sd_jwt"
CONFIGURATION = "enrolment_sd_jwt"
_OF_THE_DEMO = ("WIRE_LOG", "STATUS_TTL", "STATUS_CACHE_SECONDS")
"""Settings that the demo changes to tell its story; a bench leaves them as they are."""

_BETWEEN = 5
"""Transactions between two short runs of raw verifications."""

Input = TypeVar("Input")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An offer on its way: the pre-authorised code as the offer's text has it, and the transaction code told by the school."""

    code: str = field(repr=False)
    tx_code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A certificate and the key that it is bound to."""

    text: str = field(repr=False)
    key: SoftwareKey = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """The running programs, the roll's student numbers, and one keep-alive connection to each program for the holders."""

    cast: Cast
    registrar: Registrar
    assistant: Assistant
    students: Sequence[str]
    http: httpx.Client

    @property
    def issuer(self) -> str:
        return f"{self.cast.issuer.url}/{UNIVERSITY}"

    def invite(self, number: int) -> Invitation:
        """An offer with a transaction code for the number-th student, read by reference."""
        made = self.registrar.offer(self.students[number % len(self.students)], formats=("dc+sd-jwt",))
        link = parse_offer_link(made["link"])
        assert isinstance(link, OfferByReference)
        offer = parse_credential_offer(self._answer(self.http.get(link.address)).content)
        assert offer.pre_authorized is not None
        return Invitation(code=offer.pre_authorized.code, tx_code=made["tx_code"])

    def claim(self, invitation: Invitation, keys: Sequence[SoftwareKey]) -> tuple[Card, ...]:
        """Token, nonce, credential: three requests, one copy for each key."""
        asked = build_token_request(PreAuthorizedCodeRequest(code=invitation.code, tx_code=invitation.tx_code))
        token = parse_token_response(
            self._answer(self.http.post(f"{self.issuer}/token", content=asked, headers={"Content-Type": FORM})).content
        )
        nonce = parse_nonce_response(self._answer(self.http.post(f"{self.issuer}/nonce")).content)
        now = int(time.time())
        proofs = tuple(build_proof_jwt(key, issuer=self.issuer, nonce=nonce, now=now) for key in keys)
        answer = self._answer(
            self.http.post(
                f"{self.issuer}/credential",
                json=build_credential_request(CredentialRequest(configuration_id=CONFIGURATION, proofs=proofs)),
                headers={"Authorization": f"Bearer {token.access_token}"},
            )
        )
        issued = parse_credential_response(answer.content, asked=len(keys)).credentials
        return tuple(Card(text=text, key=key) for text, key in zip(issued, keys, strict=True))

    def present(self, link: str, card: Card) -> None:
        """Request object fetched, encrypted response posted: two requests; the verdict is reached within the second."""
        found = parse_authorization_link(link)
        assert isinstance(found, RequestByReference)
        request = parse_request_object(self._answer(self.http.get(found.request_uri)).text).request
        query = request.dcql_query.credential(QUERY)
        assert query is not None
        text = FORMATS[query.format].present(
            card.text,
            paths=[claim.path for claim in query.claims],
            holder=card.key,
            audience=str(request.client_id),
            nonce=request.nonce,
            now=int(time.time()),
        )
        body = build_response(
            AuthorizationResponse(vp_token={QUERY: (text,)}, state=request.state),
            mode=request.response_mode,
            client_metadata=request.client_metadata,
        )
        self._answer(self.http.post(request.response_uri, content=body, headers={"Content-Type": FORM}))

    @staticmethod
    def _answer(answer: httpx.Response) -> httpx.Response:
        assert answer.status_code == 200, f"{answer.request.url.path}: {answer.status_code} {answer.text}"
        return answer


@contextlib.contextmanager
def open_town(*, verifier: bool, students: int = 200) -> Iterator[Town]:
    """Starts the issuer, and the verifier where it is wanted, on a fresh roll; ends them and removes all that they wrote."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a bench that is ended ends its programs too
    with tempfile.TemporaryDirectory(prefix="tegata-bench-") as name:
        folder = Path(name)
        cast = make_cast(folder, extra={"issuer": {"guess_limit": "1000000/minute"}})
        for program in cast.programs.values():
            for setting in _OF_THE_DEMO:
                program.environment.pop(f"TEGATA_{program.name}_{setting}".upper(), None)
        rows = write_roll(folder / "roll.csv", students)
        try:
            cast.introduce()
            cast.start(("issuer", "verifier") if verifier else ("issuer",))
            registrar = Registrar(cast)
            registrar.import_roll(folder / "roll.csv")
            enrolled = [row["student_number"] for row in rows if row["status"] == "enrolled"]
            with httpx.Client(timeout=30.0) as http:
                yield Town(cast=cast, registrar=registrar, assistant=Assistant(cast), students=enrolled, http=http)
        finally:
            cast.stop()


def write_roll(path: Path, rows: int) -> list[dict[str, Any]]:
    """A roll of that many people who do not exist, none of them wrong; the rows as written."""
    made = list(people(rows))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(made)
    return made


def server_cpu(
    program: Program,
    make_input: Callable[[int], Input],
    act: Callable[[Input], object],
    *,
    rounds: int = 20,
    per_round: int = 100,
) -> tuple[float, str]:
    """Processor milliseconds of the server for one transaction, scaled to the reference machine; and what was measured here, in words.

    The least ratio of the rounds to raw verifications that are spread through the same round: neighbours of this machine slow down both.
    Inputs are fresh, their making is not measured. One round runs before, unmeasured, so that caches are as warm as in a program that has
    served for a while. A round is long against the clock's tick (10 ms).
    """
    ratios: list[float] = []
    for number in range(-1, rounds):
        inputs = [make_input(each) for each in range(per_round)]
        raw = InterleavedVerifications(per_round)
        began = program.cpu_seconds()
        for count, one in enumerate(inputs, 1):
            act(one)
            if count % _BETWEEN == 0:
                raw.verify(_BETWEEN)
        used = (program.cpu_seconds() - began) / per_round
        if number >= 0:
            ratios.append(used / raw.mean)
    least, middle = (each * REFERENCE_SECONDS * 1000 for each in (min(ratios), median(ratios)))
    here = f"{used * 1000:.2f} ms here and a raw verification {raw.mean * 1e6:.0f} µs"
    return least, f"least of {rounds} rounds of {per_round}, median {middle:.2f}; in the last {here}"
