"""Somebody who wants a forged, borrowed, replayed or withdrawn certificate accepted."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from common.encoding import b64url_decode, b64url_encode, compact_json
from common.formats.registry import FORMATS
from common.jose.jws import sign_jws
from common.jose.jwt import build_jwt
from common.jose.sd_jwt import Disclosable, issue_sd_jwt
from common.keys.software import SoftwareKey
from common.oid4vp.response import AuthorizationResponse
from common.status.bits import StatusList
from common.status.token_status_list import build_status_list_token
from common.trust.anchors import TrustAnchors, TrustedIssuer
from common.trust.issuer_metadata import build_issuer_metadata, metadata_address
from common.x509.sandbox_ca import Use, issue_leaf, make_ca
from tests.verifier.world import (
    CLAIMS,
    ISSUER,
    STATUS_URI,
    VCT_BASE,
    Holder,
    World,
    add_party,
    certified,
    checks_of,
    make_world,
)

DAY = 86_400


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(f"sqlite:///{tmp_path / 'verifier.sqlite3'}", tmp_path)
    yield made
    made.deps.database.close_all()


def refused(world: World, credential: str, **how: Any) -> dict[str, tuple[str, str]]:
    """Presents; the verdict must not be yes. The checks."""
    verdict = world.verdict_of(credential, **how)
    assert verdict["answer"] != "passed", verdict
    return checks_of(verdict)


# -- forged ---------------------------------------------------------------------------------------------------------------


def test_the_honest_one_is_accepted(world: World) -> None:
    """Else nothing below means anything."""
    assert world.verdict_of(world.issue())["answer"] == "passed"


def test_signed_by_the_forgers_own_key_under_the_issuers_kid(world: World) -> None:
    forger = SoftwareKey.generate(kid=world.issuer_key.kid)
    assert refused(world, world.issue(key=forger))["issuer_signature"][0] == "failed"


def test_the_forgers_key_rides_along_in_the_header(world: World) -> None:
    """``jwk``, ``jku`` and ``x5u`` in a credential's header are never followed (RFC 8725 §3.10)."""
    forger = SoftwareKey.generate(kid=world.issuer_key.kid)
    genuine, *rest = world.issue(key=forger).split("~")
    header, payload, _ = genuine.split(".")
    claims = b64url_decode(payload)
    world.fetch.pages["https://evil.example/keys"] = compact_json({"keys": [forger.public_jwk()]})
    for more in (
        {"jwk": forger.public_jwk()},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/keys"},
        {"kid": "https://evil.example/keys"},
        {"kid": f"did:jwk:{b64url_encode(compact_json(forger.public_jwk()))}#0"},
        {"kid": None},
    ):
        head = {**json.loads(b64url_decode(header)), **more}
        refused(world, "~".join((sign_jws(head, claims, forger), *rest)))
    assert not [url for _, url in world.fetch.requests if "evil" in url]


def test_a_chain_from_the_forgers_own_authority(world: World) -> None:
    own = make_ca("Tegata sandbox CA", now=world.clock.now())  # the same name as the trusted one's
    key = SoftwareKey.generate()
    leaf = issue_leaf(
        own, key.private_key().public_key(), name="x", use=Use.ISSUER, now=world.clock.now(), uris=[ISSUER]
    )
    root = base64.b64encode(own.certificate.public_bytes(_der())).decode()
    refused(world, world.issue(key=key, x5c=leaf.x5c))
    refused(world, world.issue(key=key, x5c=(*leaf.x5c, root)))


def _der() -> Any:
    return Encoding.DER


def test_a_leaf_that_issues_another_leaf(world: World) -> None:
    """A verifier with an honest certificate of the trusted root signs a certificate for the university."""
    now = world.clock.now()
    shop = SoftwareKey.generate()
    honest = issue_leaf(
        world.ca, shop.private_key().public_key(), name="shop", use=Use.VERIFIER, now=now, dns_names=["shop.example"]
    )
    key = SoftwareKey.generate()
    shops_key = shop.private_key()
    assert isinstance(shops_key, ec.EllipticCurvePrivateKey)
    as_if = replace(world.ca, certificate=honest.certificate, key=shops_key)
    forged = issue_leaf(as_if, key.private_key().public_key(), name="uni", use=Use.ISSUER, now=now, uris=[ISSUER])
    refused(world, world.issue(key=key, x5c=(*forged.x5c, *honest.x5c)))


