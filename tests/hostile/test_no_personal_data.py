"""Logs, metrics and the audit record name nobody: no name, birth date or mail address of a student, and no secret of anybody's.

Every route of the three programs is used as its owner and as a stranger, with the real logging, and then everything that an operator
would collect is searched.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.issuer_place import open_issuer
from tests.hostile.residents import Place
from tests.hostile.verifier_place import open_verifier
from tests.hostile.wallet_place import open_wallet

PERSONAL = (
    "髙橋", "花子", "タカハシ", "ハナコ", "Takahashi", "Hanako", "TAKAHASHI", "2005-04-02", "hanako@example.jp",
    "𠮷田", "Yoshida", "taro@example.jp", "2010-01-31", "星野", "桃子", "Hoshino", "Momoko", "2004-02-29", "momoko@momoyama.example",
    "岩城", "Iwaki", "S001", "M001", "1999-08-07", "鳴海", "Narumi", "2005-04-01",
)  # fmt: skip
NUMBERS = ("S001", "M001")
"""So short that one stands within some random identifier now and then: they are looked for as words."""
OPEN: dict[str, Callable[[Path], Place]] = {"issuer": open_issuer, "verifier": open_verifier, "wallet": open_wallet}


def use_everything(place: Place) -> None:
    for door in place.all_doors():
        if door.path.endswith("/events"):
            continue
        ids = {**place.a.ids, "name": "enrolment"}
        for by in ("nobody", "page" if door in place.page_doors() else "api"):
            place.knock(door, place.a, at=place.a.slug, ids=ids, by=by)
            if door.method == "GET":
                address = door.address(place.a.slug, ids)
                place.client.get(
                    address, params={"q": "髙橋", "query": "Hoshino", "birth": "2005-04-02"}, headers=place.a.headers
                )


def audit_rows(place: Place) -> str:
    found: list[Any] = []
    for who in (place.a, place.b):
        for table, rows in place.rows_of(who.slug).items():
            if "audit" in table:
                found += rows
    return repr(found)


@pytest.mark.parametrize("name", list(OPEN))
def test_nobody_is_named(name: str, tmp_path: Path, real_logs: io.StringIO) -> None:
    place = OPEN[name](tmp_path)
    try:
        use_everything(place)
        logs = real_logs.getvalue()
        metrics = place.client.get("/metrics").text
        audit = audit_rows(place)
    finally:
        place.close()
    assert logs.count('"event": "request"') > 40
    assert len(audit) > 200
    secrets = {
        value
        for who in (place.a, place.b)
        for key, value in who.known.items()
        if len(value) >= 20 and key != "notification_id"
    }
    secrets |= {who.ids[key] for who in (place.a, place.b) for key in ("reference", "claim_token") if key in who.ids}
    for where, text in (("logs", logs), ("metrics", metrics), ("audit", audit)):
        for word in (*PERSONAL, *secrets):
            found = re.search(rf"(?<![\w-]){word}(?![\w-])" if word in NUMBERS else re.escape(word), text)
            at = found.start() if found else -1
            assert at < 0, f"{where} of the {name}: …{text[max(0, at - 200) : at + 60]}…"
    assert "Traceback" not in logs, logs[logs.find("Traceback") - 1500 :][:3000]
