"""The operator's page for what is shown in person: scan or paste, and on to the verdict."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Form, Request, Response

from common.errors import Malformed, Refused, Unsupported
from common.formats.shown_code import MAX_TEXT
from common.pages.route import page_router, to
from common.web.login import Visitor
from verifier.flows.accept_shown import accept_shown
from verifier.pages.question_views import view_questions
from verifier.routes.page_counter import PageCounter
from verifier.store.relying_parties import find_relying_party


def shown_pages(counter: PageCounter) -> APIRouter:
    """To be mounted before the pages of questions, whose addresses are wider."""
    router = page_router(counter.pages, dependencies=[Depends(counter.operator)])
    deps, operator = counter.deps, Depends(counter.operator)

    def form(request: Request, tenant: str, question: str, *, wrong: str = "", status: int = 200) -> Response:
        questions = view_questions(find_relying_party(tenant).questions, counter.pages.words(request))
        names = [one.name for one in questions]
        chosen = question if question in names else (names[0] if names else "")
        return counter.show(
            request, tenant, "shown.html", status=status, here="shown", questions=questions, chosen=chosen, wrong=wrong
        )

    @router.get("/{tenant}/ask/shown")
    def shown_form(request: Request, tenant: str, question: str = "") -> Response:
        return form(request, tenant, question)

    @router.post("/{tenant}/ask/shown", dependencies=[Depends(counter.csrf.protect())])
    def accept(
        request: Request,
        tenant: str,
        question: str = Form("", max_length=64),
        text: str = Form("", max_length=2 * MAX_TEXT),
        visitor: Visitor = operator,
    ) -> Response:
        try:
            accepted = accept_shown(
                find_relying_party(tenant),
                question,
                text,
                actor=visitor.actor,
                addresses=deps.addresses,
                box=deps.box,
                gatherer=deps.gatherer,
                test_cards=deps.settings.believes_test_cards,
                now=deps.clock.now(),
            )
        except Malformed as error:
            wrong = "incomplete" if error.code == "incomplete_code" else "unreadable"
            return form(request, tenant, question, wrong=wrong, status=400)
        except (Unsupported, Refused):
            return form(request, tenant, question, wrong="question", status=400)
        return to(f"/{tenant}/ask/{accepted.session}")

    return router