def test_an_honest_certificate_for_another_name(world: World) -> None:
    """The café's own certificate, of the trusted root, does not make it a university."""
    cafe = certified(world.ca, "cafe.example", world.clock.now())
    refused(world, world.issue(key=cafe["key"], x5c=cafe["x5c"]))


def test_an_issuer_that_is_trusted_for_another_type(world: World) -> None:
    other = "https://issuer.example/momoyama"
    key = SoftwareKey.generate()
    world.fetch.pages[metadata_address(other)] = compact_json(build_issuer_metadata(other, [key.public_jwk()]))
    trusted = TrustedIssuer(identifier=other, types=frozenset({f"{VCT_BASE}/library"}), names={})
    anchors = TrustAnchors(roots=(world.ca.certificate,), issuers=(*world.deps.gatherer._anchors.issuers, trusted))
    world.deps.gatherer._anchors = anchors
    checks = refused(world, world.issue(key=key, issuer=other))
    assert checks["issuer_trusted"] == ("failed", "untrusted_issuer")


def test_a_type_smuggled_in_beside_an_allowed_one(world: World) -> None:
    """``aka_vcts``: an issuer of library cards says that its card is a certificate of enrolment, too."""
    other = "https://issuer.example/momoyama"
    key = SoftwareKey.generate()
    world.fetch.pages[metadata_address(other)] = compact_json(build_issuer_metadata(other, [key.public_jwk()]))
    trusted = TrustedIssuer(identifier=other, types=frozenset({f"{VCT_BASE}/library"}), names={})
    world.deps.gatherer._anchors = TrustAnchors(issuers=(trusted,))
    now = world.clock.now()
    claims = {
        "iss": other,
        "vct": f"{VCT_BASE}/library",
        "aka_vcts": [f"{VCT_BASE}/enrolment"],
        "iat": now,
        "cnf": {"jwk": {k: v for k, v in world.holder.key.public_jwk().items() if k in ("kty", "crv", "x", "y")}},
        **CLAIMS,
    }
    refused(world, build_jwt({"typ": "dc+sd-jwt", "kid": key.kid}, claims, key) + "~")


@pytest.mark.parametrize("typ", ["vc+jwt", "JWT", "statuslist+jwt", "kb+jwt", "openid4vci-proof+jwt", None])
def test_another_kind_of_token_of_the_same_issuer(world: World, typ: str | None) -> None:
    """Whatever else the issuer signs with its key, none of it is a credential (RFC 8725 §3.11)."""
    now = world.clock.now()
    header = {"kid": world.issuer_key.kid} | ({"typ": typ} if typ else {})
    claims = {
        "iss": ISSUER,
        "vct": f"{VCT_BASE}/enrolment",
        "iat": now,
        "cnf": {"jwk": {k: v for k, v in world.holder.key.public_jwk().items() if k in ("kty", "crv", "x", "y")}},
        **CLAIMS,
    }
    refused(world, build_jwt(header, claims, world.issuer_key) + "~")


# -- borrowed, replayed -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_name", ["dc+sd-jwt", "jwt_vc_json"])
def test_somebody_elses_certificate(world: World, format_name: str) -> None:
    """The thief has the victim's credential text and his own key."""
    query = "enrolment_sd_jwt" if format_name == "dc+sd-jwt" else "enrolment_jwt"
    stolen = world.issue(format_name)
    opened = world.ask()
    request = world.read_request(opened["link"])
    thief = Holder()
    if format_name == "dc+sd-jwt":
        text = FORMATS[format_name].present(
            stolen,
            paths=None,
            holder=thief.key,
            audience=str(request.client_id),
            nonce=request.nonce,
            now=world.clock.now(),
        )
    else:
        now = world.clock.now()
        envelope = {"@context": _V2, "id": f"data:application/vc+jwt,{stolen}", "type": "EnvelopedVerifiableCredential"}
        claims = {
            "@context": [_V2],
            "type": ["VerifiablePresentation"],
            "holder": thief.did,
            "verifiableCredential": [envelope],
            "iss": thief.did,
            "aud": str(request.client_id),
            "nonce": request.nonce,
            "iat": now,
        }
        text = build_jwt({"typ": "vp+jwt", "kid": f"{thief.did}#0"}, claims, thief.key)
    body = world.answer(request, AuthorizationResponse(vp_token={query: (text,)}, state=request.state))
    assert world.post(request, body).status_code == 200
    verdict = world.result(opened["id"])["verdict"]
    assert verdict["answer"] != "passed"
    assert checks_of(verdict)["holder_bound"][0] == "failed"


