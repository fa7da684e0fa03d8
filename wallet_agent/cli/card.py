"""``tegata wallet card``: proves something to an issuer with a card in this machine's reader, and takes the certificate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

from common.adapters.card_attempts import CardAttempts
from common.adapters.clock import open_clock
from common.adapters.pcsc import open_card, wait_for_card
from common.adapters.terminal import Json, print_json, say
from common.adapters.websocket import open_websocket
from common.cards.detect import CardType
from common.cards.offered_parts import OfferedPart, PartName
from common.cards.relay import MAX_FRAME, SUBPROTOCOL, Offer, Progress, Result, Session, Take
from common.cards.secret import Secret
from common.errors import Malformed, Refused, TegataError
from common.mail_address import parse_mail_address
from common.plain_text import make_lines_visible
from wallet_agent.cli.desk import Holder, open_desk, open_vault
from wallet_agent.cli.show import print_offer
from wallet_agent.holder.receive_offer import receive_offer
from wallet_agent.holder.request_credential import accept_offer
from wallet_agent.reading.invitation import Invitation, check_issuer, check_link, parse_invitation
from wallet_agent.reading.numbers import KeptNumbers, Numbers
from wallet_agent.reading.prompts import Answered, Asked, Tried
from wallet_agent.reading.relay import HolderRelay
from wallet_agent.settings import WalletSettings
from wallet_agent.store.guessed_names import NOBODY
from wallet_agent.store.tables import CardAttempt

WAIT_SECONDS = 60.0
_PROBLEMS = {
    "wrong": ("カードが受け付けませんでした。", "The card did not accept that."),
    "malformed": (
        "形が違います。カードには送っていません。",
        "It cannot be that by its form. Nothing was sent to the card.",
    ),
    "not_agreed": ("送っていません。", "Nothing was sent."),
}
_OUTCOMES = {
    "asked": ("使っていません", "not tried"),
    "accepted": ("受け付けられました", "accepted"),
    "wrong": ("受け付けられませんでした", "not accepted"),
    "blocked": ("ロックされています。カードの発行元で解除できます", "blocked; who issued the card can unblock it"),
    "unknown": ("送りましたが、カードの返事がありません", "sent, and the card did not answer"),
}


def card(
    invitation: Annotated[str, typer.Argument(help="The link that the issuer gave you.", show_default=False)],
    part: Annotated[
        list[str] | None,
        typer.Option(
            help="What may be read, e.g. my_number/jpki_signature; repeat. Default: what is usual for the card."
        ),
    ] = None,
    certificate: Annotated[
        list[str] | None, typer.Option(help="A certificate to take, by its name; repeat. Default: all.")
    ] = None,
    form: Annotated[list[str] | None, typer.Option("--format", help="Format of the certificates; repeat.")] = None,
    reader: Annotated[str, typer.Option(help="The card reader, by its name. Default: the one with a card in it.")] = "",
    accept: Annotated[bool, typer.Option(help="Take the certificates into the wallet at once.")] = True,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask who may read what.")] = False,
    mail: Annotated[
        str,
        typer.Option(
            help="A mail address, to be written to when the card is revoked, and never else. Default: you are asked."
        ),
    ] = "",
    holder: Holder = "",
    lang: Annotated[str, typer.Option("--lang", help="Language of names and texts: ja or en.")] = "en",
    as_json: Json = False,
) -> None:
    """Prove something to an issuer with a card in your own reader.

    The issuer drives the card through this program, which passes a published list of commands and nothing else. PINs and printed
    numbers are typed here and sent to the card alone; what the card signs is built here and names the issuer's address.
    """
    invited = parse_invitation(invitation)
    person = Terminal(parts=part, certificates=certificate, formats=form, yes=yes, language=lang, mail=mail)
    deps = open_desk()
    numbers = KeptNumbers(CardAttempts(deps.clock, CardAttempt), NOBODY)
    offer = relay_in_reader(deps.settings, invited, person, reader=reader, numbers=numbers)
    check_link(offer, invited)
    if not accept:
        return print_json({"link": offer.link, "claim_url": offer.claim_url}) if as_json else say(offer.link)
    vault = open_vault(deps, holder)
    view = receive_offer(vault, offer.link, fetch=deps.fetch, clock=deps.clock)
    check_issuer(view.state.terms.issuer, invited)
    view = accept_offer(vault, view.id, outside=deps.outside, tx_code=None)
    return print_json({"link": offer.link, "offer": view.id}) if as_json else print_offer(view, language=lang)


def relay_in_reader(
    settings: WalletSettings,
    invitation: Invitation,
    person: Terminal,
    *,
    reader: str = "",
    numbers: Numbers | None = None,
) -> Offer:
    """The whole conversation, with the card in a reader of this machine. Whatever happens, the tries that are left are told."""
    person.say("リーダーにカードを置いてください。", "Put the card into the reader.")
    name = wait_for_card(seconds=WAIT_SECONDS, readers=[reader] if reader else None)
    hosts = {host: address for host, _, address in (entry.partition("=") for entry in settings.fetch_hosts)}
    with (
        open_websocket(
            invitation.relay,
            subprotocol=SUBPROTOCOL,
            headers={"Authorization": f"Bearer {invitation.token}"},
            max_frame=MAX_FRAME,
            sandbox=settings.may_fetch_loopback,
            private_hosts=frozenset(hosts),
            addresses={host: address for host, address in hosts.items() if address},
            extra_roots=settings.fetch_roots,
        ) as line,
        open_card(name) as connection,
    ):
        clock = open_clock(settings.fixed_clock)
        relay = HolderRelay(line, connection, invitation.invited, person, clock=clock.now, numbers=numbers)
        try:
            return relay.run()
        except TegataError:
            person.tell_tries(relay.tries.values())
            raise


class Terminal:
    """`Person` before a terminal. All talk goes to the error output; what was asked for stands alone on the other."""

    def __init__(
        self,
        *,
        parts: Sequence[str] | None = None,
        certificates: Sequence[str] | None = None,
        formats: Sequence[str] | None = None,
        yes: bool = False,
        language: str = "en",
        mail: str = "",
    ) -> None:
        self._parts, self._certificates, self._formats = parts, certificates, formats
        self._yes, self._is_japanese = yes, language == "ja"
        self._mail = parse_mail_address(mail) if mail else ""
        self._step = ""

    def say(self, ja: str, en: str) -> None:
        typer.echo(make_lines_visible(ja if self._is_japanese else en), err=True)

    def meet(self, session: Session) -> None:
        self.say(
            f"問い合わせ元: {session.issuer_ja}\n  アドレス: {session.origin}",
            f"Asked by: {session.issuer_en}\n  address: {session.origin}",
        )

    def choose_parts(self, cards: Sequence[CardType], offered: Sequence[OfferedPart]) -> frozenset[PartName]:
        chosen = {each.name for each in offered if each.usual}
        if self._parts is not None:
            chosen = {(driver, part) for driver, _, part in (one.partition("/") for one in self._parts)}
        self.say(
            "カード: " + "、".join(one.label_ja for one in cards), "Card: " + ", ".join(one.label_en for one in cards)
        )
        for each in offered:
            mark = "x" if each.name in chosen else " "
            name = f"{each.driver}/{each.part.name}"
            self.say(f"  [{mark}] {each.part.label_ja} ({name})", f"  [{mark}] {each.part.label_en} ({name})")
        if not self._yes:
            self._confirm("印のついた内容を読み取らせますか？", "Let what is marked be read?")
        return frozenset(chosen)

    def give_secret(self, asked: Asked) -> Answered:
        kind, left = asked.prompt.kind, asked.prompt.tries_left
        if asked.problem:
            self.say(*_PROBLEMS[asked.problem])
        if kind.counted:
            told = ("不明", "unknown") if left is None else (str(left), str(left))
            self.say(f"残り回数: {told[0]}", f"Tries left: {told[1]}")
        agreed = False
        if asked.prompt.may_lock:
            self._confirm(
                "次に間違えるとロックされるおそれがあります。それでも入力しますか？",
                "A wrong value may lock the card now. Enter it all the same?",
            )
            agreed = True
        typed = typer.prompt(kind.label_ja if self._is_japanese else kind.label_en, hide_input=True, err=True)
        return Answered(typed=Secret(str(typed)), agreed=agreed)

    def show(self, progress: Progress) -> None:
        if progress.step != self._step:
            self._step = progress.step
            self.say(f"読み取り中: {progress.step}", f"Reading: {progress.step}")

    def take(self, result: Result) -> Take:
        for name, why in result.refusals.items():
            self.say(f"  発行できません: {name} ({why})", f"  not issued: {name} ({why})")
        names = [kind.name for kind in result.types]
        wanted = names if self._certificates is None else [name for name in self._certificates if name in names]
        if not wanted:
            raise Refused("nothing_proven", "this card proves nothing that a certificate is made of here")
        for kind in result.types:
            mark = "x" if kind.name in wanted else " "
            self.say(f"  [{mark}] {kind.title_ja} ({kind.name})", f"  [{mark}] {kind.title_en} ({kind.name})")
        mail = self._ask_for_address() if result.may_tell else ""
        return Take(tuple(wanted), tuple(self._formats or ()), mail, "ja" if self._is_japanese else "en")

    def _ask_for_address(self) -> str:
        """A mail address, or nothing: it is asked for once, with what it is for; ``--yes`` leaves none."""
        if self._mail or self._yes:
            return self._mail
        self.say(
            "このカードが失効したら（引っ越しなど）、メールでお知らせできます。任意です。お知らせするのは、この証明書のもとになった"
            "カードが失効したときだけです。アドレスは読み取りの記録とともに封をして保管され、記録とともに消されます。",
            "You may leave a mail address, or not. We write only when this certificate's card is revoked, for instance after you moved. "
            "The address is kept sealed with the record of this reading, and deleted with it.",
        )
        label = "メールアドレス（残さないときはEnter）" if self._is_japanese else "Mail address (Enter for none)"
        while typed := str(typer.prompt(label, default="", show_default=False, err=True)).strip():
            try:
                return parse_mail_address(typed)
            except Malformed:
                self.say("メールアドレスの形ではありません。", "This is no mail address.")
        return ""

    def tell_tries(self, tries: Iterable[Tried]) -> None:
        for tried in tries:
            ja, en = _OUTCOMES[tried.outcome]
            known = tried.left is not None and tried.outcome != "accepted"
            self.say(
                f"{tried.kind.label_ja}: {ja}" + (f"（残り回数 {tried.left}）" if known else ""),
                f"{tried.kind.label_en}: {en}" + (f" (tries left: {tried.left})" if known else ""),
            )

    def _confirm(self, ja: str, en: str) -> None:
        if not typer.confirm(ja if self._is_japanese else en, err=True):
            raise Refused("declined", "nothing was read and nothing was sent")
