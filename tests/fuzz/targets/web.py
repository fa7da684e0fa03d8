"""What comes to the doors of the programs before a protocol has a say."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from pydantic import BaseModel

from common.encoding import compact_json
from common.web.bodies import JSON, parse_model
from tests.fuzz.target import reading


class _Body(BaseModel):
    """A body as those of the VC API are: a document of others, and options."""

    verifiableCredential: dict[str, Any] | str  # noqa: N815 (the wire's name)
    options: dict[str, str | int] | None = None


def _body(data: bytes) -> object:
    request = Request({"type": "http", "headers": [(b"content-type", JSON.encode())]})
    return parse_model(request, data, _Body)


TARGETS = (
    reading(parse_model, _body, compact_json({"verifiableCredential": {"type": ["a"]}, "options": {"challenge": "c"}})),
)