_V2 = "https://www.w3.org/ns/credentials/v2"


def test_a_presentation_made_for_the_evil_shop(world: World) -> None:
    """The evil shop asks the holder with the honest shop's nonce, and passes the answer on."""
    refused(world, world.issue(), audience="x509_san_dns:evil.example")


def test_a_presentation_made_for_another_party_of_the_same_deployment(world: World) -> None:
    add_party(world.deps, "bar")
    refused(world, world.issue(), audience="decentralized_identifier:did:web:verifier.example:bar")


def test_the_same_client_without_its_prefix_is_another(world: World) -> None:
    refused(world, world.issue(), audience="did:web:verifier.example:cafe")


def test_yesterdays_answer(world: World) -> None:
    refused(world, world.issue(), nonce="A" * 32)


def test_a_recorded_answer_sent_again(world: World) -> None:
    opened = world.ask()
    request = world.read_request(opened["link"])
    body = world.present(request, world.issue())
    assert world.post(request, body).status_code == 200
    assert world.post(request, body).status_code == 409
    again = world.read_request(world.ask()["link"])
    assert world.post(again, body).status_code == 400  # another session: another key, another state


def test_an_answer_to_a_question_whose_time_is_over(world: World) -> None:
    opened = world.ask()
    request = world.read_request(opened["link"])
    body = world.present(request, world.issue())
    world.clock.time = opened["expires_at"]
    assert world.post(request, body).status_code == 409


def test_an_answer_without_encryption_where_it_was_asked_for(world: World) -> None:
    """Downgrade: whoever stands between strips the encryption to read along, and forwards."""
    opened = world.ask()
    request = world.read_request(opened["link"])
    plain = urlencode({"vp_token": '{"enrolment_sd_jwt":["x"]}', "state": request.state or ""}).encode()
    assert world.post(request, plain).status_code == 400
    assert world.post(request, world.present(request, world.issue())).status_code == 200  # and nothing was used up


@pytest.mark.parametrize("state", ["", "x", None])
def test_a_stranger_cannot_decline_for_the_holder_without_the_state(world: World, state: str | None) -> None:
    opened = world.ask()
    request = world.read_request(opened["link"])
    form = {"error": "access_denied"} | ({} if state is None else {"state": state})
    assert world.post(request, urlencode(form).encode()).status_code == 400


def test_more_presentations_than_were_asked_for(world: World) -> None:
    """One good certificate of an accomplice beside one's own bad one."""
    opened = world.ask()
    request = world.read_request(opened["link"])
    good = world.issue()
    query = request.dcql_query.credential("enrolment_sd_jwt")
    assert query is not None
    text = FORMATS["dc+sd-jwt"].present(
        good,
        paths=None,
        holder=world.holder.key,
        audience=str(request.client_id),
        nonce=request.nonce,
        now=world.clock.now(),
    )
    body = world.answer(
        request, AuthorizationResponse(vp_token={"enrolment_sd_jwt": (text, text)}, state=request.state)
    )
    assert world.post(request, body).status_code == 400


# -- withdrawn ----------------------------------------------------------------------------------------------------------------


def test_a_withdrawn_one(world: World) -> None:
    world.publish_status(1)
    assert refused(world, world.issue())["not_revoked"] == ("failed", "revoked")


def test_a_clean_list_of_the_holders_own(world: World) -> None:
    """The holder answers at the list's address himself (a hostile network), with a list that he signed."""
    world.publish_status(0, key=SoftwareKey.generate(kid=world.issuer_key.kid))
    assert refused(world, world.issue())["not_revoked"][0] == "undetermined"


