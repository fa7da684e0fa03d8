"""An event for tests: two classes, two entrances, and the steps from a ticket to a pass that a gate reads."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

from common.encoding import b64url_decode
from common.formats.gate_pass.build import build_pass_proof, write_pass_text
from common.formats.gate_pass.parse import parse_gate_pass
from common.formats.gate_pass.verify import VerifiedPass, verify_gate_pass
from common.gate.enrolment import build_enrolment
from common.gate.pack import GatePack, parse_pack, verify_pack
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from issuer.flows.events.create_event import create_event
from issuer.flows.events.find_events import find_event, find_ticket
from issuer.flows.events.gates import EnrolledGate, enrol_gate, make_code
from issuer.flows.events.offer_ticket import offer_ticket
from issuer.flows.events.pack import current_pack, signer_points
from issuer.flows.events.plan import ClassPlan, EntrancePlan, EventPlan
from issuer.flows.events.sell import Sale, Wish, sell
from issuer.store.tables import Credential
from tests.fakes.clock import FixedClock
from tests.issuer.events.fake_verifier import FakeVerifier
from tests.issuer.school import TENANT, School, Wallet

_numbers = count(1)
"""Of events: two of one name and one random ending are one event."""
HOUR = 3600
NOW = FixedClock().now()
PLAN = EventPlan(
    name_ja="隅田川花火大会",
    name_en="Sumida River Fireworks",
    venue="隅田公園",
    starts_at=NOW + 24 * HOUR,
    ends_at=NOW + 30 * HOUR,
    capacity=10,
    entrances=(
        EntrancePlan(number=1, name_ja="北口", name_en="North"),
        EntrancePlan(number=2, name_ja="南口", name_en="South", challenge=True),
    ),
    classes=(
        ClassPlan(number=1, name_ja="一般", name_en="General", capacity=8, paper=True),
        ClassPlan(number=2, name_ja="有料席", name_en="Seats", capacity=4, entrances=(2,), required=5),
        ClassPlan(number=3, name_ja="招待", name_en="Guests", capacity=2),
    ),
)


def open_event(school: School, tenant: str = TENANT, **changes: Any) -> str:
    """Its id."""
    desk = replace(school.desk, verifier=school.desk.verifier or FakeVerifier(expires_at=0))
    return str(create_event(desk, tenant, replace(PLAN, **changes), slug=f"hanabi-{next(_numbers)}", actor="test").id)


def buy(school: School, event: str, number: int = 1, count: int = 1, *, key: str = "k1", **who: str) -> Sale:
    return sell(school.desk, TENANT, event, Wish(quantities={number: count}, **who), key=key, actor="test")


def ticket(school: School, event: str, **how: Any) -> Any:
    """A row of `Entitlement`."""
    return buy(school, event, **how).tickets[0]


def again(row: Any) -> Any:
    """The same ticket as it stands now."""
    return find_ticket(row.tenant, row.event_id, row.id)


def receive(school: School, row: Any, *configurations: str, key: Any = None) -> tuple[Wallet, list[str]]:
    """The ticket taken by a wallet: the wallet, which can ask again, and what it got."""
    wallet = Wallet(school)
    wallet.redeem(offer_ticket(school.desk, TENANT, again(row), actor="test"))
    return wallet, [ask(wallet, one, key=key) for one in configurations]


def ask(wallet: Wallet, configuration: str, *, key: Any = None) -> str:
    answer = wallet.ask(configuration, wallet.proofs(keys=[key] if key else None))
    (made,) = answer["credentials"]
    return str(made["credential"])


def pack_of(school: School, event: str, **how: Any) -> GatePack:
    """As a gate reads it, and believes it."""
    file = current_pack(school.desk, TENANT, event).file
    signers = signer_points(school.desk.keys.identity(TENANT))
    return verify_pack(parse_pack(file), signers=signers, event=event, now=school.clock.now(), **how)


def at_gate(pack: GatePack, credential: str, key: SoftwareKey | None, now: int) -> tuple[VerifiedPass, str]:
    """What a gate with this pack finds of the pass, and what its status is there."""
    token = b64url_decode(credential)
    data = token if key is None else build_pass_proof(token, event=pack.event, iat=now, signer=key)
    found = verify_gate_pass(parse_gate_pass(write_pass_text(data)), event=pack.event, issuer_keys=pack.keys, now=now)
    revoked, excluded = pack.status.revoked, pack.status.excluded
    return found, "revoked" if found.index in revoked else "excluded" if found.index in excluded else "valid"


def states_of(row: Any) -> dict[str, list[str]]:
    """Configuration → states of the copies, in the order in which they were issued."""
    found: dict[str, list[str]] = {}
    rows = Credential.select().where(Credential.tenant == TENANT, Credential.person_id == row.id)
    for one in rows.order_by(Credential.issued_at, Credential.state.desc(), Credential.id):
        found.setdefault(one.configuration, []).append(one.state)
    return found


def enrol(school: School, event: str, name: str = "北口1", **how: Any) -> tuple[EnrolledGate, SoftwareKey]:
    key, code = SoftwareKey.generate(), make_code(school.desk, TENANT, event, actor="test", **how).code
    return enrol_gate(school.desk, TENANT, event, build_enrolment(event=event, code=code, name=name, signer=key)), key


def point_of(key: SoftwareKey) -> bytes:
    return compress(key.public_jwk())


def row_of(event: str, tenant: str = TENANT) -> Any:
    return find_event(tenant, event)
