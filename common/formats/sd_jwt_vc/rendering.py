"""How a type wants to be drawn: the methods "simple" and "svg_templates". SD-JWT VC draft-19 §4.6.1.

Parsed, never executed and never fetched: a template is somebody else's text. Whoever draws one replaces its placeholders by escaped
values in text content only, runs no code in it, lets it load nothing (§4.6.1.2.2), and checks its bytes against ``integrity`` first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import Malformed

MAX_TEMPLATES = 16
MAX_URI = 1 << 16
_PROPERTIES = {
    "orientation": ("portrait", "landscape"),
    "color_scheme": ("light", "dark"),
    "contrast": ("normal", "high"),
}
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something to be fetched: uri is https or data. integrity: for `check_integrity` over its bytes. alt_text: of a logo."""

    uri: str
    integrity: str | None = None
    alt_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SvgTemplate:
    """One template. What it is best for, None where it does not say: portrait or landscape, light or dark, normal or high contrast."""

    resource: Resource
    orientation: str | None = None
    color_scheme: str | None = None
    contrast: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """Colours are ``#rrggbb``, else None: they end up in somebody's style sheet, so nothing else passes."""

    logo: Resource | None = None
    background_image: Resource | None = None
    background_color: str | None = None
    text_color: str | None = None
    svg_templates: tuple[SvgTemplate, ...] = ()


def read_rendering(value: object) -> Rendering:
    """``rendering`` of one display. Methods that are not known are ignored. Raises Malformed."""
    methods = _object(value, "rendering")
    simple = _object(methods.get("simple", {}), "simple")
    templates = methods.get("svg_templates", [])
    if not isinstance(templates, list) or len(templates) > MAX_TEMPLATES:
        raise Malformed("bad_type_metadata", f"svg_templates is an array of at most {MAX_TEMPLATES}")
    return Rendering(
        logo=_read_resource(simple["logo"]) if "logo" in simple else None,
        background_image=_read_resource(simple["background_image"]) if "background_image" in simple else None,
        background_color=read_colour(simple.get("background_color")),
        text_color=read_colour(simple.get("text_color")),
        svg_templates=tuple(_read_template(template, alone=len(templates) == 1) for template in templates),
    )


def read_colour(value: object) -> str | None:
    """``#rrggbb`` or None."""
    return value if isinstance(value, str) and _COLOUR.fullmatch(value) else None


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Malformed("bad_type_metadata", f"{what} is an object")
    return value


def _read_resource(value: object) -> Resource:
    found = _object(value, "a resource of a rendering")
    uri, integrity, alt_text = found.get("uri"), found.get("uri#integrity"), found.get("alt_text")
    if not isinstance(uri, str) or not uri.startswith(("https://", "data:")) or len(uri) > MAX_URI:
        raise Malformed("bad_type_metadata", "the uri of a resource is https or data")
    if not isinstance(integrity, str | None) or not isinstance(alt_text, str | None):
        raise Malformed("bad_type_metadata", "uri#integrity and alt_text are texts")
    return Resource(uri=uri, integrity=integrity, alt_text=alt_text)


def _read_template(value: object, *, alone: bool) -> SvgTemplate:
    found = _object(value, "an SVG template")
    if "properties" not in found and not alone:
        raise Malformed("bad_type_metadata", "of several SVG templates, each has properties")
    properties = _object(found.get("properties", {}), "properties")
    known = {name: properties[name] for name in _PROPERTIES if name in properties}
    if "properties" in found and not known:
        raise Malformed("bad_type_metadata", f"properties name one of {', '.join(_PROPERTIES)}")
    for name, stated in known.items():
        if stated not in _PROPERTIES[name]:
            raise Malformed("bad_type_metadata", f"{name} is one of {', '.join(_PROPERTIES[name])}")
    return SvgTemplate(resource=_read_resource(found), **known)


def build_rendering(rendering: Rendering) -> dict[str, Any]:
    """``{"rendering": …}``, or nothing where there is nothing to say."""
    simple: dict[str, Any] = {}
    for name in ("logo", "background_image"):
        resource = getattr(rendering, name)
        if resource is not None:
            simple[name] = _build_resource(resource)
    for name in ("background_color", "text_color"):
        if getattr(rendering, name):
            simple[name] = getattr(rendering, name)
    methods: dict[str, Any] = {"simple": simple} if simple else {}
    if rendering.svg_templates:
        methods["svg_templates"] = [_build_template(template) for template in rendering.svg_templates]
    return {"rendering": methods} if methods else {}


def _build_resource(resource: Resource) -> dict[str, Any]:
    members = {"uri": resource.uri, "uri#integrity": resource.integrity, "alt_text": resource.alt_text}
    return {name: value for name, value in members.items() if value is not None}


def _build_template(template: SvgTemplate) -> dict[str, Any]:
    properties = {name: getattr(template, name) for name in _PROPERTIES if getattr(template, name) is not None}
    return {**_build_resource(template.resource), **({"properties": properties} if properties else {})}
