"""The operator's pages: ask a question, watch its result, look at earlier ones; and the page the holder comes back to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Form, Request, Response

from common.oid4vp.authorization_link import build_authorization_link, build_unsigned_link
from common.pages.catalogue import Words
from common.pages.render import Pages
from common.pages.route import page_router, to
from common.pages.static_files import mount_static
from common.web.limits import client_address
from common.web.login import Visitor
from verifier.deps import Deps
from verifier.flows.accept_shown import SHOWN
from verifier.flows.open_session import open_session
from verifier.flows.read_result import Result, read_result, read_result_by_code
from verifier.flows.request_text import build_request
from verifier.pages.question_views import view_questions
from verifier.pages.verdict_views import view_verdict
from verifier.queries.registry import QUESTIONS
from verifier.routes.gate_pages import gate_pages, operator_door
from verifier.routes.gate_scanner import scanner_router
from verifier.routes.page_counter import PageCounter
from verifier.routes.pages_login import operator_login_pages
from verifier.routes.pages_shown import shown_pages
from verifier.routes.sessions import DONE_TRIES
from verifier.store.relying_parties import find_relying_party
from verifier.store.sessions import SessionRow, find_session, list_sessions
from verifier.store.verdicts import find_verdict

WAITING = ("open", "served", "answered")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """name: of the question; question: its text. answer: "" while there is no verdict. shown: in person, nobody was asked."""

    id: str
    name: str
    question: str
    state: str
    answer: str
    created_at: int
    expires_at: int
    shown: bool


def mount_pages(app: FastAPI, deps: Deps) -> Pages:
    """To be called after the protocol's and the API's routes: pages have the widest patterns. Answers the renderer, for error pages."""
    counter = PageCounter(deps)
    mount_static(app)
    app.include_router(scanner_router(counter.pages))
    for part in (operator_door, operator_login_pages, done_pages, gate_pages, shown_pages, ask_pages):
        app.include_router(part(counter))
    return counter.pages


def ask_pages(counter: PageCounter) -> APIRouter:
    router = page_router(counter.pages, dependencies=[Depends(counter.operator)])
    deps, operator = counter.deps, Depends(counter.operator)
    guarded = [Depends(counter.csrf.protect())]

    @router.get("/{tenant}/ask")
    def ask_form(request: Request, tenant: str) -> Response:
        questions = view_questions(find_relying_party(tenant).questions, counter.pages.words(request))
        return counter.show(request, tenant, "ask.html", here="ask", questions=questions)

    @router.post("/{tenant}/ask", dependencies=guarded)
    def ask(tenant: str, question: str = Form("", max_length=64), visitor: Visitor = operator) -> Response:
        opened = open_session(
            find_relying_party(tenant),
            question,
            actor=visitor.actor,
            addresses=deps.addresses,
            box=deps.box,
            sandbox=deps.settings.is_sandbox,
            now=deps.clock.now(),
        )
        return to(f"/{tenant}/ask/{opened.session}")

    @router.get("/{tenant}/ask/recent")
    def recent(request: Request, tenant: str) -> Response:
        words, now = counter.pages.words(request), deps.clock.now()
        views = [_session(row, _answer(tenant, str(row.session)), words, now) for row in list_sessions(tenant)]
        return counter.show(request, tenant, "recent.html", here="recent", sessions=views)

    @router.get("/{tenant}/ask/{session}")
    def watch(request: Request, tenant: str, session: str) -> Response:
        context = _watched(counter, request, tenant, session)
        return counter.show(request, tenant, "session.html", here="ask", **context)

    @router.get("/{tenant}/ask/{session}/part")
    def part(request: Request, tenant: str, session: str) -> Response:
        return counter.show(request, tenant, "session_part.html", **_watched(counter, request, tenant, session))

    return router


def done_pages(counter: PageCounter) -> APIRouter:
    """Where the holder's browser comes back to on the same device. Public: the response code is what opens it."""
    router = page_router(counter.pages)
    deps = counter.deps

    @router.get("/{tenant}/done/{session}")
    def done(request: Request, tenant: str, session: str, response_code: str = "") -> Response:
        find_relying_party(tenant)  # nothing is counted for one that is not here
        deps.limits.count(tenant, DONE_TRIES, "response code", client_address(request))
        words, now = counter.pages.words(request), deps.clock.now()
        result = read_result_by_code(tenant, session, response_code[:200], box=deps.box, now=now)
        view = _session(find_session(tenant, session), "", words, now)
        return counter.show(request, tenant, "done.html", session=view, verdict=_verdict(result, words))

    return router


def _watched(counter: PageCounter, request: Request, tenant: str, session: str) -> dict[str, Any]:
    """What the page of a question shows. Raises NotFound."""
    deps, words = counter.deps, counter.pages.words(request)
    now = deps.clock.now()
    result, row = read_result(tenant, session, box=deps.box, now=now), find_session(tenant, session)
    view = _session(row, "", words, now)
    return {
        "session": view,
        "waiting": view.state in WAITING,
        **_links(deps, tenant, row),
        "verdict": _verdict(result, words),
    }


def _links(deps: Deps, tenant: str, row: SessionRow) -> dict[str, Any]:
    """The question as a link: by reference, or by value where it is unsigned (then no state tells that it was scanned)."""
    session, wallet = str(row.session), deps.addresses.wallet_open_url
    if row.response_mode == SHOWN:
        return {"unsigned": False, "link": "", "wallet_link": ""}
    if str(row.client_id).startswith("redirect_uri:"):
        sealed = row.sealed_decryption_key
        key = deps.box.open(sealed, tenant=tenant, purpose="decryption key", what=session) if sealed else None
        response_uri = deps.addresses.response(tenant, session)
        request = build_request(find_relying_party(tenant), row, response_uri=response_uri, encryption_key=key)
        link = build_unsigned_link(request)
        return {
            "unsigned": True,
            "link": link,
            "wallet_link": build_unsigned_link(request, endpoint=wallet) if wallet else "",
        }
    address, client_id = deps.addresses.request(tenant, session), str(row.client_id)
    return {
        "unsigned": False,
        "link": build_authorization_link(client_id, address),
        "wallet_link": build_authorization_link(client_id, address, endpoint=wallet) if wallet else "",
    }


def _verdict(result: Result, words: Words) -> Any:
    return view_verdict(result.verdict, result.disclosed, words) if result.verdict else None


def _answer(tenant: str, session: str) -> str:
    found = find_verdict(tenant, session)
    return str(found.answer) if found else ""


def _session(row: Any, answer: str, words: Words, now: int) -> SessionView:
    question = QUESTIONS[str(row.question)]
    return SessionView(
        id=str(row.session),
        name=question.name,
        question=question.question_ja if words.language == "ja" else question.question_en,
        state=row.life_at(now).name,
        answer=answer,
        created_at=int(row.created_at),
        expires_at=int(row.expires_at),
        shown=row.response_mode == SHOWN,
    )
