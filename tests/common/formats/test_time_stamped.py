"""What is stamped of a credential: for every format the same bytes as issued and as presented, and the issuer's signature among them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.encoding import b64url_decode
from common.errors import Unsupported
from common.formats.contract import CredentialFormat
from common.formats.registry import FORMATS
from common.formats.time_stamped import stamped_bytes, stamped_digest
from tests.common.formats.samples import issue_for, present_for

ALL = pytest.mark.parametrize("member", list(FORMATS), ids=lambda member: member.name)


@ALL
def test_presented_it_is_the_same(member: CredentialFormat) -> None:
    text = issue_for(member)
    digest = stamped_digest(member.parse(text))
    assert len(digest) == 32
    for paths in (None, ()):
        assert stamped_digest(member.parse_presentation(present_for(member, text, paths=paths))) == digest


@ALL
def test_another_copy_is_another(member: CredentialFormat) -> None:
    """Salts, holders and ECDSA's own random see to it: a signature made later is never the same bytes."""
    one, other = (stamped_digest(member.parse(issue_for(member))) for _ in range(2))
    assert one != other


def test_what_the_bytes_are() -> None:
    sd_jwt = issue_for(FORMATS["dc+sd-jwt"])
    assert stamped_bytes(FORMATS["dc+sd-jwt"].parse(sd_jwt)) == sd_jwt.split("~")[0].encode()
    jwt = issue_for(FORMATS["jwt_vc_json"])
    assert stamped_bytes(FORMATS["jwt_vc_json"].parse(jwt)) == jwt.encode()
    mdoc = issue_for(FORMATS["mso_mdoc"])
    assert stamped_bytes(FORMATS["mso_mdoc"].parse(mdoc)) in b64url_decode(mdoc)


def test_a_document_is_the_same_in_any_order_of_members() -> None:
    form = FORMATS["ldp_vc"]
    document: dict[str, Any] = json.loads(issue_for(form))
    shuffled = json.dumps(dict(reversed(document.items())), indent=2)
    assert stamped_digest(form.parse(shuffled)) == stamped_digest(form.parse(json.dumps(document)))
    document["proof"]["created"] = "2020-01-01T00:00:00Z"
    assert stamped_digest(form.parse(json.dumps(document))) != stamped_digest(form.parse(shuffled))


def test_nothing_else_is_stamped() -> None:
    with pytest.raises(Unsupported):
        stamped_bytes("a text")
