"""The text of a mail that invites to a certificate, in the recipient's language. Pure. It never holds the transaction code."""

from __future__ import annotations

from datetime import UTC, datetime

from common.ports import Mail
from issuer.catalogue.contract import Language
from issuer.catalogue.registry import CATALOGUE
from issuer.flows.person_facts import JST

_TEXT = {
    "ja": (
        "【{school}】{titles}のお受け取り",
        "{name} 様\n\n{school}から{titles}をお渡しします。\n次のページを開き、ウォレットで受け取ってください。\n\n{url}\n\n"
        "{until}まで受け取れます。\n{code}このメールに心当たりのない方は、開かずに破棄してください。\n\n{school}\n",
        "ウォレットが受け取り番号（数字6桁）をたずねます。番号は、上のページで生年月日を入れると見られます。\n",
        "、",
        "ウォレットが受け取り番号（数字6桁）をたずねます。番号は、学校の窓口でお伝えします。\n",
    ),
    "en": (
        "{school}: your {titles}",
        "Dear {name},\n\n{school} offers you your {titles}.\nOpen this page and receive it with your wallet:\n\n{url}\n\n"
        "It can be received until {until}.\n{code}If you do not expect this mail, please delete it.\n\n{school}\n",
        "Your wallet will ask for a six-digit transaction code. The page above shows it when you enter your date of birth.\n",
        " and ",
        "Your wallet will ask for a six-digit transaction code. The school tells it to you in person.\n",
    ),
}


def build_offer_mail(
    *,
    to: str,
    language: str,
    school: dict[str, str],
    name: dict[str, str],
    types: tuple[str, ...],
    claim_url: str,
    needs_tx_code: bool,
    code_by_birth_date: bool,
    expires_at: int,
    message_id: str,
) -> Mail:
    """school, name: by language. expires_at: seconds since 1970. message_id: the same for every try to send this mail."""
    tongue: Language = "en" if language == "en" else "ja"
    subject, body, code, joint, at_the_desk = _TEXT[tongue]
    moment = datetime.fromtimestamp(expires_at, UTC).astimezone(JST)
    until = f"{moment:%Y年%-m月%-d日 %H:%M}" if tongue == "ja" else f"{moment.day} {moment:%B %Y, %H:%M} (JST)"
    words = {
        "school": school[tongue],
        "titles": joint.join(CATALOGUE[kind].title[tongue] for kind in types),
        "name": name[tongue],
        "url": claim_url,
        "until": until,
        "code": (code if code_by_birth_date else at_the_desk) if needs_tx_code else "",
    }
    return Mail(to=to, subject=subject.format(**words), text=body.format(**words), message_id=message_id)
