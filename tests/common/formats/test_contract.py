"""What every registered credential format must do. A new one is tested here by being in the registry."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from common.errors import Malformed, Rejected, TegataError, Unsupported
from common.formats.contract import CredentialFormat
from common.formats.credential import VerifiedPresentation
from common.formats.registry import FORMATS
from tests.common.formats.samples import (
    AUDIENCE,
    CLAIMS,
    HOLDER,
    ISSUER,
    NONCE,
    NOW,
    STRANGER,
    content_for,
    public,
)

ALL = pytest.mark.parametrize("member", list(FORMATS), ids=lambda member: member.name)


def present(member: CredentialFormat, text: str, **change: Any) -> str:
    options = {"paths": None, "holder": HOLDER, "audience": AUDIENCE, "nonce": NONCE, "now": NOW, **change}
    return member.present(text, **options)


def check(member: CredentialFormat, text: str, **change: Any) -> VerifiedPresentation:
    options = {"audience": AUDIENCE, "nonce": NONCE, "now": NOW, "key": public(ISSUER), **change}
    return member.verify_presentation(member.parse_presentation(text), options.pop("key"), **options)


def test_registered() -> None:
    assert FORMATS.names == ("dc+sd-jwt", "jwt_vc_json", "ldp_vc")
    with pytest.raises(Unsupported, match="dc\\+sd-jwt"):
        FORMATS["mso_mdoc"]


@ALL
def test_issued_parsed_verified(member: CredentialFormat) -> None:
    parsed = member.parse(member.issue(content_for(member.name), ISSUER))
    hint = parsed.issuer_key_hint
    assert (hint.format, hint.iss, hint.alg, hint.x5c) == (
        member.name,
        "did:web:issuer.example:sakuragawa",
        "ES256",
        (),
    )
    assert hint.kid == "did:web:issuer.example:sakuragawa#key-1"
    found = member.verify(parsed, public(ISSUER), now=NOW)
    assert found.subject == CLAIMS
    assert found.issuer == "did:web:issuer.example:sakuragawa"
    assert found.format == member.name
    assert found.status == content_for(member.name).status
    assert (found.valid_from, found.valid_until) == (NOW - 10, NOW + 1000)
    assert found.issued_at == NOW - NOW % 3600
    assert found.holder_jwk is not None
    assert found.holder_jwk["x"] == HOLDER.public_jwk()["x"]


@ALL
def test_presented_and_believed(member: CredentialFormat) -> None:
    text = present(member, member.issue(content_for(member.name), ISSUER))
    found = check(member, text, now=NOW + 5)
    assert found.credential.subject == CLAIMS
    assert (found.audience, found.nonce, found.presented_at) == (AUDIENCE, NONCE, NOW)
    assert member.parse_presentation(text).issuer_key_hint.iss == "did:web:issuer.example:sakuragawa"


@ALL
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"key": public(STRANGER)}, "bad_signature"),
        ({"audience": "another"}, "wrong_audience"),
        ({"nonce": "another"}, "wrong_nonce"),
        ({"nonce": ""}, "wrong_nonce"),
        ({"now": NOW - 71}, "not_yet_valid"),
        ({"now": NOW + 361}, {"stale", "expired"}),
        ({"now": NOW + 1060}, "expired"),
    ],
)
def test_not_believed(member: CredentialFormat, change: dict[str, Any], reason: str | set[str]) -> None:
    text = present(member, member.issue(content_for(member.name), ISSUER))
    with pytest.raises(Rejected) as caught:
        check(member, text, **change)
    assert caught.value.reason in ({reason} if isinstance(reason, str) else reason)


@ALL
def test_expired_and_not_yet_valid_credentials(member: CredentialFormat) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"valid_until": NOW - 60}, "expired"),
        ({"valid_from": NOW + 61}, "not_yet_valid"),
        ({"valid_from": None, "valid_until": NOW - 60}, "expired"),
    ]
    for change, reason in cases:
        parsed = member.parse(member.issue(content_for(member.name, **{"valid_from": NOW - 500, **change}), ISSUER))
        with pytest.raises(Rejected, match=reason):
            member.verify(parsed, public(ISSUER), now=NOW)


@ALL
def test_a_thief_cannot_present(member: CredentialFormat) -> None:
    text = member.issue(content_for(member.name), ISSUER)
    with pytest.raises(Rejected) as caught:
        check(member, present(member, text, holder=STRANGER))
    assert caught.value.reason == "wrong_holder"


@ALL
def test_a_credential_bound_to_nobody_cannot_be_presented(member: CredentialFormat) -> None:
    text = member.issue(content_for(member.name, holder_jwk=None), ISSUER)
    with pytest.raises(Rejected) as caught:
        check(member, present(member, text))
    assert caught.value.reason == "wrong_holder"


@ALL
def test_a_bare_credential_is_no_presentation(member: CredentialFormat) -> None:
    text = member.issue(content_for(member.name), ISSUER)
    with pytest.raises(TegataError):
        check(member, text)
    with pytest.raises(Malformed):
        member.parse(present(member, text))


@ALL
def test_copies_of_a_batch_share_no_random_part(member: CredentialFormat) -> None:
    texts = [member.issue(content_for(member.name), ISSUER) for _ in range(10)]
    assert len(set(texts)) == 10


@ALL
@pytest.mark.parametrize(
    "text", ["", "~", ".", "..", "~~", "e30.e30.AA", "e30.e30.AA~", "\ud800", "a" * 300_000, "é.é.é"]
)
def test_malformed(member: CredentialFormat, text: str) -> None:
    for parse in (member.parse, member.parse_presentation):
        with pytest.raises(Malformed):
            parse(text)


@ALL
def test_formats_do_not_read_each_other(member: CredentialFormat) -> None:
    for other in FORMATS:
        if other is not member:
            text = other.issue(content_for(other.name), ISSUER)
            with pytest.raises(TegataError):
                member.verify(member.parse(text), public(ISSUER), now=NOW)
            with pytest.raises(TegataError):
                member.verify(member.parse(text + "~"), public(ISSUER), now=NOW)


@ALL
def test_issuers_keys_of_other_kinds(member: CredentialFormat) -> None:
    from common.keys.software import SoftwareKey

    for alg in ("ES384", "EdDSA"):
        key = SoftwareKey.generate(alg)
        holder = SoftwareKey.generate(alg)
        text = member.issue(content_for(member.name, holder_jwk=holder.public_jwk()), key)
        assert check(member, present(member, text, holder=holder), key=public(key)).credential.subject == CLAIMS


def test_verified_types_are_made_only_by_verify() -> None:
    rooms = [Path(__file__).resolve().parents[3] / room for room in ("common", "issuer", "verifier", "wallet_agent")]
    for path in (path for room in rooms for path in room.rglob("*.py")):
        made = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        } & {"VerifiedCredential", "VerifiedPresentation", "VerifiedSdJwt"}
        if made:
            assert path.name in ("verify.py", "verify_presentation.py"), f"{path.name} makes {made} itself"
