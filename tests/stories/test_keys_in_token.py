"""The main job by an institution whose keys live in a PKCS#11 token: issued, held, presented, rotated, withdrawn. No key ever left it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.softhsm import PIN, SoftHsm
from tests.stories.stage import Stage, open_stage, set_up, wait_for_status


@pytest.fixture
def hsm_stage(softhsm: SoftHsm, tmp_path: Path) -> Iterator[Stage]:
    pin = tmp_path / "pin"
    pin.write_text(f"{PIN}\n")
    pin.chmod(0o600)
    settings = {name: str(value) for name, value in softhsm.settings().items() if name != "pkcs11_pin"}
    cast = set_up(tmp_path / "cast", extra={"issuer": settings | {"pkcs11_pin_file": str(pin)}})
    yield open_stage(cast)
    cast.stop()


def keys(stage: Stage) -> list[dict[str, Any]]:
    """Those for ES256, which the two formats here are signed with."""
    found: list[dict[str, Any]] = json.loads(stage.cast.issuer.command("key", "list", "--json"))["keys"]
    assert {key["backend"] for key in found} == {"pkcs11"}
    return [key for key in found if key["alg"] == "ES256"]


def test_the_main_job_from_a_token(hsm_stage: Stage) -> None:
    stage, student = hsm_stage, hsm_stage.student()
    (first,) = keys(stage)
    assert (first["backend"], first["alg"]) == ("pkcs11", "ES256")
    cards = {form: stage.claim(student, formats=(form,))[0] for form in ("dc+sd-jwt", "jwt_vc_json")}
    for card in cards.values():
        assert stage.ask(student, card=card)["answer"] == "passed"

    # rotated in the token; what the old key signed still passes, and so does what the new one signs
    rotated = json.loads(stage.cast.issuer.command("key", "rotate", "--overlap", "0", "--json"))
    for program in (stage.cast.issuer, stage.cast.verifier):  # without an overlap everybody's memory must end first
        program.stop()
        program.start()
        program.wait()
    (fresh,) = stage.claim(student)
    assert {key["kid"]: (key["state"], key["backend"]) for key in keys(stage)} == {
        rotated["kid"]: ("active", "pkcs11"),
        first["kid"]: ("retired", "pkcs11"),
    }
    for card in (*cards.values(), fresh):
        assert stage.ask(student, card=card)["answer"] == "passed"

    # withdrawn: the status list is signed in the token, too
    number = next(stage.roll)
    made = stage.registrar.offer(number)
    offer = student.receive(made["link"])
    (card,) = student.accept(offer["id"], made["tx_code"])["card_ids"]
    stage.registrar.withdraw(number)
    wait_for_status()
    assert stage.ask(student, card=card)["answer"] == "failed"

    # neither a private key nor the PIN stands anywhere in the program's folder
    with sqlite3.connect(stage.cast.folder / "issuer" / "issuer.sqlite3") as database:
        assert database.execute("SELECT DISTINCT backend, length(sealed) FROM signingkey").fetchall() == [("pkcs11", 0)]
    assert stage.cast.issuer.command("settings").count(PIN) == 0
    for file in stage.cast.folder.rglob("*"):
        assert not file.is_file() or PIN.encode() not in file.read_bytes()
