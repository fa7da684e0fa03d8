"""Offers a type of certificate anew to everybody who holds it, under another algorithm or format, or after a key fell.

What a registrar expects of it: nobody stands without a certificate for it. So the old copies stay valid until their holder has taken
the new ones, and fall in the transaction that issues those, as after a correction. (Where the *key* fell, verifiers refuse the old ones
whatever we do, and offers still tell people so.) Who never comes keeps the old certificate until it ends.

It can be stopped at any point and run again. It keeps no list of its own: who holds a copy that is as wished, or has an open offer of
this renewal, is served; all others are not. Each person is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from common.adapters.database import transaction
from common.encoding import parse_json
from common.errors import Unsupported
from issuer.catalogue.configurations import CONFIGURATIONS, configuration_id
from issuer.catalogue.registry import CATALOGUE, of_roll
from issuer.flows.desk import Desk
from issuer.flows.end_claims import end_claims
from issuer.flows.make_offer import make_offer
from issuer.flows.person_facts import facts_of
from issuer.flows.send_offers import queue_mail
from issuer.flows.signing_choice import alg_of, choose_algorithm
from issuer.store.audit import record
from issuer.store.tables import Credential, Offer, Person, SigningKey

_PAGE = 200


@dataclass(slots=True, kw_only=True)
class RenewalReport:
    """people: who hold a valid certificate of the type. renewed: hold one as wished already. waiting: have an open offer of a renewal.

    offered: by this run. without_mail: not offered, for want of an address. not_entitled: the roll no longer gives them one.
    """

    people: int = 0
    renewed: int = 0
    waiting: int = 0
    offered: int = 0
    mailed: int = 0
    without_mail: int = 0
    not_entitled: int = 0


def reissue_roll(
    desk: Desk,
    tenant: str,
    type_name: str,
    *,
    actor: str,
    alg: str = "",
    form: str = "",
    mail: bool = True,
    tx_code: bool = True,
    dry_run: bool = False,
    progress: Callable[[RenewalReport], None] | None = None,
) -> RenewalReport:
    """alg: from now on this type is signed with it; empty: as it is. form: format of the new copies; empty: each as it is held.

    A copy is as wished when it has the format, and was signed with the algorithm that signs this type now, by a key that is not
    compromised. dry_run: counts only, and chooses nothing. Raises Unsupported for an unknown type, format or algorithm.
    """
    kind = CATALOGUE[type_name]
    if kind.source != "roll":  # what a card proved is proved anew by a card
        raise Unsupported("not_of_the_roll", known=tuple(each.name for each in of_roll()))
    if form and form not in kind.formats:
        raise Unsupported("format_not_offered", known=kind.formats)
    if alg and not dry_run:
        choose_algorithm(desk, tenant, type_name, alg, actor=actor)
    wish = _Wish(desk, tenant, type_name, alg, form)
    report = RenewalReport()
    for person, held in _holders(desk, tenant, type_name):
        report.people += 1
        outcome = _renew_one(desk, tenant, wish, person, held, actor=actor, mail=mail, tx_code=tx_code, dry_run=dry_run)
        setattr(report, outcome, getattr(report, outcome) + 1)
        report.mailed += outcome == "offered" and mail and not dry_run
        if progress is not None:
            progress(report)
    if report.offered and not dry_run:
        with transaction(desk.database, "reissue_roll"):
            record(tenant, at=desk.now, actor=actor, act="roll_reissued", subject=type_name, offers=report.offered)
    return report


def holders_of(desk: Desk, tenant: str, type_name: str) -> int:
    """How many people hold a valid certificate of the type: the length of the work, for a progress bar."""
    query = Credential.select(Credential.person_id).where(_valid(desk, tenant, type_name)).distinct()
    return int(query.count())


class _Wish:
    """What the new copies shall be, and whether a copy is so already."""

    def __init__(self, desk: Desk, tenant: str, type_name: str, alg: str, form: str) -> None:
        self.type_name, self.form = type_name, form
        self._identity, self._alg = desk.keys.identity(tenant), alg
        keys = SigningKey.select(SigningKey.id, SigningKey.alg).where(
            SigningKey.tenant == tenant, SigningKey.compromised_since.is_null()
        )
        self._sound = dict(keys.tuples())

    def is_met(self, copy: Any) -> bool:
        configuration = CONFIGURATIONS[copy.configuration]
        if self.form and configuration.format != self.form:
            return False
        allowed = configuration.signing_algs
        wanted = self._alg if self._alg in allowed else alg_of(self._identity, configuration)
        return bool(self._sound.get(copy.kid) == wanted)

    def formats(self, held: list[Any]) -> tuple[str, ...]:
        if self.form:
            return (self.form,)
        return tuple(dict.fromkeys(CONFIGURATIONS[row.configuration].format for row in held))

    def configurations(self, held: list[Any]) -> set[str]:
        return {configuration_id(self.type_name, form) for form in self.formats(held)}


def _renew_one(
    desk: Desk,
    tenant: str,
    wish: _Wish,
    person: Any,
    held: list[Any],
    *,
    actor: str,
    mail: bool,
    tx_code: bool,
    dry_run: bool,
) -> str:
    """One person; the name of the count of `RenewalReport` that goes up."""
    if all(wish.is_met(copy) for copy in held):
        return "renewed"
    if person is None or not CATALOGUE[wish.type_name].entitled(facts_of(person)):
        return "not_entitled"
    wanted = wish.configurations(held)
    if any(wanted <= set(parse_json(offer.configurations)) for offer in _open_renewals(desk, tenant, person.id)):
        return "waiting"
    if mail and not person.email:
        return "without_mail"
    if dry_run:
        return "offered"
    with transaction(desk.database, "reissue_roll"):
        # An open offer of this type would issue a second certificate beside the new one.
        end_claims(tenant, person.id, now=desk.now, types=[wish.type_name])
        made = make_offer(
            desk,
            tenant,
            person,
            types=[wish.type_name],
            formats=wish.formats(held),
            actor=actor,
            tx_code=tx_code,
            reason="renewal",
        )
        if mail:
            queue_mail(desk, tenant, Offer.get(Offer.tenant == tenant, Offer.id == made.id), actor=actor)
    return "offered"


def _open_renewals(desk: Desk, tenant: str, person_id: str) -> list[Any]:
    return list(
        Offer.select().where(
            Offer.tenant == tenant,
            Offer.person_id == person_id,
            Offer.reason == "renewal",
            Offer.state.in_(["open", "redeemed"]),
            Offer.expires_at > desk.now,
        )
    )


def _holders(desk: Desk, tenant: str, type_name: str) -> Iterator[tuple[Any, list[Any]]]:
    """Each person (None: no longer in the roll) with the valid copies of the type, page by page."""
    after = ""
    while True:
        people = Credential.select(Credential.person_id).where(
            _valid(desk, tenant, type_name), Credential.person_id > after
        )
        ids = [person_id for (person_id,) in people.distinct().order_by(Credential.person_id).limit(_PAGE).tuples()]
        if not ids:
            return
        after = ids[-1]
        held: dict[str, list[Any]] = {}
        for row in Credential.select().where(_valid(desk, tenant, type_name), Credential.person_id.in_(ids)):
            held.setdefault(row.person_id, []).append(row)
        rows = {row.id: row for row in Person.select().where(Person.tenant == tenant, Person.id.in_(ids))}
        yield from ((rows.get(one), held.get(one, [])) for one in ids)


def _valid(desk: Desk, tenant: str, type_name: str) -> Any:
    return (
        (Credential.tenant == tenant)
        & (Credential.type_name == type_name)
        & (Credential.state != "revoked")
        & (Credential.valid_until > desk.now)
    )
