"""Routes that FastAPI works out when the first request, or question, comes to them: a test asks three of the hundred and fifty of an app.

A route knows at once what it takes to be found: path, methods, endpoint, name. All else is made by FastAPI's own code, unchanged, when it
is first looked at, be it for a request or for the OpenAPI. Programs that are started as such, in the browser's tests and the demo's, and
`tests.interop`'s, work everything out at their start.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any

from fastapi.routing import APIRoute, _effective_route_context_var, _EffectiveRouteContext
from starlette.routing import compile_path, get_name

_WORK = "_late_work"
_AT_ONCE = frozenset(
    (
        *("original_route", "starlette_route", "frontend_prefix", "matches", "url_path_for"),
        *("path", "path_regex", "path_format", "param_convertors", "endpoint", "methods", "name"),
    )
)
_one_at_a_time = RLock()
"""Clients in several threads ask one app."""
_make_route = APIRoute.__init__
_make_context = _EffectiveRouteContext.from_api_route.__func__  # type: ignore[attr-defined]


def find_out_late() -> None:
    """To be called once, before apps are built."""
    APIRoute.__init__ = _route_later  # type: ignore[method-assign,assignment]
    APIRoute.__getattr__ = _ask_route  # type: ignore[attr-defined]
    _EffectiveRouteContext.from_api_route = classmethod(_context_later)  # type: ignore[assignment]


def _route_later(route: APIRoute, path: str, endpoint: Callable[..., Any], **told: Any) -> None:
    regex, form, convertors = compile_path(path)
    route.__dict__.update(
        path=path,
        path_regex=regex,
        path_format=form,
        param_convertors=convertors,
        endpoint=endpoint,
        name=get_name(endpoint) if told.get("name") is None else told["name"],
        methods={method.upper() for method in told.get("methods") or ["GET"]},
    )

    def work() -> None:
        token = _effective_route_context_var.set(None)  # a route is made of itself, whoever asks
        try:
            _make_route(route, path, endpoint, **told)
        finally:
            _effective_route_context_var.reset(token)

    route.__dict__[_WORK] = work


def _ask_route(route: APIRoute, name: str) -> Any:
    """Called for what the route has not."""
    with _one_at_a_time:
        work = route.__dict__.pop(_WORK, None)
        if work is not None:
            work()
        elif name not in route.__dict__:  # else another thread has just found out
            raise AttributeError(name)
    return getattr(route, name)


class _LateContext(_EffectiveRouteContext):
    """A route as the routers above it change it."""

    def __getattribute__(self, name: str) -> Any:
        if name not in _AT_ONCE and not name.startswith("__"):
            known = self.__dict__
            if _WORK in known:
                with _one_at_a_time:
                    if _WORK in known:
                        known.update(known[_WORK]().__dict__)
                        del known[_WORK]  # last: until then others wait
        return object.__getattribute__(self, name)


def _context_later(
    _: type[_EffectiveRouteContext], *, original_route: APIRoute, include_context: Any
) -> _EffectiveRouteContext:
    context = _LateContext(original_route=original_route)
    path = include_context.path_for(original_route)
    regex, form, convertors = compile_path(path)
    context.__dict__.update(
        path=path,
        path_regex=regex,
        path_format=form,
        param_convertors=convertors,
        endpoint=original_route.endpoint,
        name=original_route.name,
        methods=original_route.methods,
    )
    context.__dict__[_WORK] = lambda: _make_context(
        _EffectiveRouteContext, original_route=original_route, include_context=include_context
    )
    return context
