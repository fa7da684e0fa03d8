"""Types that extend each other: what is inherited, what may be changed, and chains that are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from common.encoding import compact_json
from common.errors import Malformed, Rejected, Unavailable
from common.formats.sd_jwt_vc.integrity import integrity_of
from common.formats.sd_jwt_vc.type_chain import MAX_CHAIN, ResolvedType, resolve_type

BASE, CHILD = "https://example.com/base-type-metadata", "https://example.com/custom-type-metadata"


def loader(**documents: dict[str, Any]) -> Callable[[str], bytes]:
    """Documents by the last part of their vct; each gets its own vct unless it states another."""
    known = {f"urn:{name}": compact_json({"vct": f"urn:{name}", **document}) for name, document in documents.items()}

    def load(vct: str) -> bytes:
        if vct not in known:
            raise Unavailable("unreachable")
        return known[vct]

    return load


def resolve(child: dict[str, Any], base: dict[str, Any] | None = None, **others: dict[str, Any]) -> ResolvedType:
    documents = {"child": child, **({"base": base} if base is not None else {}), **others}
    return resolve_type("urn:child", loader(**documents))


def claim(*path: str | int | None, **members: Any) -> dict[str, Any]:
    return {"path": list(path), **members}


def label(text: str, locale: str = "en") -> list[dict[str, str]]:
    return [{"label": text, "locale": locale}]


def test_the_example_of_the_draft() -> None:
    """§4.7.5.2: name is inherited, address.city is relabelled, nationalities is new."""
    documents = {
        BASE: {
            "vct": BASE,
            "claims": [
                claim("name", display=label("Full Name")),
                claim("address", "city", display=label("City")),
            ],
        },
        CHILD: {
            "vct": CHILD,
            "extends": BASE,
            "claims": [
                claim("address", "city", display=label("Town")),
                claim("nationalities", display=label("Nationalities")),
            ],
        },
    }
    found = resolve_type(CHILD, lambda vct: compact_json(documents[vct]))
    assert found.types == (CHILD, BASE)
    assert found.metadata.vct == CHILD
    assert [(one.path, one.labels["en"]) for one in found.metadata.claims] == [
        (("name",), "Full Name"),
        (("address", "city"), "Town"),
        (("nationalities",), "Nationalities"),
    ]


def test_display_is_inherited_whole_or_not_at_all() -> None:
    base = {"display": [{"locale": "ja", "name": "証明書"}, {"locale": "en", "name": "Certificate"}]}
    assert resolve({"extends": "urn:base"}, base).metadata.names == {"ja": "証明書", "en": "Certificate"}
    own = {"extends": "urn:base", "display": [{"locale": "en", "name": "Diploma"}]}
    assert resolve(own, base).metadata.names == {"en": "Diploma"}
    assert resolve({**own, "display": []}, base).metadata.names == {}


def test_what_a_claim_leaves_out_it_inherits() -> None:
    base = {"claims": [claim("a", mandatory=True, sd="always", svg_id="a", display=label("A"))]}
    (found,) = resolve({"extends": "urn:base", "claims": [claim("a", display=label("あ", "ja"))]}, base).metadata.claims
    assert (found.mandatory, found.sd, found.svg_id) == (True, "always", "a")
    assert found.labels == {"ja": "あ"}  # contents are never merged
    (same,) = resolve(
        {"extends": "urn:base", "claims": [claim("a", mandatory=True, sd="always")]}, base
    ).metadata.claims
    assert same.labels == {"en": "A"}
    stricter = {"claims": [claim("a")]}
    (strict,) = resolve(
        {"extends": "urn:base", "claims": [claim("a", mandatory=True, sd="never")]}, stricter
    ).metadata.claims
    assert (strict.mandatory, strict.sd) == (True, "never")


@pytest.mark.parametrize(
    ("base", "child"),
    [
        (claim("a", sd="always"), claim("a", sd="never")),
        (claim("a", sd="always"), claim("a", sd="allowed")),
        (claim("a", sd="never"), claim("a", sd="always")),
        (claim("a", mandatory=True), claim("a", mandatory=False)),
    ],
)
def test_decisions_of_the_extended_type_stand(base: dict[str, Any], child: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match="bad_type_metadata"):
        resolve({"extends": "urn:base", "claims": [child]}, {"claims": [base]})
    # also when a type between them says nothing
    with pytest.raises(Malformed, match="bad_type_metadata"):
        resolve({"extends": "urn:middle", "claims": [child]}, {"claims": [base]}, middle={"extends": "urn:base"})


def test_svg_ids_are_unique_with_all_that_is_inherited() -> None:
    base = {"claims": [claim("a", svg_id="same")]}
    with pytest.raises(Malformed, match="svg_id"):
        resolve({"extends": "urn:base", "claims": [claim("b", svg_id="same")]}, base)


def test_circles() -> None:
    with pytest.raises(Malformed, match="circular_type"):
        resolve({"extends": "urn:child"})
    with pytest.raises(Malformed, match="circular_type"):
        resolve({"extends": "urn:base"}, {"extends": "urn:other"}, other={"extends": "urn:base"})


def test_chains_end() -> None:
    def load(vct: str) -> bytes:
        number = int(vct.removeprefix("urn:"))
        asked.append(number)
        return compact_json({"vct": vct, **({"extends": f"urn:{number + 1}"} if number < last else {})})

    asked: list[int] = []
    last = MAX_CHAIN - 1
    assert len(resolve_type("urn:0", load).types) == MAX_CHAIN
    asked, last = [], 1000
    with pytest.raises(Malformed, match="more than"):
        resolve_type("urn:0", load)
    assert len(asked) == MAX_CHAIN


def test_integrity_of_every_document() -> None:
    base = compact_json({"vct": "urn:base"})
    child = compact_json({"vct": "urn:child", "extends": "urn:base", "extends#integrity": integrity_of(base)})
    documents = {"urn:base": base, "urn:child": child}
    assert (
        resolve_type("urn:child", documents.__getitem__, integrity=integrity_of(child)).metadata.extends == "urn:base"
    )
    with pytest.raises(Rejected, match="bad_signature"):
        resolve_type("urn:child", documents.__getitem__, integrity=integrity_of(base))
    documents["urn:base"] = base + b" "
    with pytest.raises(Rejected, match="bad_signature"):
        resolve_type("urn:child", documents.__getitem__)


def test_the_document_is_the_one_that_was_asked_for() -> None:
    with pytest.raises(Malformed, match="another type"):
        resolve({"extends": "urn:base"}, {"vct": "urn:stranger"})


@pytest.mark.parametrize("change", [{"extends": 5}, {"extends": ""}, {"extends": "urn:base", "extends#integrity": 5}])
def test_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        resolve(change, {})


def test_a_base_that_cannot_be_had_is_told() -> None:
    with pytest.raises(Unavailable):
        resolve({"extends": "urn:missing"})