def test_a_clean_list_of_another_address(world: World) -> None:
    """An honest list of the same issuer, for other credentials, served in the place of the right one."""
    now = world.clock.now()
    world.fetch.pages[STATUS_URI] = build_status_list_token(
        StatusList.of_size(64, bits=2),
        world.issuer_key,
        uri=f"{STATUS_URI}-other",
        issued_at=now,
        expires_at=now + DAY,
        ttl=300,
    ).encode()
    assert refused(world, world.issue())["not_revoked"][0] == "undetermined"


def test_an_old_clean_list_kept_from_before_the_withdrawal(world: World) -> None:
    world.publish_status(0)
    kept = world.fetch.pages[STATUS_URI]
    credential = world.issue()
    world.clock.advance(3 * DAY)
    world.publish_status(1)
    world.fetch.pages[STATUS_URI] = kept
    assert refused(world, credential)["not_revoked"] == ("undetermined", "status_stale")


def test_a_list_that_is_a_bomb(world: World) -> None:
    now = world.clock.now()
    claims = {
        "sub": STATUS_URI,
        "iat": now,
        "exp": now + DAY,
        "ttl": 300,
        "status_list": {"bits": 2, "lst": b64url_encode(zlib.compress(bytes(600 << 20), 9))},
    }
    header = {"typ": "statuslist+jwt", "kid": world.issuer_key.kid}
    world.fetch.pages[STATUS_URI] = build_jwt(header, claims, world.issuer_key).encode()
    assert refused(world, world.issue())["not_revoked"][0] == "undetermined"


def test_the_list_is_taken_away(world: World) -> None:
    world.unpublish(STATUS_URI)
    assert refused(world, world.issue())["not_revoked"][0] == "undetermined"


def test_a_status_hidden_in_a_disclosure_that_is_not_shown(world: World) -> None:
    """An SD-JWT whose ``status`` could be held back would be withdrawn by nobody. (Only the issuer could make one; it is refused.)"""
    now = world.clock.now()
    claims = {
        "iss": ISSUER,
        "vct": f"{VCT_BASE}/enrolment",
        "iat": now,
        "cnf": {"jwk": {k: v for k, v in world.holder.key.public_jwk().items() if k in ("kty", "crv", "x", "y")}},
        "status": Disclosable({"status_list": {"idx": 7, "uri": STATUS_URI}}),
        **CLAIMS,
    }
    text = issue_sd_jwt({"typ": "dc+sd-jwt", "kid": world.issuer_key.kid}, claims, world.issuer_key)
    opened = world.ask()
    request = world.read_request(opened["link"])
    shown = FORMATS["dc+sd-jwt"].present(
        text,
        paths=None,
        holder=world.holder.key,
        audience=str(request.client_id),
        nonce=request.nonce,
        now=now,
    )
    world.post(
        request,
        world.answer(request, AuthorizationResponse(vp_token={"enrolment_sd_jwt": (shown,)}, state=request.state)),
    )
    assert world.result(opened["id"])["verdict"]["answer"] != "passed"


# -- the way back ---------------------------------------------------------------------------------------------------------------


def test_the_result_of_the_same_device_opens_with_its_code_alone(world: World) -> None:
    opened = world.ask(same_device=True)
    request = world.read_request(opened["link"])
    answer = world.post(request, world.present(request, world.issue()))
    back = urlsplit(answer.json()["redirect_uri"])
    (code,) = parse_qs(back.query)["response_code"]
    for wrong in ("", "x", code[:-1], code + "x", opened["id"], "\x00"):
        assert world.client.get(back.path, params={"response_code": wrong}).status_code == 404
    assert world.client.get(back.path, params={"response_code": code}).status_code == 200


@pytest.mark.parametrize("tenant", ["%5Cevil.example", "x%0d%0aSet-Cookie:%20a=b", "桜", "%00", "evil.example%5C@"])
@pytest.mark.parametrize("page", ["ask", "ask/recent", "login", "done/x", "request/x", "sessions/x/events"])
def test_no_redirect_leads_out_and_no_header_is_smuggled_in(world: World, tenant: str, page: str) -> None:
    answer = world.client.get(f"/{tenant}/{page}", headers={"accept": "text/html"}, follow_redirects=False)
    assert answer.status_code < 500
    target = answer.headers.get("location", "/")
    assert target.startswith("/")
    assert not target.startswith(("//", "/\\"))
    assert "set-cookie" not in answer.headers or "a=b" not in answer.headers["set-cookie"]
