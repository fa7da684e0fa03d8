"""Renders the pages of one program: Jinja2 with autoescape, in the reader's language, with nothing that a strict CSP would refuse.

    pages = Pages("issuer", forms=Csrf(settings))
    pages.response(request, "claim.html", offer=offer)

Every template sees: ``lang``, ``t(key, **values)``, ``t_or(key, otherwise)``, ``date``/``instant``/``span`` filters, ``static(name)``,
``qr(text, title)``, ``csrf_token``, ``in_language(code)`` (this address in the other language) and ``request``.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

import jinja2
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from common.errors import Misconfigured
from common.pages.catalogue import Catalogue, Words
from common.pages.dates import When, show_date, show_instant, show_span
from common.pages.language import LANGUAGE_COOKIE, LANGUAGES, Language, choose_language, known_language
from common.pages.qr import dense_qr_svg, qr_svg
from common.pages.seal import PRODUCT_SEAL, seal_glyphs
from common.pages.static_files import static_url

SHARED = Path(__file__).parent
LANGUAGE_COOKIE_AGE = 365 * 86400  # seconds
# Pages show what belongs to one person; they are never stored by anything in between, and depend on the reader's language.
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
PAGE_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}


class FormGuard(Protocol):
    """What forms need against other sites' pages: `common.web.csrf.Csrf`. secure: cookies are for https only."""

    secure: bool

    def token(self, request: Request) -> str:
        """The value for the hidden field of every form."""

    def keep(self, request: Request, response: Response) -> None:
        """Sets the cookie that belongs to the value, where it is new."""


class Pages:
    """The pages of ``program`` (a package with a ``pages`` folder), over the shared templates and messages."""

    def __init__(self, program: str, *, forms: FormGuard, sandbox: bool = False) -> None:
        own = _folder_of(program)
        self.program = program
        self.catalogue = Catalogue((SHARED / "messages", own / "messages"))
        self._forms = forms
        self._sandbox = sandbox
        self._environment = make_environment((own, SHARED / "templates"))

    def response(
        self,
        request: Request,
        name: str,
        /,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """Renders template ``name``. A ``?lang=`` in the address is remembered in a cookie."""
        language = choose_language(request)
        html = self.render(request, name, language, context)
        response = HTMLResponse(
            html, status_code=status, headers={**PAGE_HEADERS, "Content-Language": language, **(headers or {})}
        )
        self._forms.keep(request, response)
        if known_language(request.query_params.get("lang")):
            response.set_cookie(
                LANGUAGE_COOKIE,
                language,
                max_age=LANGUAGE_COOKIE_AGE,
                httponly=True,
                samesite="lax",
                secure=self._forms.secure,
            )
        return response

    def words(self, request: Request) -> Words:
        """The texts in this reader's language, for views."""
        return Words(self.catalogue, choose_language(request))

    def render(self, request: Request, name: str, language: Language, context: Mapping[str, Any]) -> str:
        words = Words(self.catalogue, language)

        def in_language(code: str) -> str:
            query = [(k, v) for k, v in request.query_params.multi_items() if k != "lang"]
            return "?" + urlencode([*query, ("lang", code)])

        return self._environment.get_template(name).render(
            {
                "lang": language,
                "languages": LANGUAGES,
                "t": words.text,
                "t_or": words,
                "in_language": in_language,
                "csrf_token": self._forms.token(request),
                "program": self.program,
                "sandbox": self._sandbox,
                "request": request,
                **context,
            }
        )


def make_environment(folders: tuple[Path, ...]) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        static=static_url, qr=qr_svg, dense_qr=dense_qr_svg, seal_glyphs=seal_glyphs, product_seal=PRODUCT_SEAL
    )
    environment.filters.update(date=_date, instant=_instant, span=_span, tongue=_tongue)
    return environment


@pass_context
def _date(context: Context, when: When) -> str:
    return show_date(when, context["lang"])


@pass_context
def _instant(context: Context, when: When) -> str:
    return show_instant(when, context["lang"])


@pass_context
def _span(context: Context, seconds: int) -> str:
    return show_span(seconds, context["lang"])


@pass_context
def _tongue(context: Context, text: str) -> Markup:
    """Japanese text on a page in another language, marked as such: a screen reader changes its voice, a browser its glyphs."""
    if context["lang"] != "ja" and _JAPANESE.search(text):
        return Markup('<span lang="ja">{}</span>').format(text)
    return escape(text)


def _folder_of(program: str) -> Path:
    found = importlib.util.find_spec(program)
    if found is None or not found.submodule_search_locations:
        raise Misconfigured("no_such_program", f"{program!r} is not a package")
    return Path(found.submodule_search_locations[0]) / "pages"
