"""The evidence model: facts stay apart, come back from JSON as they were, and name nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.cards.contract import Authenticated
from common.cards.evidence import (
    Answer,
    Environment,
    Evidence,
    Finding,
    Origin,
    OriginKind,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
    failed,
    not_checked,
    not_offered,
    proven,
)
from common.cards.evidence_json import build_evidence, parse_evidence
from common.errors import Malformed

NOON = 1_700_000_000
JPKI = SourceEvidence(
    source="jpki_signature",
    origins=(
        Origin(claim="name", kind=OriginKind.SIGNED_TEXT, file="jpki/0001", signed_by="jpki_signature_ca"),
        Origin(claim="age_over_20", kind=OriginKind.SIGNED_TEXT, file="jpki/0001", signed_by="ca", derived=True),
    ),
    data_authenticity=proven("certificate_chain"),
    chip_genuineness=proven("possession_signature"),
    holder_verification=proven("password"),
    revocation=RevocationFinding(
        answer=RevocationAnswer.GOOD, source="ocsp", checked_at=NOON, this_update=NOON - 7201, next_update=NOON + 7200
    ),
    trust_anchor=Environment.PRODUCTION,
    anchor="sha256:ab12",
    unexamined=("holder_present",),
)
TEXT = SourceEvidence(
    source="text",
    origins=(Origin(claim="address", kind=OriginKind.SIGNED_TEXT, file="text/0002", signed_by="text_issuer"),),
    data_authenticity=proven("integrity_record"),
    chip_genuineness=not_checked("no_answer"),
    holder_verification=proven("pin"),
    revocation=RevocationFinding(answer=RevocationAnswer.NOT_OFFERED, reason="no_revocation_service"),
    trust_anchor=Environment.PRODUCTION,
)
WHOLE = Evidence(card="my_number", read_at=NOON, sources=(JPKI, TEXT))


def test_it_comes_back_as_it_was() -> None:
    assert parse_evidence(build_evidence(WHOLE, resolution=1)) == WHOLE


def test_in_a_credential_times_are_floored_to_the_hour() -> None:
    first = build_evidence(WHOLE)[0]
    assert first["read_at"] == "2023-11-14T22:00:00Z"
    assert first["revocation"]["this_update"] == "2023-11-14T20:00:00Z"
    assert parse_evidence(build_evidence(WHOLE)).read_at == NOON - NOON % 3600


def test_not_checked_and_failed_and_not_offered_are_three_answers() -> None:
    told = build_evidence(
        replace(
            WHOLE,
            sources=(
                replace(TEXT, chip_genuineness=failed("card_challenge", "bad_signature")),
                replace(JPKI, source="other", origins=(), chip_genuineness=not_offered("no_key")),
            ),
        )
    )
    assert told[0]["chip_genuineness"] == {"answer": "failed", "by": "card_challenge", "reason": "bad_signature"}
    assert told[1]["chip_genuineness"] == {"answer": "not_offered", "reason": "no_key"}
    assert build_evidence(WHOLE)[1]["chip_genuineness"] == {"answer": "not_checked", "reason": "no_answer"}


def test_what_nobody_looked_at_is_listed() -> None:
    assert TEXT.not_checked == ("chip_genuineness",)
    assert JPKI.not_checked == ("holder_present",)
    unasked = replace(JPKI, revocation=RevocationFinding(answer=RevocationAnswer.NOT_CHECKED, reason="no_source"))
    assert unasked.not_checked == ("revocation", "holder_present")


@pytest.mark.parametrize(
    ("anchors", "environment"),
    [
        ((Environment.PRODUCTION, Environment.PRODUCTION), Environment.PRODUCTION),
        ((Environment.PRODUCTION, Environment.TEST), Environment.TEST),
        ((Environment.TEST, Environment.NONE), Environment.TEST),
        ((Environment.PRODUCTION, Environment.NONE), Environment.NONE),
    ],
)
def test_one_test_root_makes_the_whole_a_test(
    anchors: tuple[Environment, Environment], environment: Environment
) -> None:
    sources = (replace(JPKI, trust_anchor=anchors[0]), replace(TEXT, trust_anchor=anchors[1]))
    assert replace(WHOLE, sources=sources).environment is environment


def test_evidence_of_nothing_is_not_of_production() -> None:
    assert replace(WHOLE, sources=()).environment is Environment.NONE


def test_a_credential_tells_only_of_the_claims_it_holds() -> None:
    reduced = WHOLE.of_claims({"age_over_20"})
    assert [source.source for source in reduced.sources] == ["jpki_signature"]
    assert [origin.claim for origin in reduced.sources[0].origins] == ["age_over_20"]
    assert "name" not in str(build_evidence(reduced))


def test_a_source_of_no_claims_speaks_of_the_card_if_it_is_authentic() -> None:
    card = replace(JPKI, source="jpki_authentication", origins=())
    broken = replace(card, source="surface", data_authenticity=failed("face_record", "altered"))
    kept = replace(WHOLE, sources=(TEXT, card, broken)).of_claims({"address"})
    assert [source.source for source in kept.sources] == ["text", "jpki_authentication"]


def test_a_claim_has_one_source_and_every_claim_an_origin() -> None:
    with pytest.raises(ValueError, match="one source"):
        replace(WHOLE, sources=(TEXT, replace(TEXT, source="again")))
    with pytest.raises(ValueError, match="origin"):
        Authenticated(claims={"name": "x"}, evidence=WHOLE)
    with pytest.raises(KeyError):
        WHOLE.source_of("photo")
    assert WHOLE.source_of("address") is TEXT


def test_claims_are_not_printed() -> None:
    evidence = Evidence(card="x", read_at=NOON, sources=(replace(JPKI, origins=JPKI.origins[:1]),))
    assert "gulliver" not in repr(Authenticated(claims={"name": "gulliver"}, evidence=evidence))


def test_a_reason_stands_with_every_answer_but_proven() -> None:
    with pytest.raises(ValueError, match="reason"):
        Finding(answer=Answer.FAILED)
    with pytest.raises(ValueError, match="reason"):
        Finding(answer=Answer.PROVEN, reason="because")


def test_others_evidence_beside_ours_is_passed_over() -> None:
    others = {"type": "DocumentCheck", "anything": [1]}
    assert parse_evidence([others, *build_evidence(WHOLE, resolution=1)]) == WHOLE


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told[0].update(trust_anchor="government"),
        lambda told: told[0].update(read_at="yesterday"),
        lambda told: told[0].update(read_at="2023-02-30T00:00:00Z"),
        lambda told: told[0].pop("revocation"),
        lambda told: told[0]["chip_genuineness"].update(answer="maybe"),
        lambda told: told[0]["chip_genuineness"].update(answer="failed"),
        lambda told: told[0]["origins"].extend(told[1]["origins"]),
        lambda told: told[0].update(card="passport"),
        lambda told: told[0].update(origins=[{}] * 129),
        lambda told: told[0]["origins"][0].update(derived="yes"),
        lambda told: told[0].update(anchor="<script>"),
        lambda told: told[0].update(type=["Another"]) or told[1].update(type="Another"),
        lambda told: told.extend(told * 20),
    ],
    ids=[
        *("anchor_kind", "time", "no_such_day", "no_revocation", "answer", "failed_without_reason", "claim_twice"),
        *("two_cards", "too_many", "derived", "markup", "none_of_ours", "too_many_sources"),
    ],
)
def test_what_is_not_evidence_is_malformed(spoil) -> None:  # type: ignore[no-untyped-def]
    told = build_evidence(WHOLE)
    spoil(told)
    with pytest.raises(Malformed):
        parse_evidence(told)


@pytest.mark.parametrize("value", [None, "x", 3, [], [1], {}, {"type": ["ChipEvidence"]}], ids=repr)
def test_nor_is_another_thing(value: object) -> None:
    with pytest.raises(Malformed):
        parse_evidence(value)
