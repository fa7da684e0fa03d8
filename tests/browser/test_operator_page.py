"""The operator's page of a venue in a real Chromium: on a phone and a desk, by keyboard alone, light and dark, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from common.errors import Refused
from common.gate.journal_entry import Kind
from common.pages.language import Language
from tests.browser.gate_looks import faults_of
from tests.browser.operator_site import EVENT, TWICE, Hub, open_hub
from tests.browser.visitor import Device, Visitor, visit
from tests.verifier.gate.venue import SIGNER
from verifier.cli.gate_desk import VENUE
from verifier.gate.packs import load_pack, require_event

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(180)]
PAGE = f"/{VENUE}/gate/{EVENT}"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with open_hub(tmp_path) as opened:
        yield opened


def w(visitor: Visitor, key: str, **values: object) -> str:
    return visitor.words("verifier", key, **values)


def come(browser: Browser, hub: Hub, language: Language, device: Device, shots: Path | None = None) -> Visitor:
    """An operator who has logged in."""
    visitor = visit(browser, language, device, shots=shots)
    visitor.go(f"{hub.address}/gate/operator")
    visitor.fill(w(visitor, "login.token"), hub.token)
    visitor.press(w(visitor, "login.button"))
    assert visitor.heading() == w(visitor, "gate_hub.title")
    return visitor


def look(visitor: Visitor, name: str) -> None:
    """A picture and every fault, by day and in the dark."""
    for dark in (False, True):
        visitor.page.emulate_media(color_scheme="dark" if dark else "light")
        if visitor.shots is not None:
            shot = f"{visitor.language}-{visitor.device}-{name}-{'dark' if dark else 'light'}.png"
            visitor.page.screenshot(path=visitor.shots / shot, full_page=True)
        assert faults_of(visitor.page) == [], f"{name}, {'dark' if dark else 'light'}"


@pytest.mark.parametrize(
    ("language", "device"),
    [("ja", "phone"), ("en", "phone"), *(pytest.param(one, "desk", marks=pytest.mark.slow) for one in ("ja", "en"))],
)
def test_an_evening_at_the_hub(browser: Browser, hub: Hub, shots: Path, language: Language, device: Device) -> None:
    visitor = come(browser, hub, language, device, shots)
    page = visitor.page
    visitor.see(w(visitor, "gate_hub.none"))
    look(visitor, "gate-none")
    for data, signer in ((b"nonsense", ""), (hub.signed(), "")):
        take_pack(visitor, data, signer)
        expect(page.locator(".notice.bad")).to_be_visible()
    visitor.see(w(visitor, "gate_hub.wrong.unknown_signer"))
    look(visitor, "gate-load-wrong")
    take_pack(visitor, hub.signed(), SIGNER.hex())
    assert visitor.heading() == hub.pack().names[language]
    hub.spend_the_evening()
    expect(page.get_by_role("status")).to_contain_text(str(people(hub)))  # it came by itself
    look(visitor, "gate-event")
    check_charts(visitor)
    check_conflict(visitor, hub)
    visitor.see(w(visitor, "gate_hub.hub_only", count=2))
    visitor.see(w(visitor, "gate_hub.waiting", names="西口スマートフォン"))
    # a newer pack, pushed
    visitor.press(w(visitor, "gate_hub.title"))
    take_pack(visitor, hub.signed(2))
    expect(page.locator("#live")).to_contain_text(w(visitor, "gate_hub.facts", serial=2, age="1").split("1")[0])
    assert require_event(VENUE, EVENT).pack.serial == 2
    answer = page.request.get(f"{hub.address}/gate/{EVENT}/delta?from=1")
    assert answer.status == 404, "gates take the whole pack"
    assert page.request.get(f"{hub.address}/gate/{EVENT}/pack").headers["etag"] == '"2"'
    take_pack_again_is_refused(visitor, hub)


def people(hub: Hub) -> int:
    """All that came in: of both gates without the one taken back, and the two of whom only the hub knows."""
    ins = sum(1 for chain in (hub.north, hub.south) for _ in chain.entries) - 3
    return ins - 1 + 2


def take_pack(visitor: Visitor, data: bytes, signer: str = "") -> None:
    page = visitor.page
    page.locator("input[type=file]").set_input_files(
        {"name": f"{EVENT}.tgpack", "mimeType": "application/octet-stream", "buffer": data}
    )
    page.locator("#field-signer").fill(signer)
    visitor.press(w(visitor, "gate_hub.load_button"))


def take_pack_again_is_refused(visitor: Visitor, hub: Hub) -> None:
    visitor.press(w(visitor, "gate_hub.title"))
    take_pack(visitor, hub.signed(1))
    visitor.see(w(visitor, "gate_hub.wrong.pack_rolled_back"))


def check_charts(visitor: Visitor) -> None:
    """Each says in words what it draws; the picture is one thing to a screen reader."""
    charts = visitor.page.locator("#live section svg[role=img]")
    assert charts.count() == 2
    for chart, name in zip(
        charts.all(), ("北口", "南口") if visitor.language == "ja" else ("North", "South"), strict=True
    ):
        assert chart.get_attribute("role") == "img"
        label = chart.get_attribute("aria-label") or ""
        assert name in label
        numbers = [int(number) for number in re.findall(r"\d+", label)]
        assert numbers[-1] >= 1
        assert chart.locator("rect").count() > 10
        box = chart.bounding_box()
        assert box is not None
        assert box["height"] >= 60, "to be seen at arm's length"


def check_conflict(visitor: Visitor, hub: Hub) -> None:
    """Both gates and both times."""
    row = visitor.page.locator("#live section", has=visitor.page.get_by_text(TWICE.to_bytes(8, "big").hex()))
    text = row.inner_text()
    for name in ("北口 1", "南口 1"):
        assert name in text
    assert len(set(re.findall(r"\d{1,2}:\d{2}:\d{2}", text))) == 2, text


def test_a_lost_device_is_locked_by_keyboard_alone(browser: Browser, hub: Hub) -> None:
    load_pack(VENUE, hub.signed(), now=hub.deps.clock.now(), signer=SIGNER)
    hub.spend_the_evening()
    visitor = come(browser, hub, "en", "desk")
    page, keys = visitor.page, visitor.page.keyboard
    visitor.go(hub.address + PAGE)
    wanted = w(visitor, "gate_hub.lock_ask", name="Handy 3")
    walk_to(visitor, wanted)
    hub.north.write(Kind.IN, 90_000, 0)
    hub.meet(hub.north)
    expect(page.get_by_role("status")).to_contain_text(str(people(hub)), timeout=15_000)
    assert focused(visitor) == wanted, "a page that changes leaves the hand where it is"
    keys.press("Enter")
    page.wait_for_url("**lock=**")
    visitor.see(w(visitor, "gate_hub.lock_lead"))
    assert faults_of(page) == []
    walk_to(visitor, w(visitor, "gate_hub.lock_button", name="Handy 3"))
    keys.press("Enter")
    page.wait_for_url("**done=gate_locked")
    visitor.see(w(visitor, "done.gate_locked"))
    row = page.locator("#live section", has=page.get_by_text("Handy 3"))
    expect(row).to_contain_text(w(visitor, "gate_hub.state.locked"))
    with pytest.raises(Refused) as refused:
        hub.meet(hub.lost)
    assert refused.value.code == "device_locked"
    assert visitor.complaints == []


def focused(visitor: Visitor) -> str:
    return str(visitor.page.evaluate("document.activeElement.innerText || ''")).strip()


def walk_to(visitor: Visitor, text: str) -> None:
    for _ in range(40):
        visitor.page.keyboard.press("Tab")
        if focused(visitor) == text:
            outline = visitor.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", "where the keyboard is can be seen"
            return
    raise AssertionError(f"no way to {text!r} by the Tab key")
