"""Hostile bodies at every public endpoint: bombs, broken encodings, nonsense in every field. 4xx in the endpoint's own form, never 5xx.

The first part throws whole bodies of every kind at every operation; the second puts bombs where each protocol expects something.
"""

from __future__ import annotations

import json
import time
import zlib
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.amount import examples, share
from tests.hostile.issuer_place import open_issuer
from tests.hostile.residents import Door, Place
from tests.hostile.test_openapi import SLOWEST, TRACES, check_refusal
from tests.verifier.conftest import small_world as small_world
from tests.verifier.world import World

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
KINDS = (
    "application/json",
    FORM,
    MULTIPART,
    "text/plain",
    "",
    "application/json; charset=utf-16",
    "x" * 300,
    "multipart/form-data",
    "/;=",
)
EDGE = 262_144
"""The largest body that the programs take, in bytes."""


def _deep(opening: str, closing: str = "", size: int = EDGE - 100) -> bytes:
    return (
        opening * (size // len(opening + closing)) + closing * (size // len(opening + closing) if closing else 0)
    ).encode()


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "a null": b"null",
    "a number": b"1",
    "a text": b'"x"',
    "a list": b"[]",
    "an empty object": b"{}",
    "open brackets": _deep("["),
    "closed brackets": _deep("[", "]"),
    "open objects": _deep('{"a":'),
    "many members": b"{" + b",".join(b'"k%d":1' % n for n in range(15_000)) + b"}",
    "the same member": b"{" + b",".join([b'"types":["enrolment"]'] * 5_000) + b"}",
    "a long number": b'{"a":' + b"9" * 200_000 + b"}",
    "not a number": b'{"a":NaN,"b":Infinity,"c":1e999}',
    "a lone surrogate": b'{"link":"\\ud800","name":"\\udfff","question":"\\ud800","passphrase":"\\ud800\\ud800\\ud800"}',
    "a nul": b'{"link":"\\u0000","name":"a\\u0000b","question":"\\u0000","types":["\\u0000"],"changes":{"faculty":"\\u0000"}}',
    "no utf-8": b'{"a":"\xff\xfe\xc0\x80"}',
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "cut off": b'{"types":["enrol',
    "two values": b"{}{}",
    "all of one byte": b"\x00" * 1000,
    "many parameters": b"&".join(b"k%d=1" % n for n in range(20_000)),
    "the same parameter": b"&".join([b"grant_type=a"] * 3) + b"&response=a&response=b&token=a&token=b&csrf_token=1&csrf_token=2",
    "percent junk": b"grant_type=%zz&response=%ff%fe%00&token=%&vp_token=%u0000&%=%&=&&;",
    "a form of nothing": b"=&" * 50_000,
    "a part without end": b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nabc",
    "a part with a strange head":
        b"--x\r\nContent-Disposition: form-data; name=\"\xff\x00\"\r\nX: " + b"a" * 9000 + b"\r\n\r\n1\r\n--x--\r\n",
    "many parts": b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % n for n in range(2500)) + b"--x--\r\n",
    "many files": b"".join(
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="%d"\r\n\r\n1\r\n' % n for n in range(1500)) + b"--x--\r\n",
    "only a boundary": b"--x--\r\n",
    "a zip": zlib.compress(bytes(1_000_000)),
    "too much": b"a" * (EDGE + 1),
}  # fmt: skip


def posts(place: Place) -> list[Door]:
    return [door for door in place.all_doors() if door.method in ("POST", "PUT", "DELETE")]


def throw(place: Place, door: Door, body: bytes, kind: str, *, as_owner: bool) -> Any:
    """Sends raw bytes with the owner's token or cookie (and form token, by header), or as a stranger's browser."""
    is_page = door in place.page_doors()
    client = place.a.browser if is_page and as_owner else place.stranger() if is_page else place.client
    headers = {"Content-Type": kind} if kind else {}
    if is_page:
        headers["X-CSRF-Token"] = client.cookies.get(place.csrf_cookie) or ""
    elif as_owner:
        headers |= place.own_headers.get(door.path, lambda one: one.headers)(place.a)
    address = door.address(place.a.slug, place.a.ids)
    began = time.monotonic()
    answer = client.request(door.method, address, content=body, headers=headers, follow_redirects=False)
    assert time.monotonic() - began < SLOWEST, (door, kind, len(body))
    return answer


