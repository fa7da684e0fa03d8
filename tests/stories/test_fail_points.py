"""Every fail-point of the source is played in a scene: a new commit or send without one fails here."""

from __future__ import annotations

import re

from examples.demo.programs import ROOT
from tests.issuer.events.test_killed import EVENT_POINTS
from tests.issuer.test_cards_killed import CARD_POINTS
from tests.issuer.test_key_certificates import DOCUMENT_POINTS
from tests.issuer.test_reissue_roll import ROLL_POINTS
from tests.issuer.test_time_stamps_killed import STAMP_POINTS
from tests.issuer.test_transcript import COURSE_POINTS
from tests.issuer.test_vc_api_killed import DOCUMENT_API_POINTS
from tests.stories.test_crashes import SCENES, stem
from tests.stories.test_crashes_of_commands import ERRANDS, MAIL_POINTS
from tests.stories.test_crashes_of_did_logs import DID_POINTS
from tests.stories.test_crashes_of_keys import KEY_POINTS
from tests.verifier.gate.test_crash import JOURNAL_POINTS
from tests.verifier.gate.test_hub_killed import GATE_POINTS
from tests.wallet_agent.holder.test_passes import PASS_POINTS

COMMIT = re.compile(r"""transaction\(\s*[\w.]*database,\s*f?"([^"]+)\"""")
SEND = re.compile(r"""\bhit\(f?"([^"]+)"\)""")
SPELT_OUT = {
    "offer_{state.state}": {f"offer_{state}" for state in ("received", "authorised", "requesting", "stored", "done")},
    "request_{state.state}": {f"request_{state}" for state in ("answered", "refused", "uncertain")},
    "offer_{stored.state}": {"offer_stored"},
    "{name}": set(),  # what `transaction` does with the names above
}
AT_THE_START = {"migration"}
"""Played by `test_death_at_the_start`."""


def test_every_fail_point_has_its_scene() -> None:
    played = (
        AT_THE_START
        | MAIL_POINTS
        | KEY_POINTS
        | DID_POINTS
        | {
            *ROLL_POINTS,
            *STAMP_POINTS,
            *DOCUMENT_POINTS,
            *DOCUMENT_API_POINTS,
            *COURSE_POINTS,
            *CARD_POINTS,
            *EVENT_POINTS,
            *GATE_POINTS,
            *JOURNAL_POINTS,
            *PASS_POINTS,
        }
    )
    played |= {name for scene in SCENES.values() for name in scene.points}
    played |= {name for errand in ERRANDS for name in errand.points}
    assert in_source() == played


def in_source() -> set[str]:
    names: set[str] = set()
    for room in ("common", "issuer", "verifier", "wallet_agent"):
        for file in (ROOT / room).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            for name in COMMIT.findall(text) + [stem(found) for found in SEND.findall(text)]:
                names |= SPELT_OUT.get(name, {name})
    return names
