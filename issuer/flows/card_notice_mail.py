"""The text of a mail to the holder of a card whose certificate was revoked, in the language in which they left their address. Pure.

It says what happened, why that usually is, and what to do. Nobody is named in it: with the address nothing else of the card was kept
for it, and no reason of the source's is told, since mails are read by more than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from common.ports import Mail
from issuer.catalogue.contract import Language
from issuer.catalogue.registry import CATALOGUE

Outcome = Literal["suspended", "stands", "not_taken"]
"""Of what was made from the card: put on hold, not put on hold, or not taken into a wallet yet."""
_SUBJECT: Final = {
    "ja": "【{school}】カードの証明書が失効しました。もう一度カードの読み取りをお願いします",
    "en": "{school}: your card's certificate was revoked, please have the card read again",
}
_BODY: Final = {
    "ja": (
        "{school}でカードから作った{titles}についてのお知らせです。\n\n"
        "■ 起きたこと\n{what}{outcome}\n\n■ 考えられる理由\n{why}\n\n■ お願いしたいこと\n{do}\n{where}\n\n"
        "このメールは、失効したときだけ知らせるために、ご自身が残されたアドレスにお送りしています。このほかの用途には使わず、"
        "知らせる必要がなくなれば消します。\n暗証番号やパスワードを、メールや電話でおたずねすることはありません。\n\n{school}\n"
    ),
    "en": (
        "This is about your {titles}, made from your card by {school}.\n\n"
        "What happened\n{what}{outcome}\n\nWhy, most likely\n{why}\n\nWhat to do\n{do}\n{where}\n\n"
        "You left this address to be told of a revocation, and of nothing else. It is used for nothing else, and deleted when there is "
        "nothing more to tell.\nNobody will ask you for a PIN or a password, by mail or by telephone.\n\n{school}\n"
    ),
}
_MY_NUMBER: Final = {
    "ja": {
        "what": "マイナンバーカードに入っている電子証明書が失効しました。",
        "why": "引っ越しなどで住所が変わったとき、氏名が変わったとき、カードや電子証明書を更新・再発行したとき、紛失を届け出たときに"
        "失効します。",
        "do": "新しい電子証明書の入ったカードをもう一度読み取り、証明書を受け取り直してください。電子証明書がまだ新しくなっていない"
        "ときは、先に市区町村の窓口で発行を受けてください。心当たりがないときも、市区町村の窓口におたずねください。",
    },
    "en": {
        "what": "The certificate on your My Number card has been revoked. ",
        "why": "That happens when your address or name has changed, when the card or its certificate was renewed or issued anew, and when "
        "the card was reported lost.",
        "do": "Have the card, with its new certificate, read again and take new certificates. If it has no new one yet, ask your city "
        "office for it first; ask there, too, if you know of no change.",
    },
}
_PASSPORT: Final = {
    "ja": {
        "what": "パスポートのデータに署名した証明書を、発行した国が取り消しました。",
        "why": "署名に使った鍵に問題が見つかったときなどに、その鍵で署名したパスポートがまとめて対象になります。ご自身の手続きが"
        "原因ではありません。",
        "do": "パスポートを発行した窓口に、交換が必要かどうかをおたずねください。新しいパスポートを読み取れば、証明書を受け取り直せます。",
    },
    "en": {
        "what": "The country that issued your passport has revoked the certificate that signed its data. ",
        "why": "That happens when something was found wrong with a signing key, and meets all passports signed with it. It is nothing that "
        "you did.",
        "do": "Ask where the passport was issued whether it has to be exchanged. With a new passport you can take new certificates.",
    },
}
_OUTCOME: Final[dict[str, dict[Outcome, str]]] = {
    "ja": {
        "suspended": "そのため、お持ちの{titles}を一時停止しました。見せても通りません。",
        "stands": "お持ちの{titles}は止めていませんが、内容が古くなっているかもしれません。",
        "not_taken": "そのため、{titles}はまだお受け取りになっていませんが、受け取れなくなりました。",
    },
    "en": {
        "suspended": "So your {titles} has been put on hold, and will not be accepted.",
        "stands": "Your {titles} has not been put on hold, but may say what is no longer so.",
        "not_taken": "You have not taken your {titles} yet, and it can no longer be taken.",
    },
}
_WHERE: Final = {
    "ja": ("カードを読み取れる場所: {url}", "カードを読み取れる場所は、{school}の窓口におたずねください。"),
    "en": ("Where cards are read: {url}", "Ask at the desk of {school} where cards are read."),
}
_JOINT: Final = {"ja": "、", "en": " and "}


def build_card_notice(
    *,
    to: str,
    language: Language,
    school: dict[str, str],
    card: str,
    types: Sequence[str],
    outcome: Outcome,
    place: str,
    message_id: str,
) -> Mail:
    """card: the driver's name. types: of certificates. place: a page that says where cards are read, or empty."""
    about = (_PASSPORT if card == "passport" else _MY_NUMBER)[language]
    titles = _JOINT[language].join(CATALOGUE[kind].title[language] for kind in types)
    with_link, without = _WHERE[language]
    name = school[language]
    text = _BODY[language].format(
        school=name,
        titles=titles,
        what=about["what"],
        why=about["why"],
        do=about["do"],
        outcome=_OUTCOME[language][outcome].format(titles=titles),
        where=with_link.format(url=place) if place else without.format(school=name),
    )
    return Mail(to=to, subject=_SUBJECT[language].format(school=name), text=text, message_id=message_id)
