"""What every registered credential format must do. A new one is tested here by being in the registry."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from common.errors import Malformed, Rejected, TegataError, Unsupported
from common.formats.contract import CredentialFormat
from common.formats.registry import FORMATS
from tests.common.formats.samples import (
    ADDRESS,
    AUDIENCE,
    HOLDER,
    ISSUER,
    NONCE,
    NOW,
    STRANGER,
    check_for,
    content_for,
    issue_for,
    present_for,
    public,
    subject_for,
)

ALL = pytest.mark.parametrize("member", list(FORMATS), ids=lambda member: member.name)


NAMED_BY_DID = ("did:web:issuer.example:sakuragawa", "did:web:issuer.example:sakuragawa#key-1")
"""Issuer and key as most formats name them; an mdoc names the certificate of its signer and nothing else."""
BOUND_AS_A_WHOLE = {
    ("key", "bad_signature"): "untrusted_key",
    ("audience", "wrong_audience"): "wrong_holder",
    ("nonce", "wrong_nonce"): "wrong_holder",
}
"""An mdoc's device signs a transcript of the request: which part of it differs cannot be told."""


def test_registered() -> None:
    assert FORMATS.names == ("dc+sd-jwt", "jwt_vc_json", "ldp_vc", "mso_mdoc")
    with pytest.raises(Unsupported, match="dc\\+sd-jwt"):
        FORMATS["unknown"]


@ALL
def test_issued_parsed_verified(member: CredentialFormat) -> None:
    parsed = member.parse(issue_for(member))
    hint = parsed.issuer_key_hint
    mdoc = member.name == "mso_mdoc"
    assert (hint.format, hint.alg, len(hint.x5c)) == (member.name, "ES256", 1 if mdoc else 0)
    assert (hint.iss, hint.kid) == ((None, None) if mdoc else NAMED_BY_DID)
    found = member.verify(parsed, public(ISSUER), now=NOW)
    assert found.subject == subject_for(member.name)
    assert found.issuer == (ADDRESS if mdoc else NAMED_BY_DID[0])
    assert found.format == member.name
    assert found.status == content_for(member.name).status
    assert (found.valid_from, found.valid_until) == (NOW - 10, NOW + 1000)
    assert found.issued_at == NOW - NOW % 3600
    assert found.holder_jwk is not None
    assert found.holder_jwk["x"] == HOLDER.public_jwk()["x"]


@ALL
def test_presented_and_believed(member: CredentialFormat) -> None:
    text = present_for(member, issue_for(member))
    found = check_for(member, text, now=NOW + 5)
    mdoc = member.name == "mso_mdoc"
    assert found.credential.subject == subject_for(member.name)
    assert (found.audience, found.nonce) == (AUDIENCE, NONCE)
    assert found.presented_at == (NOW + 5 if mdoc else NOW)  # an mdoc states no time of its own
    assert member.parse_presentation(text).issuer_key_hint.iss == (None if mdoc else NAMED_BY_DID[0])


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
    text = present_for(member, issue_for(member))
    if member.name == "mso_mdoc":
        if isinstance(reason, set):  # it grows stale with the verifier's nonce, and with nothing of its own
            assert check_for(member, text, **change)
            return
        reason = BOUND_AS_A_WHOLE.get((next(iter(change)), reason), reason)
    with pytest.raises(Rejected) as caught:
        check_for(member, text, **change)
    assert caught.value.reason in ({reason} if isinstance(reason, str) else reason)


@ALL
def test_expired_and_not_yet_valid_credentials(member: CredentialFormat) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"valid_until": NOW - 60}, "expired"),
        ({"valid_from": NOW + 61}, "not_yet_valid"),
        ({"valid_from": None, "valid_until": NOW - 60}, "expired"),
    ]
    for change, reason in cases:
        parsed = member.parse(issue_for(member, **{"valid_from": NOW - 500, **change}))
        with pytest.raises(Rejected, match=reason):
            member.verify(parsed, public(ISSUER), now=NOW)


@ALL
def test_a_thief_cannot_present(member: CredentialFormat) -> None:
    text = issue_for(member)
    with pytest.raises(Rejected) as caught:
        check_for(member, present_for(member, text, holder=STRANGER))
    assert caught.value.reason == "wrong_holder"


@ALL
def test_a_credential_bound_to_nobody_cannot_be_presented(member: CredentialFormat) -> None:
    if member.name == "mso_mdoc":
        with pytest.raises(ValueError, match="holder"):
            issue_for(member, holder_jwk=None)
        return
    text = issue_for(member, holder_jwk=None)
    with pytest.raises(Rejected) as caught:
        check_for(member, present_for(member, text))
    assert caught.value.reason == "wrong_holder"


@ALL
def test_a_bare_credential_is_no_presentation(member: CredentialFormat) -> None:
    text = issue_for(member)
    with pytest.raises(TegataError):
        check_for(member, text)
    with pytest.raises(Malformed):
        member.parse(present_for(member, text))


@ALL
def test_copies_of_a_batch_share_no_random_part(member: CredentialFormat) -> None:
    texts = [issue_for(member) for _ in range(10)]
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
            text = issue_for(other)
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
        text = issue_for(member, key, holder_jwk=holder.public_jwk())
        found = check_for(member, present_for(member, text, holder=holder), key=public(key))
        assert found.credential.subject == subject_for(member.name)


def test_verified_types_are_made_only_by_verify() -> None:
    rooms = [Path(__file__).resolve().parents[3] / room for room in ("common", "issuer", "verifier", "wallet_agent")]
    for path in (path for room in rooms for path in room.rglob("*.py")):
        made = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        } & {"VerifiedCredential", "VerifiedPresentation", "VerifiedSdJwt"}
        if made:
            # credential_of.py takes what verify_secured.py proved, and nothing else
            # examine_pass.py: what the gate pass's verify.py proved, for the judge that all presentations have
            makers = ("verify.py", "verify_presentation.py", "credential_of.py", "examine_pass.py")
            assert path.name in makers, f"{path.name} makes {made} itself"
