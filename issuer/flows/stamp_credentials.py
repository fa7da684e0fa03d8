"""Time-stamps for issued certificates: the digest is noted with the copy, the stamp follows by a job (RFC 3161).

waiting → stamped. Issuing never waits for the authority: where it does not answer, the row waits longer, doubling up to a day, and is
asked for again without end, since a certificate without a stamp falls with its key. Rows are taken and finished by one conditional UPDATE
each. They name nobody and are kept for as long as the institution: that is their use.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509

from common.adapters.database import across_tenants, changed, transaction
from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, NotFound, TegataError, Unavailable
from common.formats.registry import FORMATS
from common.formats.time_stamped import stamped_digest
from common.ports import Fetch
from common.x509.time_stamp import (
    ANSWER_TYPE,
    REQUEST_TYPE,
    VerifiedTimeStamp,
    build_time_stamp_request,
    parse_time_stamp,
    verify_time_stamp,
)
from issuer.flows.desk import Desk
from issuer.settings import DAY
from issuer.store.tables import TimeStamp

LEASE_SECONDS = 120
_BACK_OFF = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamping:
    """The authority to ask. roots: under which its answer has to hold before it is kept."""

    fetch: Fetch
    address: str
    roots: Sequence[x509.Certificate]


@dataclass(slots=True, kw_only=True)
class StampReport:
    stamped: int = 0
    later: int = 0


def digest_of(format_name: str, text: str) -> str:
    """A credential as issued → the digest to be stamped, base64url."""
    return b64url_encode(stamped_digest(FORMATS[format_name].parse(text)))


def note_digests(tenant: str, digests: Sequence[str], *, batch_id: str, now: int) -> None:
    """In the transaction that writes the copies down."""
    if digests:
        rows = [
            {
                "tenant": tenant,
                "digest": digest,
                "batch_id": batch_id,
                "state": "waiting",
                "not_before": now,
                "created_at": now,
            }
            for digest in digests
        ]
        TimeStamp.insert_many(rows).execute()


def read_time_stamp(tenant: str, digest: str) -> bytes:
    """The authority's answer as it came. digest: base64url. Raises NotFound: no such digest here, or not stamped yet."""
    row = TimeStamp.get_or_none(TimeStamp.tenant == tenant, TimeStamp.digest == digest, TimeStamp.state == "stamped")
    if row is None:
        raise NotFound("no_time_stamp", "no time-stamp of this digest here")
    return bytes(row.answer or b"")


def stamp_credentials(desk: Desk, stamping: Stamping, *, limit: int = 200) -> StampReport:
    """Asks for what is due, of all tenants, at most ``limit`` stamps; ends early where the authority does not answer."""
    report = StampReport()
    for _ in range(limit):
        row = _take_one(desk)
        if row is None:
            break
        try:
            answer, found = _ask(stamping, b64url_decode(row.digest))
        except TegataError as error:
            _postpone(desk, row, error)
            report.later += 1
            if isinstance(error, Unavailable):
                break
        else:
            report.stamped += _keep(desk, row, answer, found)
    return report


def _take_one(desk: Desk) -> Any:
    """The next due row, taken by this process alone until its lease is over, or None."""
    now = desk.now
    due = (TimeStamp.state == "waiting") & (TimeStamp.not_before <= now)
    while True:
        with across_tenants("stamp credentials"):
            row = TimeStamp.select().where(due).order_by(TimeStamp.not_before, TimeStamp.digest).first()
        if row is None:
            return None
        with transaction(desk.database, "take_time_stamp"):
            taken = changed(
                TimeStamp.update(not_before=now + LEASE_SECONDS, attempts=row.attempts + 1).where(
                    *_is(row), TimeStamp.attempts == row.attempts
                )
            )
        if taken:
            row.attempts += 1
            return row


def _ask(stamping: Stamping, digest: bytes) -> tuple[bytes, VerifiedTimeStamp]:
    nonce = secrets.randbits(64)
    request = build_time_stamp_request(digest, nonce=nonce)
    reply = stamping.fetch.post(stamping.address, body=request, content_type=REQUEST_TYPE, accept=ANSWER_TYPE)
    if reply.status != 200:
        raise Unavailable("tsa_unavailable", f"the time-stamping authority answered {reply.status}")
    if reply.headers.get("content-type", ANSWER_TYPE).partition(";")[0].strip().lower() != ANSWER_TYPE:
        raise Malformed("bad_time_stamp", "the time-stamping authority answered with something else")
    return reply.body, verify_time_stamp(parse_time_stamp(reply.body), digest=digest, roots=stamping.roots, nonce=nonce)


def _keep(desk: Desk, row: Any, answer: bytes, found: VerifiedTimeStamp) -> int:
    with transaction(desk.database, "keep_time_stamp"):
        kept = changed(
            TimeStamp.update(state="stamped", answer=answer, stamped_at=found.proven_before, problem="").where(
                *_is(row)
            )
        )
    return int(kept)


def _postpone(desk: Desk, row: Any, error: TegataError) -> None:
    wait = min(_BACK_OFF * 2 ** min(row.attempts - 1, 11), DAY)
    with transaction(desk.database, "postpone_time_stamp"):
        TimeStamp.update(not_before=desk.now + wait, problem=error.code[:64]).where(
            *_is(row), TimeStamp.attempts == row.attempts
        ).execute()


def _is(row: Any) -> tuple[Any, ...]:
    return (TimeStamp.tenant == row.tenant, TimeStamp.digest == row.digest, TimeStamp.state == "waiting")
