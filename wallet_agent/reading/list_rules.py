"""The published list as a table for people, part by part: `python -m wallet_agent.reading.list_rules` writes what README.md here shows."""

from __future__ import annotations

from common.cards.possession import PossessionChallenge
from wallet_agent.reading.published import PARTS, build_rules
from wallet_agent.reading.rules import MASTER, Rules

_ANY = PossessionChallenge(origin="https://issuer.example", session="session", nonce=bytes(32))
_TYPES = {"residence_card": ("1", "05")}
_PADDED = 16
"""Bytes of the Japanese cards' AIDs, zeros to the end."""
_HEAD = "| card / part | application | files read | tries asked, secret typed | signs |\n|---|---|---|---|---|\n"


def list_rules() -> str:
    """Markdown. Of residence cards one type of each generation; files by identifier, those named only by a short one after ``sfi``."""
    rows = []
    for driver, parts in PARTS.items():
        for part in sorted(parts):
            for card_type in _TYPES.get(driver, ("",)):
                name = f"{driver} / {part}" + (f" (type {card_type})" if card_type else "")
                rows += _rows(name, build_rules(driver, {part}, _ANY, card_type=card_type))
    return _HEAD + "".join(rows)


def _rows(name: str, rules: Rules) -> list[str]:
    rows = []
    for aid, application in rules.applications.items():
        named = {file & 0x1F for file in application.files}
        files = [f"{file:04X}" for file in sorted(application.files)]
        files += [f"sfi {sfi:02X}" for sfi in sorted(application.short - named)]
        secrets = [secret for secret, slot in rules.slots.items() if slot.application == aid]
        keys = [key for key, one in rules.keys.items() if aid in one.applications]
        if rules.icao:
            keys = ["8 bytes of the possession (active authentication)", "chip authentication"]
        opened = [f"{rules.opens} (handshake here)"] if rules.opens else []
        shown = "MF" if aid == MASTER else aid.hex().upper() if len(aid) < _PADDED else f"{aid[:6].hex().upper()}…"
        cells = (name, shown, " ".join(files), ", ".join(secrets + opened) or "–", ", ".join(keys) or "–")
        rows.append("| " + " | ".join(cells) + " |\n")
    return rows


if __name__ == "__main__":
    print(list_rules(), end="")  # noqa: T201  # a command