def check(place: Place, door: Door, answer: Any, what: object) -> None:
    # DID resolution says 501 to what it does not know, in the words of its own text
    resolves = answer.status_code == 501 and door.path.endswith("/identifiers/{did}")
    assert answer.status_code < 500 or resolves, (door, what, answer.status_code, answer.text[:300])
    assert not any(trace in answer.text for trace in TRACES), (door, what)
    is_page = door in place.page_doors()
    if answer.status_code >= 400 and not (is_page and answer.headers["content-type"].startswith("text/html")):
        check_refusal(door.path, answer)


ENDS_THE_SESSION = ("/lock", "/logout", "/passphrase")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("as_owner", [True, False])
def test_whole_bodies_of_every_kind(place: Place, as_owner: bool) -> None:
    for turn, door in enumerate(posts(place)):
        if door.path.endswith(ENDS_THE_SESSION) if as_owner else door not in place.public:
            continue
        for number, (what, body) in share(enumerate(BODIES.items()), 4, turn):
            fitting = (
                MULTIPART
                if "part" in what or "file" in what
                else FORM
                if "param" in what or "form" in what
                else KINDS[0]
            )
            others = {KINDS[number % len(KINDS)], KINDS[(number * 5 + 2) % len(KINDS)]} if len(body) < 10_000 else set()
            for kind in {fitting} | others:
                answer = throw(place, door, body, kind, as_owner=as_owner)
                check(place, door, answer, (what, kind))
                if what == "too much":
                    assert 400 <= answer.status_code < 500 or door.path.endswith(("/roll", "/restore", "/import")), door


def test_any_bytes_at_all(place: Place) -> None:
    doors = [door for door in posts(place) if not door.path.endswith(ENDS_THE_SESSION)]

    @given(st.sampled_from(doors), st.binary(max_size=300), st.sampled_from(KINDS), st.booleans())
    @settings(max_examples=examples(40, 1000), derandomize=True, deadline=None, database=None, phases=(Phase.generate,),
              suppress_health_check=list(HealthCheck))  # fmt: skip
    def one(door: Door, body: bytes, kind: str, as_owner: bool) -> None:
        check(place, door, throw(place, door, body, kind, as_owner=as_owner), (body, kind))

    one()


def test_strange_queries_and_headers(place: Place) -> None:
    """Numbers beyond 64 bits, NUL, repeated and unknown parameters, broken cookies and credentials, at every GET."""
    queries = ("page=99999999999999999999999", "page=-1&size=-1", "page=1e9", "q=%00&query=%00&status=%00", "q=%ff%fe&lang=%ff",
               "limit=99999999999999999999", "lang=xx&lang=ja", "response_code=%00", "response_code=" + "a" * 9000, "next=//evil.example",
               "card=%00", "state=%F0%9F%98%80", "type=%00&type=x", "&&==&%", "known_head=%0a")  # fmt: skip
    headers: list[dict[str, str | bytes]] = [
        {"Authorization": b"Bearer \xff\xfe"}, {"Authorization": "Bearer"}, {"Authorization": "Bearer " + "a" * 20_000},
        {"Authorization": "bearer a b c"}, {"Cookie": b"\xff=\xfe; tegata-issuer=\xff"}, {"Cookie": "a=" + "b" * 20_000},
        {"Cookie": '="; ;;tegata_lang="\\""; csrf-issuer='}, {"Accept-Language": "," * 5000}, {"Accept-Language": b"\xff;q=x"},
        {"Host": "evil.example"}, {"Host": "\\"}, {"X-Request-Id": "a b"}, {"X-Forwarded-Proto": "https"},
        {"Accept": "*/*;q=nan"}, {"If-None-Match": '"' * 3000}, {"Range": "bytes=0-0,0-0,5-1"}, {"Origin": "null"},
    ]  # fmt: skip
    for turn, door in enumerate(place.all_doors()):
        if door.method != "GET" or door.path.endswith("/events"):
            continue
        address = door.address(place.a.slug, {**place.a.ids, "name": "enrolment"})
        client = place.a.browser if door in place.page_doors() else place.client
        own = {} if door in place.page_doors() else dict(place.a.headers)
        for query in share(queries, 3, turn):
            check(place, door, client.get(f"{address}?{query}", headers=own, follow_redirects=False), query)
        for more in share(headers, 3, turn):
            answer = client.get(address, headers={**own, **more}, follow_redirects=False)  # type: ignore[dict-item]
            check(place, door, answer, more)
            assert "evil.example" not in answer.headers.get("location", "")


