"""The link to the organiser, where there is one: this machine is enrolled by a code, newer packs come, waiting devices are passed on."""

from __future__ import annotations

import re

import structlog

from common.encoding import parse_json_object
from common.errors import Malformed, Refused, TegataError, Unavailable
from common.gate.enrolment import build_enrolment
from common.gate.pack import GatePack
from common.gate.pack_members import HUB
from common.gate.signed import MEDIA_TYPE as CBOR
from common.ports import Fetch, Fetched, Signer
from verifier.flows.sealed_box import SealedBox
from verifier.gate.devices import forwarded, locked_here, waiting
from verifier.gate.packs import LoadedPack, load_delta, load_pack, require_event
from verifier.store.gate import GateEnrolmentRow, GateEventRow

WAIT_SECONDS = 7
"""How long an organiser is asked to keep its answer: less than the way to the network allows for an exchange."""


class Question:
    """What is newer than this pack? Between asking and taking the answer in, nothing is held: it may be kept open for a while."""

    def __init__(self, fetch: Fetch, tenant: str, loaded: LoadedPack, token: str) -> None:
        self.serial = loaded.pack.serial
        self._fetch = fetch
        self._tenant = tenant
        self._loaded = loaded
        self._headers = _bearer(token)

    def ask(self, *, wait: int = 0) -> Fetched:
        """wait: seconds for which the organiser may keep its answer until something changes. Raises Unavailable."""
        address = f"{self._loaded.organiser}/delta?from={self.serial}" + (f"&wait={wait}" if wait else "")
        return self._fetch.get(address, accept=CBOR, headers=self._headers)

    def ask_whole(self) -> Fetched:
        """The newest pack, where no delta leads to it. Raises Unavailable, Refused."""
        return _good(self._fetch.get(f"{self._loaded.organiser}/pack", accept=CBOR, headers=self._headers))

    def take(self, answer: Fetched, *, now: int) -> GatePack | None:
        """The newest pack, by the answer's delta; None where it is to be asked for whole. Asks nobody."""
        if answer.status == 204:
            return self._loaded.pack
        if answer.status == 200:
            try:
                return load_delta(self._tenant, answer.body, now=now)
            except TegataError:
                structlog.get_logger("tegata.gate").warning("delta_refused", serial=self.serial)
        return None

    def take_whole(self, answer: Fetched, *, now: int) -> GatePack:
        """Asks nobody. Raises Malformed, PackRefused."""
        return load_pack(self._tenant, answer.body, now=now)


