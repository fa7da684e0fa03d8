"""`tegata sandbox cards --walk`: every virtual card before a kiosk and an issuer of its own, right and wrong."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner

from common.cards.evidence import (
    Environment,
    Evidence,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
    not_offered,
    proven,
)
from examples.cards.registry import CARDS, Dealt
from examples.demo.programs import Program
from examples.sandbox import walk as walking
from examples.sandbox.counter import Visit
from issuer.kiosk.issuer_desk import Accepted
from tests.cards.sandbox import sandbox


def walk(folder: Path, *names: str) -> int:
    cards = [(CARDS[name], CARDS[name].holders[0]) for name in names or CARDS]
    return walking.walk(cards, folder, real=False, authorities=sandbox())


def test_every_card_is_told_from_a_wrong_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert walk(tmp_path) == 0
    told = capsys.readouterr().out
    for card in CARDS.values():
        assert f"■ {card.ja} / {card.en}" in told
        assert f"╳ {walking.WRONG[card.name]}" in told
    assert told.count("なし / nothing") == len(CARDS), "each wrong one, and none of the right ones"
    for finding in (
        "本物のチップ / chip genuine         偽 / FAILED (active_authentication",
        "本物のチップ / chip genuine         確認 / proven (pace_cam)",
        "本物のチップ / chip genuine         確認 / proven (bound_my_number_chip)",
        "本物のチップ / chip genuine         手段なし / not offered by this card (no_challenge)",
        "内容の署名 / data authentic         偽 / FAILED (passive_authentication, digest_differs)",
        "信頼の起点 / trust anchor           信頼するものなし / none that we believe",
        "失効 / revocation                   失効していない / good (crl)",
        "発行できる / may be issued: 本人確認証明書 identity, 年齢証明書 age",
        "(chip_not_genuine: 本物のICチップであることを確かめられませんでした。",
        "5 tries left 残り5回",
    ):
        assert finding in told
    findings = [line for line in told.splitlines() if line.startswith("    ")]
    assert len(findings) > 5 * len(CARDS)
    for line in findings:
        assert " / " in line, "in one language only"
    assert told.rstrip().endswith("told apart")
    for secret in ("ABC123", "山田", "YAMADA"):
        assert secret not in told, "nothing of a card's data"


class Gullible:
    """A counter whose issuer finds the same of every card."""

    def serve(self, dealt: Dealt, **_: object) -> Visit:
        del dealt
        source = SourceEvidence(
            source="driving_licence",
            origins=(),
            data_authenticity=proven("police_signature"),
            chip_genuineness=not_offered("no_challenge"),
            holder_verification=proven("pin"),
            revocation=RevocationFinding(answer=RevocationAnswer.NOT_OFFERED, reason="no_service"),
            trust_anchor=Environment.TEST,
        )
        evidence = Evidence(card="driving_licence", read_at=0, sources=(source,))
        found = Accepted(
            card="driving_licence",
            environment="test",
            claims={},
            evidence=evidence,
            types=("age",),
            refusals={},
            holds={},
        )
        return Visit(seen=(), types=("age",), accepted=found, offer=None, trouble=None)

    def close(self) -> None:
        return None


@pytest.mark.parametrize("fault", ["clone", "altered_entries"], ids=["leaves no trace", "is not seen"])
def test_a_wrong_card_that_nobody_noticed_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(walking, "WRONG", {"driving-licence": fault})
    issuer = Program(name="issuer", url="http://localhost", folder=tmp_path, environment={})
    monkeypatch.setattr(walking, "_issuer", lambda folder: nullcontext((issuer, "token")))
    monkeypatch.setattr(walking, "_open_counter", lambda *_: Gullible())
    assert walk(tmp_path, "driving-licence") == 1
    assert "1 / 1: 正しく見分けられなかった" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["tarot"], "no such card: tarot"),
        (["passport", "--holder", "nobody"], "nobody has no passport"),
    ],
    ids=["card", "holder"],
)
def test_words_that_mean_nothing(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        walking.main(words, program="tegata sandbox cards")
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_the_command_leads_there() -> None:
    from tegata import build

    done = CliRunner().invoke(build("sandbox"), ["sandbox", "cards", "--walk", "--help"])
    assert "tegata sandbox cards --walk" in done.output
    listed = CliRunner().invoke(build("sandbox"), ["sandbox", "cards"])
    assert "--walk" in listed.output


def test_each_card_has_something_wrong_that_can_be_noticed() -> None:
    assert walking.WRONG.keys() == CARDS.keys()
    for name, fault in walking.WRONG.items():
        (row,) = [each for each in CARDS[name].faults if each.name == fault]
        assert row.becomes, "one that leaves no trace says nothing of the reader"
