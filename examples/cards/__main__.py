"""Puts a virtual card into a card reader: ``python -m examples.cards``, or ``tegata sandbox cards``.

Into the virtual reader of the machine's pcscd where one is listening, else into a private pcscd that is started for it.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from examples.cards.authorities import Authorities
from examples.cards.chip import Card
from examples.cards.faults import AROUND
from examples.cards.pcscd import Pcscd, listens, why_not
from examples.cards.plug import PORT, Plugged, plug
from examples.cards.registry import CARDS, VirtualCard


def main(arguments: Sequence[str] | None = None, *, program: str = "python -m examples.cards", hint: str = "") -> int:
    """The exit code: 0, 1 where there is no reader to be had, 2 for words that it does not understand. hint: ends list and help."""
    parser = _parser(program, hint)
    asked = parser.parse_args(arguments)
    if asked.card is None:
        print("\n".join(filter(None, (listing(program), hint))))
        return 0
    card = CARDS[asked.card]
    holder = asked.holder or card.holders[0]
    if holder not in card.holders:
        parser.error(f"no such holder: {holder}; known: {', '.join(card.holders)}")
    own = {row.name for row in card.faults}
    if asked.fault and asked.fault not in own | set(AROUND):
        parser.error(f"no such fault: {asked.fault}; {program} lists them")
    authorities = Authorities()
    dealt = card.build(holder, authorities, asked.fault if asked.fault in own else None)
    inserted = dealt.card if asked.fault in (None, *own) else AROUND[asked.fault](dealt.card)
    with ExitStack() as stack:
        port = PORT if asked.port is None else asked.port
        if asked.private or (asked.port is None and not listens(port)):
            if (why := why_not()) is not None:
                print(f"カードリーダーがありません / no card reader: {why}", file=sys.stderr)
                return 1
            daemon = stack.enter_context(Pcscd())
            port = daemon.port
            for name, value in daemon.environment.items():
                print(f"export {name}={value}")
        for path in authorities.write(asked.trust) if asked.trust else ():
            print(f"trust: {path}")
        for known in dealt.known:
            print(f"{known.label}: {known.value}")
        return _stay(inserted, card, port)


def listing(program: str) -> str:
    """All cards, their holders and their faults, in both languages."""
    lines = ["仮想カード / virtual cards", ""]
    for card in CARDS.values():
        lines += [f"{card.name:26}{card.ja} / {card.en}", f"{'':26}--holder {' | '.join(card.holders)}"]
        lines += [f"{'':26}--fault {row.name:26}{row.ja} / {row.en}" for row in card.faults]
        lines.append("")
    lines.append(f"どのカードでも / around any card: --fault {' | '.join(AROUND)}")
    lines += ["", f"{program} my-number --fault clone"]
    return "\n".join(lines)


def _parser(program: str, hint: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program, description=f"{__doc__}\nWithout a card: lists them.", epilog=hint)
    parser.add_argument("card", nargs="?", choices=tuple(CARDS), metavar="CARD", help=" | ".join(CARDS))
    parser.add_argument("--holder", help="whose card")
    parser.add_argument("--fault", help="what is wrong with it")
    parser.add_argument("--private", action="store_true", help="start a pcscd of its own in any case")
    parser.add_argument("--port", type=int, help=f"where the virtual reader listens (else {PORT})")
    parser.add_argument(
        "--trust", type=Path, metavar="FOLDER", help="write there what an issuer has to know to believe this card"
    )
    return parser


def _stay(inserted: Card, card: VirtualCard, port: int) -> int:
    """Until Ctrl-C, or the end of the input. Each line that is entered takes the card out, or puts it in again."""
    print(f"{card.ja} / {card.en}: 挿入しました / inserted")
    print("Enter: 抜く・挿す / take out, put in; Ctrl-C: 終わる / end", flush=True)
    plugged: Plugged | None = plug(inserted, port=port)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are started with it ignored
    try:
        for _ in sys.stdin:
            if plugged is not None and plugged.is_in:
                plugged.remove()
                plugged = None
                print("抜きました / taken out", flush=True)
            else:
                plugged = plug(inserted, port=port)
                print("挿入しました / inserted", flush=True)
        if plugged is not None:
            plugged.wait()
    except KeyboardInterrupt:
        pass
    finally:
        if plugged is not None:
            plugged.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
