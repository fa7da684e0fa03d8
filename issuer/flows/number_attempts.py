"""Numbers of residence cards and passports that are tried in a card session, held to `attempts.WAITS`: the cards count nothing themselves.

A kiosk's are counted for its token and reader, whichever session they are tried in; over the relay, where the number never comes here, each
handshake that does not end well counts for its session.
"""

from __future__ import annotations

from common.adapters.card_attempts import CardAttempts
from issuer.flows.desk import Desk
from issuer.flows.open_card_session import find_card_session
from issuer.store.tables import CardAttempt


def begin_attempt(desk: Desk, tenant: str, session_id: str, *subject: str) -> int:
    """Before a number is tried. Returns what `release_attempt` takes. Raises TooMany("card_number_attempts") with the time to wait,
    NotFound("no_such_card_session"), Conflict("card_session_over")."""
    find_card_session(desk, tenant, session_id)
    return _attempts(desk).begin(tenant, *subject)


def release_attempt(desk: Desk, tenant: str, session_id: str, *subject: str, at: int) -> None:
    """The number was right. Raises NotFound("no_such_card_session"), Conflict("card_session_over")."""
    find_card_session(desk, tenant, session_id)
    _attempts(desk).release(tenant, *subject, at=at)


def forget_attempts(desk: Desk, tenant: str) -> int:
    """Deletes what no longer counts. For the retention job."""
    return _attempts(desk).sweep(tenant)


def _attempts(desk: Desk) -> CardAttempts:
    return CardAttempts(desk.clock, CardAttempt)
