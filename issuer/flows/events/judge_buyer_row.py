"""Is this row of a file of buyers an order? Pure: a row in, an order or the list of what is wrong out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from common.errors import Malformed
from common.mail_address import parse_mail_address
from issuer.flows.events.marks import comparable
from issuer.flows.events.sell import MAX_TICKETS, Wish, check_name
from issuer.flows.judge_roll_row import RowProblem

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}", re.ASCII)
_LANGUAGES = {"": "ja", "ja": "ja", "日本語": "ja", "en": "en", "英語": "en"}
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "reference_shape": (
        "注文番号は英数字と . / _ - の64文字までで、すべての行に要ります。販売サイトの出力を確かめてください。",
        "An order number has up to 64 letters, digits or . / _ - and is needed in each line. Check the shop's export.",
    ),
    "reference_twice": (
        "同じ注文番号の行がこのファイルにすでにあります。販売サイトで確かめてください。",
        "This order number already stands in this file. Check the shop's export.",
    ),
    "reference_used": (
        "この注文番号では前に別の内容を取り込みました。変更は券ごとに行ってください。",
        "Something else was imported under this order number before. Change the tickets one by one.",
    ),
    "unknown_class": (
        "この券種は催しにありません。番号か名前を催しのとおりに書いてください。",
        "The event has no such class. Write its number, or its name as the event has it.",
    ),
    "class_demands": (
        "この券種は購入のときに証明を求めるので、取り込めません。注文のページから売ってください。",
        "This class demands a credential at the purchase and cannot be imported. Sell it through the order page.",
    ),
    "bad_quantity": (
        f"枚数は1から{MAX_TICKETS}までの整数です。",
        f"The quantity is a whole number from 1 to {MAX_TICKETS}.",
    ),
    "bad_name": (
        "氏名は改行のない200文字までです。",
        "A name is one line of at most 200 characters.",
    ),
    "not_an_email": (
        "メールアドレスの形ではありません。本人に確かめてください。",
        "Not an e-mail address. Ask the buyer.",
    ),
    "unknown_language": (
        "言語は ja か en です。",
        "The language is ja or en.",
    ),
    "sold_out": (
        "定員を超えます。定員を増やすか、この注文を断ってください。",
        "There is not so much room left. Raise the capacity, or decline this order.",
    ),
    "sale_over": (
        "この催しの販売は終わっています。",
        "Tickets to this event are no longer sold.",
    ),
    "buyer_excluded": (
        "主催者が入場を断った人です。",
        "The organiser does not admit this person.",
    ),
    "line_too_long": (
        "行が長すぎます。引用符が閉じていないかもしれません。",
        "The line is too long; perhaps a quote was never closed.",
    ),
    "quote_wrong": ("引用符の使い方がCSVと合いません。", "The quotes are not those of a CSV file."),
    "too_many_columns": (
        "列が見出しより多くあります。値の中のカンマを引用符で囲んでください。",
        "More columns than the header has. Quote values that contain a comma.",
    ),
    "too_few_columns": (
        "列が見出しより少ないです。途中で切れていないか確かめてください。",
        "Fewer columns than the header has. See whether the line was cut.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerRow:
    """reference: the shop's own number of the order, which is taken once."""

    number: int
    reference: str
    wish: Wish = field(repr=False)


def buyer_problem(row: int, column: str, code: str) -> RowProblem:
    """A problem with its sentences in both languages."""
    ja, en = _SENTENCES[code]
    return RowProblem(row=row, field=column, code=code, ja=ja, en=en)


def judge_buyer_row(
    number: int, fields: Mapping[str, str], *, classes: Mapping[str, int], demanding: frozenset[int]
) -> BuyerRow | tuple[RowProblem, ...]:
    """classes: number and names of each, as `comparable` writes them → its number. demanding: classes that are not sold by a file."""
    problems: list[RowProblem] = []

    def wrong(column: str, code: str) -> None:
        problems.append(buyer_problem(number, column, code))

    reference = unicodedata.normalize("NFKC", fields.get("reference", "")).strip()
    if not _REFERENCE.fullmatch(reference):
        wrong("reference", "reference_shape")
    kind = classes.get(comparable(fields.get("class", "")), 0)
    if not kind:
        wrong("class", "unknown_class")
    elif kind in demanding:
        wrong("class", "class_demands")
    quantity = unicodedata.normalize("NFKC", fields.get("quantity", "")).strip() or "1"
    if not (quantity.isascii() and quantity.isdigit() and len(quantity) <= 3 and 1 <= int(quantity) <= MAX_TICKETS):
        wrong("quantity", "bad_quantity")
    name = email = ""
    try:
        name = check_name(fields.get("name", ""))
    except Malformed:
        wrong("name", "bad_name")
    try:
        email = parse_mail_address(fields["email"]) if fields.get("email", "").strip() else ""
    except Malformed:
        wrong("email", "not_an_email")
    language = _LANGUAGES.get(fields.get("language", "").strip().lower())
    if language is None:
        wrong("language", "unknown_language")
    if problems or language is None:
        return tuple(problems)
    wish = Wish(quantities={kind: int(quantity)}, name=name, email=email, language=language)
    return BuyerRow(number=number, reference=reference, wish=wish)
