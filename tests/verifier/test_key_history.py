"""A verdict by the life of the issuer's key, over the whole way: published by the issuer, found, judged, told."""

from __future__ import annotations

from typing import Any

import pytest

from common.did.document import build_document
from common.did.timestamps import write_timestamp
from common.encoding import compact_json
from common.keys.history import KeyEntry
from common.keys.software import SoftwareKey
from common.trust.issuer_metadata import build_issuer_metadata, metadata_address
from tests.verifier.world import ISSUER, ISSUER_DID, World, checks_of
from verifier.checks.contract import Wanted
from verifier.checks.registry import CHECKS
from verifier.flows.examine import Shown, examine_credential, open_credential
from verifier.flows.judge import Asked, judge
from verifier.flows.policy import Policy
from verifier.flows.reach_verdict import gather_facts

DAY = 86_400
DID_ADDRESS = "https://issuer.example/sakuragawa/did.json"


def publish(small_world: World, **life: int) -> SoftwareKey:
    """The issuer has a new key; the life of the old one is told in both places. Returns the old one."""
    old, new = small_world.issuer_key, SoftwareKey.generate()
    keys = [new.public_jwk(), old.public_jwk()]
    history = {old.kid: KeyEntry(key_id=old.kid, **life)}
    small_world.fetch.pages[metadata_address(ISSUER)] = compact_json(build_issuer_metadata(ISSUER, keys, history))
    document = build_document(ISSUER_DID, keys, history=history)
    if "retired_at" in life:  # ours do not say so in a DID document; others may
        document["verificationMethod"][1]["expires"] = write_timestamp(life["retired_at"])
    small_world.fetch.pages[DID_ADDRESS] = compact_json(document)
    small_world.issuer_key = new
    small_world.publish_status(0)
    return old


QUERY_OF = {"dc+sd-jwt": "enrolment_sd_jwt", "jwt_vc_json": "enrolment_jwt"}
FORMATS = tuple(QUERY_OF)


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize(
    ("life", "reason"),
    [
        ({}, "signed"),
        ({"retired_at": -60}, "signed_by_rotated_key"),
        ({"retired_at": -2 * DAY}, "key_retired"),
        ({"compromised_since": -60}, "key_compromised"),
        ({"compromised_since": -60, "retired_at": -60}, "key_compromised"),
    ],
)
def test_what_an_old_key_signed(small_world: World, format_name: str, life: dict[str, int], reason: str) -> None:
    """The credential is an hour old and says so."""
    now = small_world.clock.now()
    old = publish(small_world, **{name: now + offset for name, offset in life.items()})
    verdict = small_world.verdict_of(small_world.issue(format_name, key=old), query_id=QUERY_OF[format_name])
    good = reason.startswith("signed")
    assert checks_of(verdict)["issuer_signature"] == ("passed" if good else "failed", reason)
    assert verdict["accepted"] is good


@pytest.mark.parametrize("format_name", FORMATS)
def test_what_is_proven_to_be_older_than_the_compromise_stands(small_world: World, format_name: str) -> None:
    now = small_world.clock.now()
    old = publish(small_world, compromised_since=now - 60)
    text = small_world.issue(format_name, key=old)
    gatherer = small_world.deps.gatherer
    opened = open_credential(Shown(query_id="text", format=format_name, text=text))
    sought = gatherer.seek_key(opened.hint, now=now)
    assert sought.found is not None
    examined = examine_credential(opened, sought.found.key, now=now)

    def verdict(proven_before: int | None) -> tuple[Any, ...]:
        facts = gather_facts(gatherer, sought, examined, now=now, proven_before=proven_before)
        asked = Asked(
            question="check",
            wanted=(Wanted(query_id="text", format=format_name, types=(), claims=()),),
            sets=((("text",),),),
        )
        found = judge((examined,), CHECKS, (facts,), now, asked=asked, policy=Policy(required=("issuer_signature",)))
        return found.accepted, found.presentations[0].checks[0].reason

    assert verdict(now - 61) == (True, "signed_before_compromise")
    assert verdict(now - 60) == (False, "key_compromised")
    assert verdict(None) == (False, "key_compromised")


def test_a_compromised_key_cannot_say_that_nothing_is_revoked(small_world: World) -> None:
    text = small_world.issue()
    old = publish(small_world, compromised_since=small_world.clock.now() - 60)
    small_world.publish_status(0, key=old)
    assert checks_of(small_world.verdict_of(small_world.issue()))["not_revoked"][0] == "undetermined"
    assert checks_of(small_world.verdict_of(text))["issuer_signature"] == ("failed", "key_compromised")
