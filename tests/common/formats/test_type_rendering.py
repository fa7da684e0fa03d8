"""Renderings of type metadata: read strictly, never executed, and written as they are read."""

from __future__ import annotations

from typing import Any

import pytest

from common.encoding import compact_json
from common.errors import Malformed
from common.formats.sd_jwt_vc.rendering import Rendering, Resource, SvgTemplate, read_rendering
from common.formats.sd_jwt_vc.type_metadata import (
    ClaimMetadata,
    TypeMetadata,
    build_type_metadata,
    parse_type_metadata,
)

LOGO = {"uri": "https://issuer.example/logo.png", "uri#integrity": "sha256-AAAA", "alt_text": "桜"}
TEMPLATE = {"uri": "https://issuer.example/card.svg", "uri#integrity": "sha256-AAAA"}
RENDERING = Rendering(
    logo=Resource(uri="https://issuer.example/logo.png", integrity="sha256-AAAA", alt_text="桜"),
    background_image=Resource(uri="data:image/png;base64,AAAA"),
    background_color="#1f3a5f",
    text_color="#ffffff",
    svg_templates=(
        SvgTemplate(resource=Resource(uri="https://issuer.example/1.svg"), orientation="portrait", contrast="high"),
        SvgTemplate(resource=Resource(uri="https://issuer.example/2.svg"), color_scheme="dark"),
    ),
)


def test_round_trip() -> None:
    metadata = TypeMetadata(
        vct="urn:type",
        names={"ja": "証明書", "en": "Certificate"},
        claims=(ClaimMetadata(path=("name",), svg_id="full_name"),),
        background_color="#1f3a5f",
        text_color="#ffffff",
        extends="urn:base",
        extends_integrity="sha256-AAAA",
        renderings={"ja": RENDERING},
    )
    assert parse_type_metadata(build_type_metadata(metadata), vct="urn:type") == metadata


def test_what_is_read() -> None:
    found = read_rendering({"simple": {"logo": LOGO}, "svg_templates": [TEMPLATE], "hologram": {"unknown": True}})
    assert found.logo == RENDERING.logo
    assert found.svg_templates[0].resource == Resource(uri=TEMPLATE["uri"], integrity="sha256-AAAA")
    assert read_rendering({}) == Rendering()


@pytest.mark.parametrize(
    "rendering",
    [
        "simple",
        {"simple": []},
        {"simple": {"logo": "https://issuer.example/logo.png"}},
        {"simple": {"logo": {}}},
        {"simple": {"logo": {"uri": "http://issuer.example/logo.png"}}},
        {"simple": {"logo": {"uri": "javascript:alert(1)"}}},
        {"simple": {"logo": {"uri": "file:///etc/passwd"}}},
        {"simple": {"logo": {**LOGO, "alt_text": 5}}},
        {"simple": {"background_image": {**LOGO, "uri#integrity": 5}}},
        {"simple": {"background_image": {"uri": "data:" + "A" * (1 << 16)}}},
        {"svg_templates": {}},
        {"svg_templates": ["x"]},
        {"svg_templates": [TEMPLATE, TEMPLATE]},  # of several, each has properties
        {"svg_templates": [{**TEMPLATE, "properties": {}}]},
        {"svg_templates": [{**TEMPLATE, "properties": {"mood": "bright"}}]},
        {"svg_templates": [{**TEMPLATE, "properties": {"orientation": "diagonal"}}]},
        {"svg_templates": [{**TEMPLATE, "properties": {"contrast": ["high"]}}]},
        {"svg_templates": [{**TEMPLATE, "properties": {"contrast": "high"}}] * 17},
    ],
)
def test_malformed(rendering: Any) -> None:
    with pytest.raises(Malformed, match="bad_type_metadata"):
        read_rendering(rendering)
    document = {"vct": "urn:type", "display": [{"locale": "ja", "name": "x", "rendering": rendering}]}
    with pytest.raises(Malformed, match="bad_type_metadata"):
        parse_type_metadata(compact_json(document), vct="urn:type")


@pytest.mark.parametrize("svg_id", ["1st", "", "a-b", "姓", "a b", 5, "a\n"])
def test_svg_ids(svg_id: object) -> None:
    document = {"vct": "urn:type", "claims": [{"path": ["a"], "svg_id": svg_id}]}
    with pytest.raises(Malformed, match="svg_id"):
        parse_type_metadata(compact_json(document), vct="urn:type")


@pytest.mark.parametrize("member", ["path", "svg_id"])
def test_nothing_is_described_twice(member: str) -> None:
    claims = [{"path": ["a"], "svg_id": "a"}, {"path": ["b"], "svg_id": "b"}]
    claims[1][member] = claims[0][member]
    with pytest.raises(Malformed, match="two claims"):
        parse_type_metadata(compact_json({"vct": "urn:type", "claims": claims}), vct="urn:type")
