"""`./dev demo`: three programs, a story in three acts, and then addresses to open in a browser."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import signal
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from subprocess import CalledProcessError

from rich.console import Console

from common.errors import TegataError
from examples.demo.cast import CITY, make_cast
from examples.demo.lan import lan_cast
from examples.demo.people import NotDone
from examples.demo.programs import NAMES, ROOT, DidNotStart
from examples.demo.stay import invite
from examples.demo.story import Story, StoryFailed


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument(
        "--once", action="store_true", help="end after the story; the last line of output is one JSON object"
    )
    parser.add_argument("--lan", action="store_true", help="https under this machine's name, for real phones")
    parser.add_argument(
        "--name", default="", help="with --lan: the name that phones use (default: this machine's, .local)"
    )
    parser.add_argument("--data", type=Path, default=ROOT / ".data" / "demo", help="data folder; emptied first")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    # With --once the last line is for programs; everything else goes where people look.
    console = Console(stderr=options.once, width=None if sys.stdout.isatty() else 140)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.perf_counter()
    shutil.rmtree(options.data, ignore_errors=True)
    cast = lan_cast(options.data, name=options.name) if options.lan else make_cast(options.data)
    outcome: dict[str, object] = {"ok": False}
    story: Story | None = None
    cards = ExitStack()
    try:
        console.print("[bold]Tegata[/]: issuer, wallet agent and verifier, each its own process with its own database")
        cast.introduce()
        cast.start()
        outcome["healthy_after"] = round(time.perf_counter() - began, 2)
        for name in NAMES:
            console.print(f"  {name:9} {cast.programs[name].url}", highlight=False)
        story = Story(cast, console)
        story.walk()
        # Here, since cards bring ASN.1, pictures and certificates with them, and three programs wait to be started.
        from common.adapters.logs import set_up_logs
        from examples.demo.card_act import CardAct
        from examples.demo.city import City
        from examples.demo.gate_act import GateAct
        from examples.demo.venue import Organiser

        set_up_logs("warning", "demo")
        city = cards.enter_context(City(cast))
        CardAct(story, city).walk()
        outcome["reader"] = city.reader.what
        organiser = Organiser(cast, city.token)
        cards.callback(organiser.http.close)
        GateAct(story, organiser).walk()
        outcome["ok"] = True
        if not options.once:
            invite(cast, console)
            console.print(f"  {'city':10} {cast.issuer.url}/{CITY}/staff/events", highlight=False, soft_wrap=True)
            console.print(f"  {'':10} token {city.token}", highlight=False, soft_wrap=True)
            if city.reader.environment:
                from examples.demo.kiosk_page import stay_at_kiosk

                stay_at_kiosk(city, console)
            threading.Event().wait()
    except KeyboardInterrupt:
        console.print("\nstopping")
    except (StoryFailed, NotDone, DidNotStart, CalledProcessError, TegataError, OSError) as failure:
        said = getattr(failure, "stderr", None) or ""
        console.print(f"\n[bold red]The demo stopped:[/] {failure}\n{said}", highlight=False, markup=True)
        console.print(f"Logs of the programs: {options.data}", highlight=False)
        outcome["error"] = str(failure)
    finally:
        cards.close()
        if story:
            story.hang_up()
        outcome["exit_status"] = cast.stop()
        outcome["steps"] = [dataclasses.asdict(step) for step in story.steps] if story else []
        outcome["seconds"] = round(time.perf_counter() - began, 2)
    if options.once:
        print(json.dumps(outcome, ensure_ascii=False), flush=True)
    return 0 if outcome["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