class Organiser:
    """address: of the institution at its issuer, e.g. https://issuer.example/hanabi; with the event it is where devices ask."""

    def __init__(self, fetch: Fetch, box: SealedBox) -> None:
        self._fetch = fetch
        self._box = box

    def enrol(
        self,
        tenant: str,
        address: str,
        event: str,
        *,
        code: str,
        name: str,
        key: Signer,
        signer: bytes | None,
        trust_first: bool,
        now: int,
    ) -> GatePack:
        """Trades the code for a token, and fetches the event's pack. Raises Refused, Unavailable, Malformed, PackRefused."""
        where = f"{address.rstrip('/')}/events/{event}"
        body = build_enrolment(event=event, code=code, name=name, signer=key)
        answer = _good(self._fetch.post(f"{where}/gates", body=body, content_type=CBOR, accept="application/json"))
        token = str(parse_json_object(answer.body).get("token", ""))
        data = _good(self._fetch.get(f"{where}/pack", accept=CBOR, headers=_bearer(token))).body
        pack = load_pack(tenant, data, now=now, signer=signer, trust_first=trust_first)
        sealed = self._box.close(token, tenant=tenant, purpose="signing key", what=f"organiser {event}")
        GateEventRow.update(organiser=where, sealed_token=sealed).where(
            (GateEventRow.tenant == tenant) & (GateEventRow.event == event)
        ).execute()
        return pack

    def follow(self, tenant: str, event: str, *, now: int) -> GatePack:
        """The newest pack, by a delta where there is one; then the devices that wait. Raises Unavailable without a link."""
        loaded = require_event(tenant, event)
        if not loaded.organiser:
            return loaded.pack
        token = self._token(tenant, event)
        question = Question(self._fetch, tenant, loaded, token)
        pack = question.take(question.ask(), now=now) or question.take_whole(question.ask_whole(), now=now)
        self.pass_locks_on(tenant, event)
        for row in waiting(tenant, event):
            answer = self._pass_on(loaded, row)
            if answer.status >= 500 or answer.status == 429:
                break
            if _is_last_word(answer):
                forwarded(tenant, event, bytes(row.gate), now=now)
        return pack

    def pass_device_on(self, tenant: str, event: str, gate: bytes, *, now: int) -> bool:
        """At once, while the device waits for the answer: True where the organiser took it in. False without a link: it goes on waiting.

        Raises Refused, with the organiser's word, for one that it does not take in; that one waits no more.
        """
        loaded = require_event(tenant, event)
        row = next((one for one in waiting(tenant, event) if bytes(one.gate) == gate), None)
        if not loaded.organiser or row is None:
            return False
        try:
            answer = self._pass_on(loaded, row)
        except TegataError as error:
            structlog.get_logger("tegata.gate").info("organiser_away", gate_event=event, code=error.code)
            return False
        if not _is_last_word(answer):
            return False
        forwarded(tenant, event, gate, now=now)
        _good(answer)
        return True

    def _pass_on(self, loaded: LoadedPack, row: GateEnrolmentRow) -> Fetched:
        return self._fetch.post(
            f"{loaded.organiser}/gates", body=bytes(row.request), content_type=CBOR, accept="application/json"
        )

    def pass_locks_on(self, tenant: str, event: str) -> None:
        """Tells which devices were locked here, until its pack says so itself. Raises Unavailable; what it refuses stays locked here."""
        loaded = require_event(tenant, event)
        told = {gate.gate for gate in loaded.pack.gates if gate.locked_at is not None or gate.role == HUB}
        untold = [gate for gate in locked_here(tenant, event) if gate not in told]
        if not untold or not loaded.organiser:
            return
        token = self._token(tenant, event)
        for gate in untold:
            answer = self._fetch.post(
                f"{loaded.organiser}/gates/{gate.hex()}/lock",
                body=b"",
                content_type=CBOR,
                accept="application/json",
                headers=_bearer(token),
            )
            if answer.status >= 300:
                structlog.get_logger("tegata.gate").warning("lock_not_passed_on", status=answer.status)

    def question(self, tenant: str, event: str) -> Question:
        """What is newer than the pack that is loaded. Raises NotFound, Refused("not_enrolled")."""
        return Question(self._fetch, tenant, require_event(tenant, event), self._token(tenant, event))

    def _token(self, tenant: str, event: str) -> str:
        row = GateEventRow.get_or_none(GateEventRow.tenant == tenant, GateEventRow.event == event)
        if row is None or row.sealed_token is None:
            raise Refused("not_enrolled", "this machine is not enrolled with the organiser")
        return str(self._box.open(row.sealed_token, tenant=tenant, purpose="signing key", what=f"organiser {event}"))


def read_signer(text: str) -> bytes | None:
    """The organiser's key as its page shows it and a person types it; None for nothing. Raises Malformed."""
    if not text.strip():
        return None
    try:
        return bytes.fromhex(text.strip())
    except ValueError:
        raise Malformed("unknown_signer", "the organiser's key has 66 hexadecimal digits") from None


def follow_all(tenants: tuple[str, ...], organiser: Organiser, *, now: int) -> None:
    """For the jobs: one organiser that is away keeps nobody else waiting."""
    for tenant, event in followed_events(tenants):
        try:
            organiser.follow(tenant, event, now=now)
        except TegataError as error:
            structlog.get_logger("tegata.gate").info("organiser_away", gate_event=event, code=error.code)


def followed_events(tenants: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(tenant, event) of each whose organiser knows this machine; those whose packs came last first."""
    found = [
        (int(row.loaded_at), tenant, str(row.event))
        for tenant in tenants
        for row in GateEventRow.select(GateEventRow.event, GateEventRow.loaded_at).where(
            (GateEventRow.tenant == tenant) & (GateEventRow.organiser != "")
        )
    ]
    return tuple((tenant, event) for _, tenant, event in sorted(found, reverse=True))


def _is_last_word(answer: Fetched) -> bool:
    """The device is enrolled, its code is wrong, or it was locked. All else may be a proxy's, or of a server that is being moved."""
    return answer.status in (200, 201, 409) or (answer.status == 403 and _code_of(answer) == "wrong_code")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _code_of(answer: Fetched) -> str:
    """The word of the organiser's problem document (RFC 9457), as far as it looks like one."""
    try:
        code = parse_json_object(answer.body).get("code")
    except Malformed:
        code = None
    return code if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,64}", code) else "organiser_refused"


def _good(answer: Fetched) -> Fetched:
    if answer.status >= 500:
        raise Unavailable("organiser_away", "the organiser's server cannot answer now")
    if answer.status >= 300:
        code = _code_of(answer)
        raise Refused(code, f"the organiser says no: {code} ({answer.status})")
    return answer
