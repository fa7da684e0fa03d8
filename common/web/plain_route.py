"""A route for protocol endpoints that are asked often: FastAPI describes it, and its general reading of parameters is not run for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase
from starlette.concurrency import run_in_threadpool

from common.web.bodies import read_body


class PlainRoute(APIRoute):
    """For endpoints that are plain functions of texts of the path, ``request`` and ``body`` (by `read_body`), and answer a Response.

    Such an endpoint gets just these, in a worker thread; any other is left to FastAPI, also one with a dependency that does more than
    describe. What FastAPI does beside has nothing to do there, and took as long as a signature. (A dependency given to
    ``include_router`` would not be seen here: give it to the router.)
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint = self.endpoint
        names = self._plain_names()
        if names is None:
            return super().get_route_handler()
        path_names = names - {"request", "body"}

        async def handle(request: Request) -> Response:
            given: dict[str, Any] = {name: request.path_params[name] for name in path_names}
            if "body" in names:
                given["body"] = await read_body(request)
            if "request" in names:
                given["request"] = request
            response: Response = await run_in_threadpool(endpoint, **given)
            return response

        return handle

    def _plain_names(self) -> frozenset[str] | None:
        """The endpoint's parameters, None where FastAPI must serve them."""
        found = inspect.signature(self.endpoint, eval_str=True)
        if inspect.iscoroutinefunction(self.endpoint) or found.return_annotation is not Response:
            return None
        if not all(_only_describes(one.dependency) for one in self.dependencies):
            return None
        for name, each in found.parameters.items():
            if name in self.param_convertors:
                plain = each.annotation is str
            elif name == "body":
                plain = each.annotation is bytes and getattr(each.default, "dependency", None) is read_body
            else:
                plain = name == "request" and each.annotation is Request
            if not plain:
                return None
        return frozenset(found.parameters)


def _only_describes(dependency: object) -> bool:
    """A security scheme that refuses nobody: it stands in the OpenAPI, and the endpoint reads the header itself."""
    return isinstance(dependency, SecurityBase) and getattr(dependency, "auto_error", True) is False
