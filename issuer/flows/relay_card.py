"""Reads a card over the relay and offers certificates of what it proved: the issuer's whole side of one conversation.

1. who asks, for which session, and what certificates are made of
2. what the holder lets be read; each driver reads over the relay, after the handshake at the holder's side where its card needs one
3. the readings are judged (`accept_card`) as of a relayed session: what only our own reader could vouch for is not believed
4. what may be issued; what the holder takes of it; the offer's link
"""

from __future__ import annotations

from collections.abc import Sequence

from common.adapters.database import Database
from common.cards.binding import SharedSession
from common.cards.channel import CardChannel
from common.cards.offered_parts import NEVER_RELAYED
from common.cards.prompts import Progress as Done
from common.cards.prompts import ReadRequest, SecretKind
from common.cards.reading import Reading
from common.cards.relay import (
    PERSON_SECONDS,
    VERSION,
    Begin,
    Kind,
    Line,
    Offer,
    Progress,
    Read,
    Result,
    Session,
    Take,
    build_text,
    expect,
    parse_from_holder,
    read_bytes,
)
from common.encoding import b64url_encode
from common.errors import Malformed
from issuer.catalogue.registry import CATALOGUE, of_cards
from issuer.flows.accept_card import accept_card
from issuer.flows.card_record import make_contact
from issuer.flows.desk import Desk
from issuer.flows.make_offer import MadeOffer
from issuer.flows.number_attempts import begin_attempt, release_attempt
from issuer.flows.offer_from_card import offer_from_card
from issuer.flows.open_card_session import CardSession, delivery_key_of, find_card_session
from issuer.flows.relayed_card import RelayedCard

ACTOR = "relay"


def relay_card(desk: Desk, tenant: str, session_id: str, line: Line) -> MadeOffer:
    """The conversation, to its end. The caller has checked the session's token, and tells the holder what is raised here.

    Raises what the flows raise, and CardError, CardRemoved, Unavailable("link_lost" | "link_slow"), Malformed for what is no message,
    Refused with the holder's own word ("declined").
    """
    # 1
    session = find_card_session(desk, tenant, session_id)
    line.send(build_text(_describe(desk, tenant, session)))
    _rest(desk.database)
    # 2
    wish = expect(parse_from_holder(_text(line)), Begin)
    # Of one conversation, which holds a thread; an invitation stays open for longer.
    seconds = min(session.expires_at - desk.now, desk.settings.card_session_seconds)
    card = RelayedCard(line, session.challenge, seconds=seconds)
    readings = _read(desk, tenant, card, line, session, wish.reads)
    # 3
    accepted = accept_card(desk, tenant, session_id, readings, shared=SharedSession.RELAYED, actor=ACTOR)
    # 4
    kinds = [CATALOGUE[name] for name in accepted.types]
    result = Result(
        card=accepted.card,
        types=tuple(Kind(kind.name, kind.title["ja"], kind.title["en"]) for kind in kinds),
        refusals=dict(accepted.refusals),
        expires_at=accepted.expires_at,
        may_tell=accepted.may_tell,
    )
    line.send(build_text(result))
    _rest(desk.database)
    taken = expect(parse_from_holder(_text(line)), Take)
    contact = make_contact(taken.mail, taken.language) if taken.mail else None
    made = offer_from_card(
        desk, tenant, session_id, types=taken.types, formats=taken.formats, actor=ACTOR, contact=contact
    )
    line.send(build_text(Offer(made.link, made.claim_url, made.expires_at)))
    return made


def _describe(desk: Desk, tenant: str, session: CardSession) -> Session:
    identity = desk.keys.identity(tenant)
    return Session(
        version=VERSION,
        origin=session.challenge.origin,
        session=session.challenge.session,
        nonce=b64url_encode(session.challenge.nonce),
        issuer_ja=identity.name_ja,
        issuer_en=identity.name_en,
        wanted=tuple(sorted({claim for kind in of_cards() for claim in kind.card_claims})),
        expires_at=session.expires_at,
        delivery_key=b64url_encode(delivery_key_of(desk)),
    )


def _read(
    desk: Desk, tenant: str, card: RelayedCard, line: Line, session: CardSession, reads: Sequence[Read]
) -> list[Reading]:
    from common.cards.registry import DRIVERS  # a quarter of a second, for those who read cards

    readings: list[Reading] = []
    extended: bool | None = None
    for wish in reads:
        driver = DRIVERS[wish.driver]
        secrets = {part.name: part.secrets for part in driver.parts}
        if set(wish.parts) - secrets.keys():
            raise Malformed("unknown_part", "this card has no such part")
        if NEVER_RELAYED & {(wish.driver, part) for part in wish.parts}:
            raise Malformed("unknown_part", "this is read at a kiosk of the issuer's, never over a relay")
        channel = CardChannel(card, extended=extended)
        if opener := _opener(secrets[wish.parts[0]]):
            at = begin_attempt(desk, tenant, session.id, ACTOR, session.id)
            _rest(desk.database)
            _take_over(card, channel, wish.driver, opener)
            release_attempt(desk, tenant, session.id, ACTOR, session.id, at=at)
            _rest(desk.database)

        def tell(done: Done, driver: str = wish.driver) -> None:
            line.send(build_text(Progress(driver, done.step, done.done, done.total)))

        request = ReadRequest(parts=frozenset(wish.parts), ask=card.ask, challenge=session.challenge, progress=tell)
        readings.append(driver.read(channel, request))
        extended = channel.extended
    return readings


def _opener(secrets: Sequence[SecretKind]) -> SecretKind | None:
    """The secret that is a handshake's key and no PIN: printed, and counted by no card."""
    return next((kind for kind in secrets if kind.printed and not kind.counted), None)


def _take_over(card: RelayedCard, channel: CardChannel, driver: str, kind: SecretKind) -> None:
    from common.cards.relay_session import restore_messaging  # as `_read`

    opened = card.open(kind)
    channel.extended, channel.answer_limit = opened.extended, opened.answer_limit
    channel.secure = restore_messaging(driver, read_bytes(opened.session))


def _text(line: Line) -> str:
    frame = line.receive(PERSON_SECONDS)
    if isinstance(frame, bytes):
        raise Malformed("bad_relay_frame", "no step is under way")
    return frame


def _rest(database: Database) -> None:
    """Gives this thread's database connection back: people take minutes, and connections are few."""
    database.close()
