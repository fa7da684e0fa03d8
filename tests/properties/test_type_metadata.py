"""Type metadata under random input: any document is read or refused, any chain of documents ends."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from common.encoding import compact_json, parse_json_object
from common.errors import TegataError
from common.formats.sd_jwt_vc import SdJwtVc
from common.formats.sd_jwt_vc.claim_rules import check_claims
from common.formats.sd_jwt_vc.rendering import read_rendering
from common.formats.sd_jwt_vc.type_chain import MAX_CHAIN, resolve_type
from common.formats.sd_jwt_vc.type_metadata import build_type_metadata, parse_type_metadata, read_type_metadata
from tests.common.formats.samples import ISSUER, content
from tests.properties.test_jose import json_values, only_ours

words = st.sampled_from(["ja", "en", "a", "b", "x"])
steps = st.lists(st.none() | st.integers(-1, 3) | words | st.booleans(), max_size=3)
claims = st.fixed_dictionaries(
    {"path": steps},
    optional={
        "sd": st.sampled_from(["always", "allowed", "never", "x"]),
        "mandatory": st.booleans() | st.none(),
        "svg_id": words | json_values,
        "display": json_values | st.lists(st.fixed_dictionaries({"locale": words, "label": words}), max_size=2),
    },
)
displays = st.fixed_dictionaries(
    {"locale": words, "name": words},
    optional={
        "description": words | json_values,
        "rendering": json_values
        | st.dictionaries(
            st.sampled_from(["simple", "svg_templates"]),
            json_values
            | st.dictionaries(st.sampled_from(["logo", "background_image", "background_color", "uri"]), json_values)
            | st.lists(
                st.fixed_dictionaries({"uri": st.just("https://a.example"), "properties": json_values}), max_size=2
            ),
        ),
    },
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "extends": st.sampled_from(["urn:0", "urn:1", "urn:2"]) | json_values,
        "extends#integrity": json_values,
        "display": st.lists(displays, max_size=2) | json_values,
        "claims": st.lists(claims, max_size=3) | json_values,
    },
)
WHOLE = SdJwtVc().parse(SdJwtVc().issue(content(), ISSUER))


@settings(deadline=None, max_examples=200)
@given(st.lists(documents, min_size=3, max_size=3))
def test_any_chain_ends_in_metadata_or_an_error(chain: list[dict[str, Any]]) -> None:
    asked: list[str] = []

    def load(vct: str) -> bytes:
        asked.append(vct)
        number = vct.removeprefix("urn:")
        return compact_json({"vct": vct, **(chain[int(number)] if number in ("0", "1", "2") else {})})

    try:
        found = resolve_type("urn:0", load)
    except TegataError:
        assert len(asked) <= MAX_CHAIN
        return
    assert list(found.types) == asked
    assert found.metadata.vct == "urn:0"
    only_ours(check_claims, WHOLE, found.metadata)
    only_ours(check_claims, WHOLE, found.metadata, complete=False)
    written = parse_json_object(build_type_metadata(found.metadata))
    assert read_type_metadata(written).claims == found.metadata.claims


@settings(deadline=None)
@given(json_values, st.binary(max_size=80))
def test_arbitrary_documents(value: Any, data: bytes) -> None:
    only_ours(parse_type_metadata, compact_json(value), vct="urn:0")
    only_ours(parse_type_metadata, data, vct="urn:0")
    only_ours(read_rendering, value)
    only_ours(resolve_type, "urn:0", lambda _: data)
