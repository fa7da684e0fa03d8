"""What somebody on the venue's network, or who takes the hub away, may try."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from msgspec.structs import replace

from common.cbor import encode_bytes, encode_text, head
from common.errors import Malformed, Refused
from common.formats.gate_pass.build import challenge_nonce
from common.gate.exchange import MAX_BODY, build_exchange
from common.gate.journal_entry import Kind
from common.gate.pack import build_pack
from common.keys.compressed_point import check_point_signature
from common.x509.sandbox_ca import CertificateAuthority, Use, issue_leaf, load_ca
from tests.verifier.gate.scene import EVENT, HOUR, NORTH, NOW, Guest
from tests.verifier.gate.venue import ORGANISER, RULES, SIGNER, Venue
from verifier.cli.gate_certificate import certify
from verifier.gate.devices import lock
from verifier.gate.hub import exchange
from verifier.gate.journal.chain import seen_of
from verifier.gate.journal.exchange import lacking
from verifier.gate.packs import load_pack, plan_gate
from verifier.gate.reasons import GateReason

EVER = NOW + 9 * HOUR

pytestmark = pytest.mark.usefixtures("hubs_answer_at_once")


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    made = Venue(tmp_path)
    made.sync()
    yield made
    made.database.close_all()


def body(gate: bytes, entries: tuple[int, bytes], heads: tuple[int, bytes]) -> bytes:
    """An exchange with so many times the same bytes. Made by hand, since nobody honest would."""
    parts = [head(0x80, count) + one * count for count, one in (entries, heads)]
    return b"\xa2\x01" + encode_text(EVENT) + b"\x02\x81\x83\x48" + gate + b"".join(parts)


def test_a_body_of_eight_million_empty_strings_is_refused_at_its_first(venue: Venue) -> None:
    """It was read for a minute, with the database held, and every gate of the venue was alone meanwhile."""
    gate, most = venue.gates["a"].gate, MAX_BODY - 100
    for data in (body(gate, (most, b"\x40"), (0, b"")), body(gate, (0, b""), (most, b"\x40"))):
        with pytest.raises(Malformed, match="bad_exchange"):
            exchange("hub", EVENT, data, now=venue.now)


def test_false_heads_are_looked_at_a_few_times_and_never_with_the_database_held(venue: Venue) -> None:
    """A body of forty thousand heads took twenty seconds of a transaction in which no ticket could be admitted."""
    own = venue.desks["a"].journal.head(time=venue.now)
    assert own is not None
    junk = b"".join(encode_bytes(own[:-2] + number.to_bytes(2, "big")) for number in range(5000))
    data = body(venue.gates["a"].gate, (0, b""), (1, b"")).removesuffix(head(0x80, 1)) + head(0x80, 5000) + junk
    verify, held = check_point_signature, []

    def watched(*given: Any) -> None:
        held.append(venue.database.in_transaction())
        verify(*given)

    with patch("common.gate.signed.check_point_signature", watched):
        exchange("hub", EVENT, data, now=venue.now)
    assert 0 < len(held) <= 17, "and once more to see who asks"
    assert not any(held)
    assert venue.desks["b"].scan(Guest(1).shows(), venue.now).decision.reason is GateReason.ADMITTED


@pytest.mark.parametrize("host", ["hub.local", "192.0.2.7"])
def test_who_steals_the_hubs_authority_is_nobody_elses_server(tmp_path: Path, host: str) -> None:
    """Every steward's phone trusts its root: it must not open the phone's other connections to the thief."""
    made = certify(tmp_path, host, now=int(time.time()))
    stolen = load_ca(made.root.read_bytes(), (tmp_path / "root-key.pem").read_bytes())
    own = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    assert believed(stolen, own, host)
    for other in ("bank.example", "local", "192.0.2.8", "2001:db8::1"):
        key = ec.generate_private_key(ec.SECP256R1()).public_key()
        leaf = issue_leaf(stolen, key, name=other, use=Use.TLS_SERVER, now=int(time.time()), dns_names=(other,))
        assert not believed(stolen, leaf.certificate, other), other
    assert certify(tmp_path, host, now=int(time.time())).root.read_bytes() == stolen.pem, (
        "phones need not trust it anew"
    )


def believed(root: CertificateAuthority, leaf: x509.Certificate, host: str) -> bool:
    try:
        address: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        address = x509.DNSName(host)
    verifier = PolicyBuilder().store(Store([root.certificate])).build_server_verifier(address)  # type: ignore[arg-type]
    try:
        verifier.verify(leaf, [])
    except VerificationError:
        return False
    return True


def test_a_locked_scanner_lets_nobody_out_for_another_to_come_in(tmp_path: Path) -> None:
    """Its thief hands in exits and undos of tickets that are inside. They are kept and told, and make no room at the hub."""
    venue = Venue(tmp_path, ("a", "stolen"), rules=replace(RULES, re_entry=True))
    venue.sync()
    guest, other = Guest(1, exp=EVER), Guest(2, exp=EVER)
    assert venue.desks["a"].scan(guest.shows(), venue.now).decision.opens
    assert venue.desks["stolen"].scan(other.shows(), venue.now).decision.opens
    venue.sync()
    venue.pass_time(60)
    stolen = venue.desks["stolen"].journal
    lock("hub", EVENT, stolen.gate, now=venue.now // 1000)
    venue.pass_time(60)
    for one in (guest, other):
        stolen.append(Kind.OUT, time=venue.now, entrance=NORTH, cti=one.cti)
    stolen.undo(2, time=venue.now)
    stolen.head(time=venue.now)
    with pytest.raises(Refused, match="device_locked"):
        exchange("hub", EVENT, build_exchange(EVENT, lacking("stolen", EVENT, (stolen.gate,), {})), now=venue.now)
    venue.sync("a")
    assert Kind.OUT in {one.kind for one in seen_of("hub", EVENT, guest.cti)}, "told all the same"
    venue.pass_time(60)
    for one in (guest, other):
        assert not venue.desks["a"].scan(one.shows(venue.now // 1000), venue.now).decision.opens
    venue.database.close_all()


def test_nine_hundred_codes_signed_beforehand_answer_any_challenge_and_enter_once(venue: Venue) -> None:
    """What remains possible: three digits stop pictures and recordings. A program signs all of them for a friend, for each half minute; so
    could it hand over the key. It stays one admission."""
    guest, at = Guest(1), NOW + 600
    desk = venue.desks["b"]
    beforehand = {number: guest.shows(at, cnonce=challenge_nonce(number)) for number in range(100, 1000)}
    desk.take(plan_gate(venue.pack, venue.gates["b"], NORTH, challenge=True))
    venue.pass_time(at - NOW)
    shown = desk.challenge(venue.now)
    assert shown is not None
    assert desk.scan(beforehand[shown.number], venue.now).decision.reason is GateReason.ADMITTED
    again = guest.shows(at, cnonce=shown.nonce)
    assert desk.scan(again, venue.now).decision.reason is GateReason.ALREADY_ADMITTED


def test_a_hub_in_anothers_place_believes_nobody_linked_whose_journal_a_third_one_brought(tmp_path: Path) -> None:
    """Another machine at its address. One gate comes back and relays all that it knows; the other asks as if nothing had been, about a
    ticket that the lost hub knew of: it is told that it is alone, and shows that."""
    venue = Venue(tmp_path, ("a", "b", "c"))
    venue.sync()
    venue.sync()
    guest = Guest(1)
    assert venue.desks["c"].scan(guest.shows(), venue.now).decision.opens
    for wire in venue.wires.values():
        wire.tenant = "another"
    load_pack("another", build_pack(venue.pack, ORGANISER), now=NOW, signer=SIGNER)
    venue.sync("b")
    assert venue.desks["b"].link.linked
    found = venue.desks["a"].scan(guest.shows(), venue.now)
    assert not found.linked
    venue.database.close_all()
