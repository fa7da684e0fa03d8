"""The registrar's API about offers: one, many, their states, mail and resend; and the student's claim data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from common.errors import Malformed, NotFound, Refused
from common.pages.read_date import read_date
from common.web.limits import client_address
from common.web.login import Visitor
from issuer.deps import Deps
from issuer.flows.cancel_offer import cancel_offer
from issuer.flows.find_people import find_offer, find_offers
from issuer.flows.make_offer import describe_offer, make_offer
from issuer.flows.offer_many import offer_many
from issuer.flows.person_facts import find_person
from issuer.flows.reveal_code import reveal_code
from issuer.flows.send_offers import queue_mail, require_mail
from issuer.flows.show_offer import show_claim
from issuer.routes.staff_models import (
    AskCode,
    ClaimOut,
    CodeOut,
    Id,
    MadeOfferOut,
    MakeOffer,
    ManyOut,
    OfferMany,
    OfferOut,
    OffersOut,
    QueuedOut,
)
from issuer.routes.staff_people import Page, Size, made_offer_out, offer_out


def staff_offer_routes(deps: Deps) -> APIRouter:
    """Every route needs a staff token of the path's institution, save the claim: its address is the secret."""
    router = APIRouter(prefix="/{tenant}/api", tags=["staff"])
    desk = deps.desk
    staff = Depends(deps.login.api("staff"))

    @router.post("/people/{student_number}/offers", status_code=201)
    def offer_one(tenant: str, student_number: Id, asked: MakeOffer, visitor: Visitor = staff) -> MadeOfferOut:
        """Makes an offer; with ``mail`` it is also sent to the person's address (without the transaction code)."""
        person = find_person(tenant, student_number=student_number)
        if asked.mail:
            require_mail(desk, person)
        made = make_offer(
            desk,
            tenant,
            person,
            types=asked.types,
            formats=asked.formats,
            tx_code=asked.tx_code,
            actor=visitor.actor,
        )
        if asked.mail:
            queue_mail(desk, tenant, find_offer(tenant, made.id), actor=visitor.actor)
        return made_offer_out(made)

    @router.post("/offers")
    def offer_to_many(tenant: str, asked: OfferMany, visitor: Visitor = staff) -> ManyOut:
        """Offers a certificate to everybody who is entitled and has none yet."""
        report = offer_many(
            desk,
            tenant,
            asked.type,
            actor=visitor.actor,
            mail=asked.mail,
            tx_code=asked.tx_code,
            dry_run=asked.dry_run,
        )
        return ManyOut(**asdict(report))

    @router.get("/offers")
    def list_offers(
        state: Annotated[str, Query(max_length=20)] = "",
        page: Page = 1,
        size: Size = 50,
        visitor: Visitor = staff,
    ) -> OffersOut:
        """Newest first. state: open, redeemed, issued, cancelled, dead or expired."""
        found = find_offers(desk, visitor.tenant, state=state, page=page, size=size)
        return OffersOut(
            offers=[offer_out(one) for one in found.offers], page=found.page, pages=found.pages, total=found.total
        )

    @router.get("/offers/{offer_id}")
    def show_one(offer_id: Id, visitor: Visitor = staff) -> MadeOfferOut:
        """The links and the transaction code of an offer, to show them again."""
        return made_offer_out(describe_offer(desk, visitor.tenant, find_offer(visitor.tenant, offer_id)))

    @router.post("/offers/{offer_id}/mail", status_code=202)
    def resend(tenant: str, offer_id: Id, visitor: Visitor = staff) -> QueuedOut:
        """Sends the offer by mail, also once more."""
        return QueuedOut(mail_id=queue_mail(desk, tenant, find_offer(tenant, offer_id), actor=visitor.actor))

    @router.post("/offers/{offer_id}/cancel")
    def cancel(tenant: str, offer_id: Id, visitor: Visitor = staff) -> OfferOut:
        """Takes an offer back that nobody has claimed."""
        cancel_offer(desk, tenant, offer_id, actor=visitor.actor)
        return offer_out(next(iter(find_offers(desk, tenant, offer_id=offer_id).offers)))

    @router.get("/claims/{claim_token}", tags=["claim"])
    def claim(request: Request, tenant: str, claim_token: str) -> ClaimOut:
        """What the student's claim page shows."""
        desk.keys.identity(tenant)  # nothing is counted for an institution that is not here: nobody would ever sweep it
        deps.limits.count(tenant, deps.settings.guess_limit, "claim", client_address(request))
        return ClaimOut.model_validate(asdict(show_claim(desk, tenant, claim_token)))

    @router.post("/claims/{claim_token}/code", tags=["claim"])
    def code(request: Request, tenant: str, claim_token: str, asked: AskCode, response: Response) -> CodeOut:
        """The transaction code, for who knows the birth date. A wrong one counts like a wrong code, and ends the offer in time."""
        birth_date = read_date(asked.birth_date)
        if birth_date is None:
            raise Malformed("birth_date_shape", "this cannot be read as a date; write it like 2005-11-03")
        response.headers["Cache-Control"] = "no-store"
        desk.keys.identity(tenant)
        guesser = (tenant, deps.settings.guess_limit, "code", client_address(request))
        deps.limits.require_room(*guesser)
        try:
            return CodeOut(tx_code=reveal_code(desk, tenant, claim_token, birth_date))
        except (NotFound, Refused):
            deps.limits.count(*guesser)
            raise

    return router
