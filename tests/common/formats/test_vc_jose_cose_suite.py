"""`tegata vc` as the W3C's vc-jose-cose-test-suite calls it: each of its 35 tests has one here, on inputs of our own.

`tests/interop/w3c/vc-jose-cose.json` keeps what the suite itself said when it was last run, by the names of its tests.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from common.adapters.vc_command import app
from common.cose.headers import CONTENT_TYPE, KID, TYP
from common.cose.sign1 import sign_sign1
from common.encoding import compact_json
from common.formats.vc_jose_cose.media_type import (
    VC_COSE,
    VC_JWT,
    VC_SD_JWT,
    VP_COSE,
    VP_SD_JWT,
)
from common.formats.vcdm.terms import CONTEXT_V2
from tests.common.formats.secured_samples import (
    FULL,
    ISSUER_URL,
    KEYS,
    as_file,
    credential,
    enveloped,
    json_file,
    key_id,
    method,
    presentation,
    secured,
    signed_jwt,
)

SCORES = Path(__file__).parents[2] / "interop" / "w3c" / "vc-jose-cose.json"
NESTED = credential(
    credentialSubject={
        "id": "did:example:hanako",
        "name": "x",
        "address": {"street": "1", "city": "横浜", "country": "JP"},
        "phones": [{"number": "1"}, {"number": "2"}],
    }
)
STRANGE = "data:application/vc+jwt,"
UNREADABLE = {
    "@context": CONTEXT_V2,
    "type": "EnvelopedVerifiableCredential",
    "id": STRANGE + "eyJhbGciOiJFUzI1NiJ9.e30....",
}
NO_CREDENTIAL = {"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": "not-a-credential"}


@dataclass(frozen=True, slots=True)
class Case:
    """One test of the suite: its number, what is done by which key, on what, and what must come of it."""

    number: int
    act: str
    feature: str
    key: str
    content: Callable[[], bytes]
    expected: str
    sd: tuple[str, ...] = ()


def held() -> list[dict[str, Any]]:
    """One credential of each kind; the last as some write it, with a line end after the base64."""
    kinds = [enveloped(VC_JWT), enveloped(VC_SD_JWT, "p384"), enveloped(VC_COSE, "p521")]
    return [*kinds[:2], {**kinds[2], "id": kinds[2]["id"] + "\n"}]


def broken(text: str) -> bytes:
    """The signature's last bytes exchanged."""
    head, _, signature = text.partition("~")[0].rpartition(".")
    return f"{head}.{signature[2:]}{signature[:2]}{text[len(head) + 1 + len(signature) :]}".encode()


def cose(document: Mapping[str, Any], key: str, *, typ: str, cty: str, change: bytes = b"") -> bytes:
    protected: dict[int | str, Any] = {TYP: typ, CONTENT_TYPE: cty, KID: key_id(key).encode()}
    made = sign_sign1(compact_json(dict(document)), KEYS[key], protected=protected, tagged=True)
    return as_file(made[: len(made) - len(change)] + change)


def old() -> dict[str, Any]:
    """As fixtures of the suite are: bare kid, an iat that is no number, an exp long past."""
    return {**credential(), "iss": ISSUER_URL, "iat": "2010-01-01T19:23:24Z"}


