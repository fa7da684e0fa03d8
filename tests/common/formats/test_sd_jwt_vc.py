"""SD-JWT VC: what its draft demands beyond SD-JWT."""

from __future__ import annotations

from typing import Any

import pytest

from common.encoding import b64url_encode, compact_json
from common.errors import Malformed, Rejected
from common.formats.credential import ClaimsPath, VerifiedCredential
from common.formats.sd_jwt_vc import SdJwtVc
from common.jose.jwt import build_jwt
from common.jose.sd_jwt import parse_sd_jwt
from common.jose.sd_jwt.disclosure import HASHES, digest_of
from common.x509.sandbox_ca import Use, issue_leaf, make_ca
from tests.common.formats.samples import AUDIENCE, CLAIMS, HOLDER, ISSUER, NONCE, NOW, content, public

FORMAT = SdJwtVc()
VCT = "https://issuer.example/types/enrolment"


def verify(payload: dict[str, Any], *disclosures: str, typ: str = "dc+sd-jwt", **header: Any) -> VerifiedCredential:
    claims = {"iss": "https://issuer.example", "vct": VCT, **payload}
    token = build_jwt({"typ": typ, **header}, {k: v for k, v in claims.items() if v is not None}, ISSUER)
    return FORMAT.verify(FORMAT.parse("~".join((token, *disclosures, ""))), public(ISSUER), now=NOW)


def test_what_is_issued() -> None:
    parsed = parse_sd_jwt(FORMAT.issue(content(vct_integrity="sha256-abc"), ISSUER, x5c=["AAAA"]))
    assert dict(parsed.token.header) == {
        "alg": "ES256",
        "typ": "dc+sd-jwt",
        "kid": "did:web:issuer.example:sakuragawa#key-1",
        "x5c": ["AAAA"],
    }
    claims = parsed.token.claims
    assert claims["vct#integrity"] == "sha256-abc"
    assert claims["birthdate"] == "2005-04-02"  # always disclosed
    assert claims["cnf"]["jwk"].keys() == {"kty", "crv", "x", "y"}
    assert claims["status"] == {"status_list": {"idx": 42, "uri": "https://issuer.example/sakuragawa/status/1"}}
    assert not set(CLAIMS) & claims.keys() - {"birthdate"}
    assert len(claims["_sd"]) == 4
    assert "jti" not in claims


def test_the_number_of_digests_does_not_tell_the_number_of_claims() -> None:
    for count in (1, 2, 3, 4):
        claims = {f"claim_{number}": number for number in range(count)}
        parsed = parse_sd_jwt(FORMAT.issue(content(claims=claims), ISSUER))
        assert len(parsed.token.claims["_sd"]) == 4


def test_https_issuers_keep_their_kid() -> None:
    hint = FORMAT.parse(FORMAT.issue(content(issuer="https://issuer.example/sakuragawa"), ISSUER)).issuer_key_hint
    assert (hint.iss, hint.kid) == ("https://issuer.example/sakuragawa", "key-1")


@pytest.mark.parametrize("change", [{"vct": ""}, {"claims": {"iss": "x"}}, {"claims": {"status": "enrolled"}}])
def test_what_cannot_be_issued(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"vct|sets"):
        FORMAT.issue(content(**change), ISSUER)
    with pytest.raises(Malformed, match="private_jwk"):
        FORMAT.issue(content(holder_jwk=HOLDER.private_jwk()), ISSUER)


@pytest.mark.parametrize(
    ("paths", "subject"),
    [
        ([], {"birthdate": "2005-04-02"}),
        ([("given_name",)], {"birthdate": "2005-04-02", "given_name": "花子"}),
        ([("faculty", "name")], {"birthdate": "2005-04-02", "faculty": {"name": "理工学部"}}),
        ([("faculty",)], {"birthdate": "2005-04-02", "faculty": CLAIMS["faculty"]}),
        ([("nationalities", 1)], {"birthdate": "2005-04-02", "nationalities": ["BR"]}),
        ([("nationalities", None)], {"birthdate": "2005-04-02", "nationalities": ["JP", "BR"]}),
        ([("unknown",)], {"birthdate": "2005-04-02"}),
        (None, CLAIMS),
    ],
)
def test_only_what_was_chosen_is_shown(paths: list[ClaimsPath] | None, subject: dict[str, Any]) -> None:
    text = FORMAT.present(
        FORMAT.issue(content(), ISSUER), paths=paths, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW
    )
    parsed = FORMAT.parse_presentation(text)
    found = FORMAT.verify_presentation(parsed, public(ISSUER), audience=AUDIENCE, nonce=NONCE, now=NOW)
    assert found.credential.subject == subject


def test_types() -> None:
    assert verify({}).types == (VCT,)
    assert verify({"aka_vcts": ["urn:a", "urn:b"]}).types == (VCT, "urn:a", "urn:b")
    wrong: tuple[dict[str, Any], ...] = (
        {"vct": None},
        {"vct": 5},
        {"vct": ""},
        {"aka_vcts": []},
        {"aka_vcts": [VCT]},
        {"aka_vcts": "urn:a"},
    )
    for bad in wrong:
        with pytest.raises(Malformed, match="bad_vct"):
            verify(bad)
    with pytest.raises(Malformed, match="bad_vct"):
        verify({"vct#integrity": 5})


