"""Type metadata: built, read back, shown in a language, and held against its hash."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from common.encoding import compact_json
from common.errors import Malformed, Rejected
from common.formats.sd_jwt_vc.type_metadata import (
    ClaimMetadata,
    TypeMetadata,
    build_type_metadata,
    check_integrity,
    integrity_of,
    parse_type_metadata,
    pick,
)

VCT = "https://issuer.example/types/enrolment"
METADATA = TypeMetadata(
    vct=VCT,
    names={"ja": "在学証明書", "en": "Certificate of Enrolment"},
    descriptions={"ja": "在学していることの証明"},
    claims=(
        ClaimMetadata(path=("family_name",), labels={"ja": "姓", "en": "Family name"}, mandatory=True, sd="always"),
        ClaimMetadata(
            path=("courses", None, "name"), labels={"ja": "科目"}, descriptions={"ja": "科目の名"}, sd="allowed"
        ),
    ),
    background_color="#1f3a5f",
    text_color="#ffffff",
)


def test_round_trip() -> None:
    document = build_type_metadata(METADATA)
    assert build_type_metadata(METADATA) == document
    assert parse_type_metadata(document, vct=VCT, integrity=integrity_of(document)) == METADATA


def test_languages() -> None:
    assert METADATA.label(("family_name",), "ja") == "姓"
    assert METADATA.label(("family_name",), "en-GB") == "Family name"
    assert METADATA.label(("family_name",), "fr") == "姓"
    assert METADATA.label(("unknown",), "ja") is None
    assert pick({}, "ja") is None


def test_integrity() -> None:
    document = build_type_metadata(METADATA)
    with pytest.raises(Rejected, match="bad_signature"):
        parse_type_metadata(document + b" ", vct=VCT, integrity=integrity_of(document))
    strong = "sha512-" + base64.b64encode(hashlib.sha512(document).digest()).decode()
    check_integrity(document, f"sha256-AAAA {strong}")  # only the strongest decides
    check_integrity(document, f"{strong}?option")
    with pytest.raises(Rejected, match="bad_signature"):
        check_integrity(document, f"{integrity_of(document)} sha512-AAAA")
    for bad in ("", "md5-AAAA", "sha256-!"):
        with pytest.raises(Malformed):
            check_integrity(document, bad)


@pytest.mark.parametrize(
    "change",
    [
        {"vct": "https://other.example"},
        {"display": {}},
        {"display": ["x"]},
        {"display": [{"locale": "ja"}]},
        {"display": [{"name": "x"}]},
        {"display": [{"locale": "ja", "name": 5}]},
        {"claims": [{"path": []}]},
        {"claims": [{"path": "a"}]},
        {"claims": [{"path": [-1]}]},
        {"claims": [{"path": [True]}]},
        {"claims": [{"path": ["a"], "sd": "sometimes"}]},
        {"claims": [{"path": ["a"], "mandatory": "yes"}]},
        {"claims": [{"path": ["a"], "display": [{"locale": "ja"}]}]},
    ],
)
def test_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        parse_type_metadata(compact_json({"vct": VCT, **change}), vct=VCT)


@pytest.mark.parametrize("colour", ["red;}", "#12345", "url(x)", "#gggggg", "#12_456", 5, "#+12345"])
def test_only_plain_colours_pass(colour: object) -> None:
    display = [{"locale": "ja", "name": "x", "rendering": {"simple": {"background_color": colour}}}]
    assert parse_type_metadata(compact_json({"vct": VCT, "display": display}), vct=VCT).background_color is None