def test_strange_ids(place: Place) -> None:
    """Whatever stands where an id should: the same 4xx as for an id of nothing."""
    strange = (
        "%00",
        "%ff",
        "%F0%9F%98%80" * 50,
        "a" * 5000,
        "-1",
        "%27%20OR%201=1--",
        "%25",
        "null",
        "%E2%80%AE",
        "a%0d%0ab",
        "*",
    )
    for turn, door in enumerate(place.all_doors()):
        if door.path.endswith("/events") or door.path.endswith(ENDS_THE_SESSION):
            continue
        for name in door.names:
            for value in share(strange, 3, turn):
                ids = {**place.a.ids, "name": "enrolment", name: value}
                at = value if name == "tenant" else place.a.slug
                answer = place.knock(door, place.a, at=at, ids=ids, by="page" if door in place.page_doors() else "api")
                check(place, door, answer, (name, value))


# -- bombs where a protocol expects something ------------------------------------------------------------------------------


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt(header: object, claims: object = None, signature: bytes = b"\0" * 64) -> str:
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    body = claims if isinstance(claims, bytes) else json.dumps(claims or {}).encode()
    return f"{b64(head)}.{b64(body)}.{b64(signature)}"


POINT = {"kty": "EC", "crv": "P-256", "x": b64(b"\0" * 32), "y": b64(b"\0" * 32)}
HEAD = {"typ": "openid4vci-proof+jwt", "alg": "ES256"}
TOKENS = [
    "", ".", "..", "...", "a.b.c", "~", "a.b.c~" * 3000, "=.=.=", "\x00.\x00.\x00", "🎌.🎌.🎌",
    jwt(b"[" * 20_000),
    jwt(b'{"a":' * 8000), jwt({}), jwt([]), jwt(None), jwt({**HEAD, "jwk": POINT}), jwt({**HEAD, "alg": "none"}, signature=b""),
    jwt({**HEAD, "alg": "HS256", "jwk": {"kty": "oct", "k": "AA"}}), jwt({**HEAD, "alg": ["ES256"], "jwk": POINT}),
    jwt({**HEAD, "jwk": []}),
    jwt({**HEAD, "jwk": {**POINT, "d": "AA"}}), jwt({**HEAD, "jwk": {"kty": "RSA", "n": "A" * 20_000, "e": "AQAB"}}),
    jwt({**HEAD, "jwk": {"kty": "EC", "crv": "P-256", "x": "/", "y": 1}}), jwt({**HEAD, "kid": "did:key:z" + "6" * 5000}),
    jwt({**HEAD, "kid": "did:web:127.0.0.1%3A1"}), jwt({**HEAD, "kid": "did:jwk:" + b64(b"[" * 5000)}),
    jwt({**HEAD, "kid": "\x00"}),
    jwt({**HEAD, "kid": 7}), jwt({**HEAD, "x5c": ["AA"] * 500}), jwt({**HEAD, "x5c": "AA"}),
    jwt({**HEAD, "crit": ["x"], "x": 1, "jwk": POINT}),
    jwt({**HEAD, "jwk": POINT}, b"[" * 20_000), jwt({**HEAD, "jwk": POINT}, {"iat": "now", "aud": 1, "nonce": []}),
    jwt({**HEAD, "jwk": POINT}, {"iat": 10**400}), jwt({**HEAD, "jwk": POINT}, {"iat": 1e308}),
    jwt({**HEAD, "jwk": POINT}, signature=b"\xff" * 5000),
    jwt(b'{"alg":"ES256","alg":"none","typ":"openid4vci-proof+jwt"}'),
    jwt({**HEAD, "b64": False, "crit": ["b64"]}), "a" * 200_000,
]  # fmt: skip