@pytest.mark.parametrize("typ", ["JWT", "vc+sd-jwt", "kb+jwt", "vc+jwt"])
def test_typ(typ: str) -> None:
    with pytest.raises(Rejected, match="wrong_type"):
        verify({}, typ=typ)


@pytest.mark.parametrize("name", ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"])
def test_what_must_stand_in_the_open(name: str) -> None:
    hidden = b64url_encode(compact_json(["salt", name, "value"]))
    payload: dict[str, Any] = {"_sd": [digest_of(hidden, HASHES["sha-256"])]}
    if name in ("iss", "vct"):
        payload[name] = None
    with pytest.raises(Rejected, match="disclosure_invalid"):
        verify(payload, hidden)


def test_no_holding_back_inside_the_status() -> None:
    for status in ({"_sd": ["x"]}, {"status_list": {"idx": 1, "uri": "u", "_sd": ["x"]}}):
        with pytest.raises(Rejected, match="disclosure_invalid"):
            verify({"status": status})


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ({}, Rejected),
        ({"other": {}}, Rejected),
        ("text", Rejected),
        ({"status_list": []}, Malformed),
        ({"status_list": {"idx": -1, "uri": "u"}}, Malformed),
        ({"status_list": {"idx": True, "uri": "u"}}, Malformed),
        ({"status_list": {"idx": "1", "uri": "u"}}, Malformed),
        ({"status_list": {"idx": 1}}, Malformed),
        ({"status_list": {"idx": 1 << 50, "uri": "u"}}, Malformed),
    ],
)
def test_a_status_that_is_not_understood_is_not_overlooked(status: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        verify({"status": status})


def test_holders_keys() -> None:
    assert verify({}).holder_jwk is None
    for cnf, error in [
        ("text", Malformed),
        ({"kid": "key-1"}, Rejected),
        ({"jwk": HOLDER.private_jwk()}, Malformed),
        ({"jwk": {"kty": "oct", "k": "AA"}}, Malformed),
    ]:
        with pytest.raises(error):
            verify({"cnf": cnf})


def test_issuer_named_by_its_certificate_alone() -> None:
    ca = make_ca("root", now=NOW)
    key = ISSUER.private_key().public_key()
    leaf = issue_leaf(ca, key, name="x", use=Use.ISSUER, now=NOW, dns_names=["a.example"], uris=["https://a.example/t"])
    assert verify({"iss": None}, x5c=list(leaf.x5c)).issuer == "https://a.example/t"
    hosts = {1: ["a.example"], 2: ["a.example", "b.example"]}
    by_host = {n: issue_leaf(ca, key, name="x", use=Use.ISSUER, now=NOW, dns_names=names) for n, names in hosts.items()}
    assert verify({"iss": None}, x5c=list(by_host[1].x5c)).issuer == "https://a.example"
    with pytest.raises(Rejected, match="untrusted_key"):
        verify({"iss": None}, x5c=list(by_host[2].x5c))
    wrong: tuple[dict[str, Any], ...] = ({}, {"x5c": []}, {"x5c": "text"})
    for x5c in wrong:
        with pytest.raises(Malformed):
            verify({"iss": None}, **x5c)
    for iss in (5, "", ["https://a"]):
        with pytest.raises(Malformed):
            verify({"iss": iss})
    with pytest.raises(Malformed):
        _ = FORMAT.parse(build_jwt({"typ": "dc+sd-jwt", "x5c": [1]}, {}, ISSUER) + "~").issuer_key_hint
    with pytest.raises(Malformed):
        _ = FORMAT.parse(build_jwt({"typ": "dc+sd-jwt"}, {"iss": 5}, ISSUER) + "~").issuer_key_hint


def test_open_paths_open_the_claim_and_not_what_is_in_it() -> None:
    paths: frozenset[ClaimsPath] = frozenset({("faculty",), ("courses", None), ("courses", None, "name")})
    claims = {**CLAIMS, "courses": [{"name": "数学", "mark": "A"}, {"name": "物理", "mark": "B"}]}
    text = FORMAT.issue(content(claims=claims, open_paths=paths), ISSUER)
    payload = parse_sd_jwt(text).token.claims
    assert payload["faculty"].keys() == {"_sd"}
    assert len(payload["faculty"]["_sd"]) >= 2

    def show(*chosen: ClaimsPath) -> Any:
        shown = FORMAT.present(text, paths=list(chosen), holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW)
        found = FORMAT.verify_presentation(
            FORMAT.parse_presentation(shown), public(ISSUER), audience=AUDIENCE, nonce=NONCE, now=NOW
        )
        return found.credential.subject

    assert show()["faculty"] == {}
    assert "courses" not in show()  # hidden as a whole, its elements and their names within it are not
    assert show(("faculty", "code"))["faculty"] == {"code": "E1"}
    assert show(("courses", 0, "mark"))["courses"] == [{"name": "数学", "mark": "A"}, {"name": "物理"}]


def test_further_types_are_issued() -> None:
    text = FORMAT.issue(content(aka_vcts=("urn:a",)), ISSUER)
    assert FORMAT.verify(FORMAT.parse(text), public(ISSUER), now=NOW).types == (VCT, "urn:a")
    with pytest.raises(ValueError, match="aka_vcts"):
        FORMAT.issue(content(aka_vcts=(VCT,)), ISSUER)
