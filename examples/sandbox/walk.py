"""`tegata sandbox cards --walk`: every virtual card is put into a kiosk, right and wrong, before an issuer that was started for it.

Printed is what the kiosk shows, what the issuer found proven and what not, and which certificates may be made of it; then the same card
once more with one thing wrong about it, and what is different then.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import CalledProcessError

from common.adapters.logs import set_up_logs
from common.cards.evidence import Evidence
from common.cards.offered_parts import PartName
from common.pages.catalogue import Words
from examples.cards.authorities import Authorities
from examples.cards.fault_rows import FaultRow, named
from examples.cards.registry import CARDS, Dealt, VirtualCard
from examples.demo.cast import CITY, make_cast
from examples.demo.programs import DidNotStart, Program
from examples.sandbox.counter import Counter, Visit
from examples.sandbox.findings import describe_certificates, describe_evidence
from examples.sandbox.reader import Reader, open_reader
from issuer.kiosk.screen_texts import open_texts, trouble_text

WRONG: Mapping[str, str] = {
    "my-number": "clone",
    "passport": "clone",
    "passport-2025": "altered_data_group",
    "passport-cam": "untrusted_csca",
    "driving-licence": "altered_entries",
    "mynumber-licence": "wrong_certificate",
    "residence-card-1": "altered_entries",
    "residence-card-2": "foreign_signature",
    "specified-residence-card": "expired_certificate",
}
"""What is wrong with each card the second time."""
PARTS: Mapping[str, tuple[PartName, ...]] = {
    "mynumber-licence": (("mynumber_licence", "licence"),),
    "specified-residence-card": (("residence_card", "card"), ("residence_card", "photo")),
}
"""What is asked for, where the kiosk leaves it to the person."""


def main(arguments: Sequence[str], *, program: str) -> int:
    """The exit code: 0, 1 where a card was not found to be what it is, 2 for words that it does not understand."""
    parser = argparse.ArgumentParser(prog=f"{program} --walk", description=__doc__)
    parser.add_argument("card", nargs="*", metavar="CARD", help=f"{' | '.join(CARDS)}; without: all of them")
    parser.add_argument("--holder", help="whose cards")
    parser.add_argument("--no-reader", action="store_true", help="reach the cards within this process, without a pcscd")
    asked = parser.parse_args(arguments)
    cards = [CARDS[name] for name in asked.card or CARDS if name in CARDS]
    if strangers := set(asked.card) - set(CARDS):
        parser.error(f"no such card: {', '.join(sorted(strangers))}; known: {', '.join(CARDS)}")
    if asked.holder and (others := [card.name for card in cards if asked.holder not in card.holders]):
        parser.error(f"{asked.holder} has no {', '.join(others)}")
    set_up_logs("warning", "sandbox")
    walked = [(card, asked.holder or card.holders[0]) for card in cards]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the issuer ends with us
    with tempfile.TemporaryDirectory(prefix="tegata-walk-") as folder:
        try:
            return walk(walked, Path(folder), real=not asked.no_reader)
        except (DidNotStart, CalledProcessError) as failure:
            print(f"発行者を起動できません / the issuer cannot be started: {failure}", file=sys.stderr)
            return 1


def walk(
    cards: Sequence[tuple[VirtualCard, str]], folder: Path, *, real: bool, authorities: Authorities | None = None
) -> int:
    """cards: each with its holder. real: over a pcscd where one can be had. The exit code, as `main`."""
    print("カードと発行者を用意しています / making the cards, and an issuer that believes them …", flush=True)
    authorities = authorities or Authorities()
    dealt = [
        (card, card.build(holder, authorities, None), _deal_wrong(card, holder, authorities)) for card, holder in cards
    ]
    authorities.write(folder / "roots")
    reader = open_reader(real=real)
    surprises = 0
    try:
        with _issuer(folder) as (issuer, token):
            print(f"発行者 / issuer: {issuer.url}/{CITY}\n窓口 / kiosk: {reader.what}", flush=True)
            for card, right, (row, wrong) in dealt:
                surprises += not _show_card(_open_counter(issuer, token, reader), card, right, row, wrong)
    finally:
        reader.close()
    if surprises:
        print(f"\n{surprises} / {len(cards)}: 正しく見分けられなかった / not found to be what they are")
        return 1
    print(
        f"\n{len(cards)} / {len(cards)}: 正しいものも、おかしいものも見分けた / the right ones and the wrong ones told apart"
    )
    return 0


def _deal_wrong(card: VirtualCard, holder: str, authorities: Authorities) -> tuple[FaultRow, Dealt]:
    row = named(tuple(card.faults), WRONG[card.name])
    return row, card.build(holder, authorities, row.name)


@contextmanager
def _issuer(folder: Path) -> Iterator[tuple[Program, str]]:
    """The city's issuer, running, and a staff token for its kiosk."""
    believed = {"card_trust": str(folder / "roots"), "card_environment": "test"}
    issuer = make_cast(folder / "cast", extra={"issuer": believed}).issuer
    words = ("new-institution", CITY, "--name-ja", "若葉市", "--name-en", "Wakaba City", "--json")
    token = str(json.loads(issuer.command(*words))["token"])
    issuer.start()
    try:
        issuer.wait()
        yield issuer, token
    finally:
        issuer.stop()


def _open_counter(issuer: Program, token: str, reader: Reader) -> Counter:
    return Counter(f"{issuer.url}/{CITY}", token, reader, verify=issuer.verify)


def _show_card(counter: Counter, card: VirtualCard, right: Dealt, row: FaultRow, wrong: Dealt) -> bool:
    """Whether both visits ended as they should: the fault changes the one field that its table names."""
    parts = PARTS.get(card.name)
    print(f"\n■ {card.ja} / {card.en}  ({card.name})")
    try:
        good = counter.serve(right, parts=parts)
        _show(*(f"kiosk {line}" for line in good.seen))
        if good.accepted is not None:
            _show(*describe_evidence(good.accepted.evidence), *describe_certificates(good.accepted))
        bad = counter.serve(wrong, parts=parts)
        _show("", f"╳ {row.name}: {row.ja} / {row.en}")
        _show(*(_differences(good, bad)))
    finally:
        counter.close()
    return good.accepted is not None and _is_noticed(row, good.accepted.evidence, bad)


def _differences(good: Visit, bad: Visit) -> Iterator[str]:
    """What the issuer says otherwise now, and what the kiosk says of it."""
    if good.accepted is None or bad.accepted is None:
        return
    before = set(describe_evidence(good.accepted.evidence))
    yield from (line for line in describe_evidence(bad.accepted.evidence) if line not in before)
    yield from describe_certificates(bad.accepted)
    if bad.trouble is not None:
        for language in ("ja", "en"):
            said = trouble_text(bad.trouble, Words(open_texts(), language))
            yield "  ".join((f"「{said.title}」" if language == "ja" else f'"{said.title}"', *said.reasons))


def _is_noticed(row: FaultRow, good: Evidence, bad: Visit) -> bool:
    if bad.accepted is None:
        return False
    return bool(row.becomes) and row.becomes in _answers(bad.accepted.evidence, row.changes) - _answers(
        good, row.changes
    )


def _answers(evidence: Evidence, field: str) -> set[str]:
    """What stands in that field of the evidence, over all sources."""
    found = [getattr(source, field, "") for source in evidence.sources]
    return {str(getattr(one, "answer", one)) for one in found}


def _show(*lines: str) -> None:
    for line in lines:
        print(f"  {line}" if line else "", flush=True)
