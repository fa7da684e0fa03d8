"""Request bodies of protocol endpoints: as bytes, of the media type that the protocol names."""

from __future__ import annotations

from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from common.encoding import parse_json_object
from common.errors import Malformed

JSON = "application/json"
_Model = TypeVar("_Model", bound=BaseModel)


async def read_body(request: Request) -> bytes:
    """A dependency: the whole body. Its size is bounded by the middleware."""
    return await request.body()


def require_media_type(request: Request, wanted: str, code: str = "invalid_request") -> None:
    """Raises Malformed(code) for a body of another kind."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != wanted:
        raise Malformed(code, f"the body must be {wanted}")


def parse_model(request: Request, body: bytes, model: type[_Model]) -> _Model:
    """A JSON body that holds documents of others: read as strictly as those, then held to its model. Raises Malformed.

    FastAPI's own reading lets duplicate members pass (the last one wins) and numbers that nothing can write out again.
    """
    require_media_type(request, JSON)
    try:
        return model.model_validate(parse_json_object(body))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Malformed("invalid_request", f"{where}: {first['msg']}"[:500]) from None


def described_body(model: type[BaseModel]) -> dict[str, Any]:
    """For the OpenAPI of a route that reads its body with `parse_model`."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    return {"requestBody": {"required": True, "content": {JSON: {"schema": _inlined(schema, definitions)}}}}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema without references, which would point into the wrong document."""
    if isinstance(schema, list):
        return [_inlined(entry, definitions) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[str(schema["$ref"]).rpartition("/")[2]], definitions)
    return {name: _inlined(value, definitions) for name, value in schema.items()}
