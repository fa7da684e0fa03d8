"""Questions of verifiers: read one, see who asks for what, answer or decline."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from wallet_agent.deps import Deps
from wallet_agent.holder.answer_request import answer_request, decline_request
from wallet_agent.holder.choose_credentials import CardChoice, Consent, choose_credentials
from wallet_agent.holder.read_request import RequestView, read_request, view_requests
from wallet_agent.holder.request_states import Answered, Declined, Refused
from wallet_agent.holder.texts import Texts, names_of
from wallet_agent.routes.door import Door
from wallet_agent.routes.models import ClaimOut, Strict, claim_out
from wallet_agent.routes.offers import RowId
from wallet_agent.vault.open_vault import OpenVault


class AskerOut(BaseModel):
    """proof: certificate (a trusted root vouches), did_web (its domain is proven), key (only a key is), none (sandbox).

    said_names: its own word, to be shown beside proven_name, never instead.
    """

    client_id: str
    proof: str
    proven_name: str
    vouched_by: str
    said_names: Texts
    response_host: str


class RequestOut(BaseModel):
    """state: asked, answering, uncertain, answered, refused or declined. redirect_uri: where the browser is to go, once answered."""

    id: str
    state: str
    created_at: int
    expires_at: int | None
    asker: AskerOut
    purposes: Texts
    retention: Texts
    redirect_uri: str | None = None
    refusal: str = ""


class OptionOut(BaseModel):
    """One card that would answer. given: all that the asker would see; held_back: what it would not."""

    card_id: str
    names: Texts
    issuer_names: Texts
    standing: str
    fresh: int
    given: list[ClaimOut]
    held_back: list[ClaimOut]


class ConsentOut(RequestOut):
    """options: query id → cards, the best first. preselected: query id → card. missing: queries that no card answers.

    satisfiable: whether the question can be answered at all. seen_before: the asker was answered before.
    """

    satisfiable: bool
    seen_before: bool
    options: dict[str, list[OptionOut]]
    preselected: dict[str, str]
    missing: list[str]
    sets: list[list[list[str]]]


class NewRequest(Strict):
    """link: what was scanned or pasted: ``openid4vp://…`` or an https link with a request."""

    link: str = Field(min_length=1, max_length=131072)


class Decision(Strict):
    """cards: query id → ids of cards; null: what is preselected."""

    cards: (
        dict[
            Annotated[str, Field(max_length=128)],
            Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=32)],
        ]
        | None
    ) = Field(None, max_length=32)


def request_routes(deps: Deps, door: Door) -> APIRouter:
    router = APIRouter(prefix="/{tenant}/api/requests", tags=["requests"])
    outside = deps.outside
    open_vault = Depends(door.vault())

    @router.post("", status_code=201)
    def read(body: NewRequest, vault: OpenVault = open_vault) -> ConsentOut:
        """Fetches the question, proves who asks, and says what would be given. Nothing is answered."""
        view = read_request(vault, body.link, outside=outside)
        return consent_out(choose_credentials(vault, view.id, outside=outside))

    @router.get("")
    def requests(vault: OpenVault = open_vault) -> list[RequestOut]:
        """Newest first."""
        return [request_out(one) for one in view_requests(vault)]

    @router.get("/{request_id}")
    def request(request_id: RowId, vault: OpenVault = open_vault) -> ConsentOut:
        return consent_out(choose_credentials(vault, request_id, outside=outside))

    @router.post("/{request_id}/answer")
    def answer(request_id: RowId, body: Decision, vault: OpenVault = open_vault) -> RequestOut:
        """The holder consents: exactly what was shown goes to the asker, once."""
        return request_out(answer_request(vault, request_id, outside=outside, picked=body.cards))

    @router.post("/{request_id}/decline")
    def decline(request_id: RowId, vault: OpenVault = open_vault) -> RequestOut:
        """The asker hears that access was denied, and not why."""
        return request_out(decline_request(vault, request_id, outside=outside))

    return router


def request_out(view: RequestView) -> RequestOut:
    state, question = view.state, view.state.question
    asker = question.asker
    return RequestOut(
        id=view.id,
        state=state.state,
        created_at=view.created_at,
        expires_at=question.expires_at,
        asker=AskerOut(
            client_id=asker.client_id,
            proof=asker.proof,
            proven_name=asker.proven_name,
            vouched_by=asker.vouched_by,
            said_names=asker.said_names,
            response_host=asker.response_host,
        ),
        purposes=question.purposes,
        retention=question.retention,
        redirect_uri=state.redirect_uri if isinstance(state, Answered | Declined) else None,
        refusal=state.code if isinstance(state, Refused) else "",
    )


def consent_out(consent: Consent) -> ConsentOut:
    return ConsentOut(
        **request_out(consent.view).model_dump(),
        satisfiable=consent.satisfiable,
        seen_before=consent.seen_before,
        options={name: [_option_out(one) for one in found] for name, found in consent.options.items()},
        preselected=dict(consent.preselected),
        missing=list(consent.missing),
        sets=[[list(option) for option in one.options] for one in consent.choices.sets],
    )


def _option_out(one: CardChoice) -> OptionOut:
    return OptionOut(
        card_id=one.card.id,
        names=names_of(one.card.face.display),
        issuer_names=names_of(one.card.face.issuer_display),
        standing=one.standing,
        fresh=one.card.fresh,
        given=[claim_out(line) for line in one.given],
        held_back=[claim_out(line) for line in one.held_back],
    )