CASES = (
    Case(1, "issue", "credential_jose", "p256", lambda: json_file(credential()), "success"),
    Case(2, "issue", "credential_jose", "p384", lambda: json_file(FULL), "success"),
    Case(3, "issue", "presentation_jose", "p256", lambda: json_file(presentation(UNREADABLE)), "success"),
    Case(4, "issue", "presentation_jose", "p521", lambda: json_file(presentation(*held())), "success"),
    Case(5, "issue", "credential_jose", "p521", lambda: json_file(credential(badExtension={"a": 1})), "failure"),
    Case(6, "verify", "credential_jose", "p256", lambda: signed_jwt(old(), cty="vc").encode(), "success"),
    Case(
        7,
        "verify",
        "presentation_jose",
        "p384",
        lambda: signed_jwt({**presentation(*held()), "exp": 1734397450}, "p384", typ="vp+jwt").encode(),
        "success",
    ),
    Case(
        8, "verify", "credential_jose", "ed25519", lambda: as_file(secured(credential(), VC_JWT, "ed25519")), "success"
    ),
    Case(9, "verify", "credential_jose", "ed25519", lambda: as_file(secured(credential(), VC_JWT, "p521")), "failure"),
    Case(10, "verify", "credential_jose", "ed25519", lambda: json_file(credential()), "failure"),
    Case(11, "verify", "presentation_jose", "ed25519", lambda: json_file(presentation()), "failure"),
    Case(12, "verify", "credential_jose", "ed25519", lambda: broken(signed_jwt(credential(), "ed25519")), "failure"),
    Case(
        13,
        "verify",
        "credential_jose",
        "ed25519",
        lambda: signed_jwt(old(), "ed25519", typ="bad+typ").encode(),
        "failure",
    ),
    Case(
        14,
        "verify",
        "presentation_jose",
        "ed25519",
        lambda: signed_jwt(presentation(), "ed25519", typ="bad+typ", cty="bad+cty").encode(),
        "failure",
    ),
    Case(
        15,
        "verify",
        "credential_jose",
        "ed25519",
        lambda: signed_jwt({**credential(), "vc": "oops", "vp": "no"}, "ed25519").encode(),
        "failure",
    ),
    Case(
        16,
        "verify",
        "presentation_jose",
        "ed25519",
        lambda: signed_jwt(presentation(NO_CREDENTIAL), "ed25519", typ="vp+jwt").encode(),
        "failure",
    ),
    Case(
        17,
        "issue",
        "credential_sdjwt",
        "p384",
        lambda: json_file(credential()),
        "success",
        ("credentialSubject.name",),
    ),
    Case(
        18,
        "issue",
        "credential_sdjwt",
        "p521",
        lambda: json_file(NESTED),
        "success",
        ("credentialSubject.address.street", "credentialSubject.address.city", "credentialSubject.phones[0]"),
    ),
    Case(
        19,
        "issue",
        "presentation_sdjwt",
        "p384",
        lambda: json_file(presentation(enveloped(VC_SD_JWT))),
        "success",
        ("holder", "verifiableCredential[0]"),
    ),
    Case(
        20,
        "verify",
        "credential_sdjwt",
        "p384",
        lambda: as_file(secured(credential(), VC_SD_JWT, "p384", disclosable=[("credentialSubject", "name")])),
        "success",
    ),
    Case(
        21,
        "verify",
        "credential_sdjwt",
        "p521",
        lambda: as_file(
            secured(
                NESTED,
                VC_SD_JWT,
                "p521",
                disclosable=[("credentialSubject", "address", "city"), ("credentialSubject", "phones", 0)],
            )
        ),
        "success",
    ),
    Case(
        22,
        "verify",
        "presentation_sdjwt",
        "p384",
        lambda: as_file(secured(presentation(enveloped(VC_JWT)), VP_SD_JWT, "p384", disclosable=[("holder",)])),
        "success",
    ),
    Case(
        23,
        "verify",
        "credential_sdjwt",
        "p384",
        lambda: broken(str(secured(credential(), VC_SD_JWT, "p384", disclosable=[("credentialSubject", "name")]))),
        "failure",
    ),
    Case(
        24,
        "verify",
        "credential_sdjwt",
        "ed25519",
        lambda: signed_jwt(credential(), "ed25519", typ="bad+typ").encode() + b"~",
        "failure",
    ),
    Case(
        25,
        "verify",
        "presentation_sdjwt",
        "ed25519",
        lambda: signed_jwt(presentation(), "ed25519", typ="bad+typ").encode() + b"~",
        "failure",
    ),
    Case(
        26,
        "verify",
        "presentation_sdjwt",
        "p521",
        lambda: signed_jwt(presentation(NO_CREDENTIAL), "p521", typ="vp+sd-jwt").encode() + b"~",
        "failure",
    ),
    Case(27, "issue", "credential_cose", "ed25519", lambda: json_file(credential()), "success"),
    Case(28, "issue", "presentation_cose", "p384", lambda: json_file(presentation(UNREADABLE)), "success"),
    Case(
        29,
        "verify",
        "credential_cose",
        "p256",
        lambda: cose(credential(), "p256", typ=VC_COSE.full, cty="application/vc").rstrip(b"="),
        "success",
    ),
    Case(
        30,
        "verify",
        "credential_cose",
        "p256",
        lambda: base64.b64decode(as_file(secured(credential(), VC_COSE))).hex().encode(),
        "failure",
    ),
    Case(
        31,
        "verify",
        "presentation_cose",
        "p384",
        lambda: cose(presentation(UNREADABLE), "p384", typ=VP_COSE.full, cty="application/vp"),
        "success",
    ),
    Case(
        32,
        "verify",
        "credential_cose",
        "ed25519",
        lambda: cose(credential(), "ed25519", typ=VC_COSE.full, cty="application/vc", change=b"wrong"),
        "failure",
    ),
    Case(
        33,
        "verify",
        "credential_cose",
        "p384",
        lambda: cose(credential(), "p384", typ="really/bad", cty="very/bad"),
        "failure",
    ),
    Case(
        34,
        "verify",
        "presentation_cose",
        "p256",
        lambda: cose(presentation(), "p256", typ="bad/type", cty="very/bad"),
        "failure",
    ),
    Case(
        35,
        "verify",
        "presentation_cose",
        "p256",
        lambda: cose(presentation(NO_CREDENTIAL), "p256", typ=VP_COSE.full, cty="application/vp"),
        "failure",
    ),
)


def run(folder: Path, act: str, content: bytes, key: dict[str, Any], feature: str, *more: str) -> dict[str, str]:
    """The command as a shell would call it; the answer that it wrote. Exit status 1 exactly where it is no success."""
    for name, data in (("input", content), ("key", json_file(key))):
        (folder / name).write_bytes(data)
    paths = [
        str(part) for part in ("--input", folder / "input", "--key", folder / "key", "--output", folder / "output")
    ]
    outcome = CliRunner().invoke(app, [act, *paths, "--feature", feature, *more])
    answer: dict[str, str] = json.loads((folder / "output").read_text(encoding="utf-8"))
    assert answer.keys() == {"result", "data"}
    assert outcome.exit_code == (0 if answer["result"] == "success" else 1), outcome.output
    return answer


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number}")
def test_like_the_suite(case: Case, tmp_path: Path) -> None:
    more = ("--sd", json.dumps(case.sd)) if case.sd else ()
    answer = run(tmp_path, case.act, case.content(), method(case.key), case.feature, *more)
    assert answer["result"] == case.expected, answer["data"]
    if case.act == "issue" and case.expected == "success":  # what we issued we verify, strictly
        public = method(case.key, secret=False)
        strict = () if case.number in (3, 28) else ("--profile", "strict")  # an envelope there cannot be read
        again = run(tmp_path, "verify", answer["data"].encode(), public, case.feature, *strict)
        document = json.loads(case.content())
        assert again["result"] == "success", again["data"]
        if "verifiableCredential" not in document:
            assert {name: json.loads(again["data"])[name] for name in document} == document


def test_the_suite_passed_completely() -> None:
    scores = json.loads(SCORES.read_text(encoding="utf-8"))
    assert sorted(int(name.partition(".")[0]) for name in scores) == [case.number for case in CASES]
    assert set(scores.values()) == {"passed"}