def test_bombs_as_key_proofs(tmp_path: Path) -> None:
    place = open_issuer(tmp_path)
    try:
        headers = place.own_headers["/{tenant}/credential"](place.a)
        for token in TOKENS:
            for proofs in (
                {"jwt": [token]},
                {"jwt": [place.a.known["proof"], token]},
                {"jwt": token},
                {token[:50]: [token]},
            ):
                sent = {"credential_configuration_id": "enrolment_sd_jwt", "proofs": proofs}
                began = time.monotonic()
                answer = place.client.post(f"/{place.a.slug}/credential", json=sent, headers=headers)
                assert time.monotonic() - began < SLOWEST
                assert answer.status_code == (413 if len(answer.request.content) > EDGE else 400), (
                    token[:80],
                    answer.text,
                )
                if answer.status_code == 400:
                    assert answer.json()["error"] in ("invalid_proof", "invalid_credential_request", "invalid_nonce")
    finally:
        place.close()


def test_bombs_as_presentations(small_world: World) -> None:
    """In the clear and inside a sealed answer: whatever stands in vp_token. The question stays open, or is refused once, never a 5xx."""
    world = small_world
    for mode in ("direct_post", "direct_post.jwt"):
        for number, token in enumerate(TOKENS):
            opened = world.ask("student", response_mode=mode)
            request = world.read_request(opened["link"])
            value: Any = (
                {"enrolment_sd_jwt": [token]} if number % 2 else {"enrolment_w3c_jwt": [token], "x": [token], "": []}
            )
            payload = {"vp_token": value, "state": request.state}
            if mode == "direct_post":
                from urllib.parse import urlencode

                body = urlencode({"vp_token": json.dumps(value), "state": str(request.state)}).encode()
            else:
                from common.jose.jwe import encrypt

                metadata = request.client_metadata
                assert metadata is not None
                sealed = encrypt(json.dumps(payload).encode(), metadata.encryption_keys[0])
                body = urlencode({"response": sealed}).encode()
            began = time.monotonic()
            answer = world.post(request, body)
            assert time.monotonic() - began < SLOWEST
            assert answer.status_code < 500, (mode, token[:60], answer.text)
            state = world.result(opened["id"])
            assert (state["verdict"] or {"answer": "failed"})["answer"] != "passed"


def test_bombs_as_sealed_answers(small_world: World) -> None:
    world = small_world
    opened = world.ask("student")
    request = world.read_request(opened["link"])
    keys = request.client_metadata
    assert keys is not None
    kid = keys.encryption_keys[0].get("kid", "")
    head = {"alg": "ECDH-ES", "enc": "A128GCM", "kid": kid, "epk": POINT}
    heads: list[object] = [
        {**head, "zip": "DEF"}, {**head, "enc": "A128CBC-HS256"}, {**head, "alg": "dir"},
        {**head, "alg": "PBES2-HS256+A128KW", "p2c": 2**31},
        {**head, "epk": {}}, {**head, "epk": POINT}, {**head, "kid": []}, {**head, "crit": ["x"]}, [], None,
        {**head, "apu": "A" * 50_000},
    ]  # fmt: skip
    for one in heads:
        text = f"{b64(json.dumps(one).encode())}..{b64(bytes(12))}.{b64(bytes(500))}.{b64(bytes(16))}"
        answer = world.post(request, f"response={text}".encode())
        assert 400 <= answer.status_code < 500, (one, answer.text)
    for text in ("....", "a.b.c.d.e", "." * 5000, b64(b"[" * 30_000) + "....", "%00.%00.%00.%00.%00"):
        answer = world.post(request, f"response={text}".encode())
        assert 400 <= answer.status_code < 500, (text[:60], answer.text)
    for body in (
        b"",
        b"response=",
        b"response=a&response=b",
        b"vp_token={}",
        b"error=" + b"x" * 9000,
        b"error=access_denied&vp_token={}",
    ):
        assert 400 <= world.post(request, body).status_code < 500, body
    assert world.post(request, world.present(request, world.issue())).status_code == 200
