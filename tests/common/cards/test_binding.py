"""Putting a document and its holder together, finding by finding, without a card."""

from __future__ import annotations

import pytest

from common.cards.binding import NOT_BOUND, SharedSession, bind_to_holder
from common.cards.contract import Authenticated
from common.cards.evidence import (
    BOUND,
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
from common.errors import Refused, Rejected

OWN, RELAYED = SharedSession.OWN_READER, SharedSession.RELAYED


def made(
    card: str, claims: dict[str, str | int], *, chip: Finding, data: Finding | None = None, read_at: int = 10
) -> Authenticated:
    origins = tuple(Origin(claim=name, kind=OriginKind.SIGNED_TEXT, file="f", signed_by="s") for name in claims)
    source = SourceEvidence(
        source=card,
        origins=origins,
        data_authenticity=data or proven("signature"),
        chip_genuineness=chip,
        holder_verification=proven("pin"),
        revocation=RevocationFinding(answer=RevocationAnswer.NOT_OFFERED),
        trust_anchor=Environment.PRODUCTION,
    )
    return Authenticated(claims=claims, evidence=Evidence(card=card, read_at=read_at, sources=(source,)))


def document(**claims: str | int) -> Authenticated:
    return made("mynumber_licence", {"expiry_date": "2029-01-01", **claims}, chip=not_checked(NOT_BOUND))


def holder(chip: Finding, claims: dict[str, str | int] | None = None, *, data: Finding | None = None) -> Authenticated:
    return made("my_number", {"name": "山田　花子", **(claims or {})}, chip=chip, data=data, read_at=5)


@pytest.mark.parametrize(
    ("chip", "data", "session", "found"),
    [
        (proven("possession"), None, OWN, proven(BOUND)),
        (proven("possession"), None, RELAYED, not_checked("relayed_session", BOUND)),
        (proven("possession"), failed("chain", "expired"), OWN, not_checked("holder_not_proven", BOUND)),
        (not_checked("not_asked"), None, OWN, not_checked("holder_not_proven", BOUND)),
        (not_offered("no_key"), None, OWN, not_checked("holder_not_proven", BOUND)),
        (failed("possession", "bad_signature"), None, OWN, failed(BOUND, "chip_not_genuine")),
        (failed("possession", "bad_signature"), None, RELAYED, failed(BOUND, "chip_not_genuine")),
    ],
)
def test_the_chip_is_as_genuine_as_the_holder_s(
    chip: Finding, data: Finding | None, session: SharedSession, found: Finding
) -> None:
    told = bind_to_holder(document(), holder(chip, data=data), session=session)
    assert told.evidence.sources[0].chip_genuineness == found
    assert told.evidence.sources[1].chip_genuineness == chip, "the holder's own evidence stays as it is"


def test_claims_of_both_and_the_older_time() -> None:
    told = bind_to_holder(
        document(birth_date="1990-03-03"), holder(proven("p"), {"birth_date": "1990-03-03"}), session=OWN
    )
    assert dict(told.claims) == {"expiry_date": "2029-01-01", "name": "山田　花子", "birth_date": "1990-03-03"}
    assert told.evidence.source_of("birth_date").source == "my_number"
    assert (told.evidence.card, told.evidence.read_at) == ("mynumber_licence", 5)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({"birth_date": "1990-03-03"}, {"birth_date": "1990-03-04"}),
        ({"birth_date_incomplete": "1990-03-00"}, {"birth_date_incomplete": "1991-03-00"}),
        ({"sex": 1}, {"sex": 2}),
    ],
)
def test_two_people(theirs: dict[str, str | int], ours: dict[str, str | int]) -> None:
    with pytest.raises(Rejected) as refused:
        bind_to_holder(document(**theirs), holder(proven("p"), ours), session=OWN)
    assert refused.value.reason == "wrong_holder"


@pytest.mark.parametrize("sex", [0, 9])
def test_a_sex_that_is_not_known_contradicts_nothing(sex: int) -> None:
    bind_to_holder(document(sex=sex), holder(proven("p"), {"sex": 2}), session=OWN)


def test_one_session_at_least() -> None:
    with pytest.raises(Refused, match="not_one_session"):
        bind_to_holder(document(), holder(proven("p")), session=SharedSession.SEPARATE)


@pytest.mark.parametrize("chip", [not_offered("no_challenge"), not_checked("other"), proven("active_authentication")])
def test_only_what_waits_to_be_bound_is(chip: Finding) -> None:
    with pytest.raises(Refused, match="nothing_to_bind"):
        bind_to_holder(made("driving_licence", {"name": "n"}, chip=chip), holder(proven("p")), session=OWN)
