"""The texts of mails with links to tickets, in the recipient's language. Pure. Whoever has a link has its ticket, and they say so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from common.ports import Mail
from issuer.catalogue.contract import Language
from issuer.flows.person_facts import JST

_LINKS = {
    "ja": (
        "【{school}】{event}の券",
        "{greeting}{event}の券です。\n\n{facts}\n\n{links}\n\n"
        "上のページをスマートフォンで開き、券をウォレットに受け取ってください。会場では、受け取った券のQRコードを見せます。\n"
        "ページを開ける人が券を受け取れます。このメールを人に転送しないでください。譲るときは、ページの「ほかの人に譲る」から"
        "送ってください。\n\n{school}\n",
        "{name} 様\n\n",
        "■ {number}（{kind}）\n{url}",
    ),
    "en": (
        "{school}: your tickets for {event}",
        "{greeting}here are your tickets for {event}.\n\n{facts}\n\n{links}\n\n"
        "Open the page on your phone, and take the ticket into your wallet. At the venue you show the QR code of what you took.\n"
        "Whoever opens the page can take the ticket, so do not forward this mail. To give a ticket away, hand it over on its page.\n\n"
        "{school}\n",
        "Dear {name},\n\n",
        "{number} ({kind})\n{url}",
    ),
}
_TRANSFER = {
    "ja": (
        "【{school}】{event}の券が譲られます",
        "{event}の券をあなたに譲りたい、という方がいます。\n\n{facts}\n\n受け取るときは、次のページを開いてください。\n\n{url}\n\n"
        "{until}まで受け取れます。受け取った時から、元の方の券は使えません。\n心当たりのない方は、開かずに破棄してください。\n\n{school}\n",
    ),
    "en": (
        "{school}: a ticket for {event} is handed to you",
        "Somebody wants to hand you their ticket for {event}.\n\n{facts}\n\nTo take it, open this page:\n\n{url}\n\n"
        "It can be taken until {until}. From then on theirs is good no more.\nIf you do not expect this, please delete it.\n\n{school}\n",
    ),
}
_LINKED = re.compile(r"[/:@<>：／＠]|\w[.。．]\w")
"""What mail programs make a link of. Takers choose their name and any address: nobody is to be sent somewhere in our name."""
_LONGEST_GREETED = 60
_FACTS = {"ja": ("日時: {when}", "会場: {venue}"), "en": ("When: {when}", "Where: {venue}")}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedTicket:
    """kind: its class, by language. url: of its holder's page."""

    number: str
    kind: dict[str, str]
    url: str = field(repr=False)


def build_links_mail(
    *,
    to: str,
    language: str,
    school: dict[str, str],
    event: Any,
    name: str,
    tickets: Sequence[LinkedTicket],
    message_id: str,
) -> Mail:
    """school: names by language. event: a row of `Event`. name: the buyer's, or empty."""
    tongue: Language = "en" if language == "en" else "ja"
    subject, body, greeting, line = _LINKS[tongue]
    links = [line.format(number=one.number, kind=one.kind[tongue], url=one.url) for one in tickets]
    words = _of_event(event, tongue) | {"school": school[tongue], "links": "\n\n".join(links)}
    greeted = name and len(name) <= _LONGEST_GREETED and not _LINKED.search(name)
    words["greeting"] = greeting.format(name=name) if greeted else ""
    text = body.format(**words)
    return Mail(to=to, subject=subject.format(**words), text=text[0].upper() + text[1:], message_id=message_id)


def build_transfer_mail(
    *, to: str, language: str, school: dict[str, str], event: Any, url: str, expires_at: int, message_id: str
) -> Mail:
    """The invitation to take a ticket over. It names nobody: neither who hands it over nor the ticket's number."""
    tongue: Language = "en" if language == "en" else "ja"
    subject, body = _TRANSFER[tongue]
    words = _of_event(event, tongue) | {"school": school[tongue], "url": url, "until": _when(expires_at, tongue)}
    return Mail(to=to, subject=subject.format(**words), text=body.format(**words), message_id=message_id)


def _of_event(event: Any, tongue: Language) -> dict[str, str]:
    when, venue = _FACTS[tongue]
    facts = [when.format(when=_when(event.starts_at, tongue))]
    if event.venue:
        facts.append(venue.format(venue=event.venue))
    return {"event": event.name_ja if tongue == "ja" else event.name_en, "facts": "\n".join(facts)}


def _when(seconds: int, tongue: Language) -> str:
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(JST)
    return f"{moment:%Y年%-m月%-d日 %H:%M}" if tongue == "ja" else f"{moment.day} {moment:%B %Y, %H:%M} (JST)"
