"""Anchors: read strictly, empty ones trust nobody, and test anchors stay out of production."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import Misconfigured
from common.trust.anchors import KEY_PATHS, TrustAnchors, TrustedIssuer, is_test_root, load_anchors, parse_issuers
from common.trust.policy import judge_issuer
from common.x509.sandbox_ca import make_ca

NOW = 1_790_000_000
ISSUER = "https://issuer.example/sakuragawa"
ENROLMENT = "https://issuer.example/types/enrolment"
LIST = f"""
[[issuer]]
identifier = "{ISSUER}"
types = ["{ENROLMENT}", "EnrolmentCredential"]
names = {{ ja = "桜川大学", en = "Sakuragawa University" }}
keys = ["x5c"]

[[issuer]]
identifier = "did:web:issuer.example:sakuragawa"
types = ["EnrolmentCredential"]
"""


def test_a_list_is_read() -> None:
    first, second = parse_issuers(LIST.encode())
    assert (first.identifier, first.names["ja"], first.key_paths) == (ISSUER, "桜川大学", frozenset({"x5c"}))
    assert (second.types, second.key_paths, second.test) == (frozenset({"EnrolmentCredential"}), KEY_PATHS, False)


@pytest.mark.parametrize(
    "toml",
    [
        b"\xff",
        b"[[issuer",
        b"unknown = 1",
        b"issuer = 1",
        b'test = "yes"',
        b"[[issuer]]",
        b'[[issuer]]\nidentifier = "http://a.example"\ntypes = ["T"]',
        b'[[issuer]]\nidentifier = "https://a.example"',
        b'[[issuer]]\nidentifier = "https://a.example"\ntypes = []',
        b'[[issuer]]\nidentifier = "https://a.example"\ntypes = "T"',
        b'[[issuer]]\nidentifier = "https://a.example"\ntypes = ["T"]\ntypo = 1',
        b'[[issuer]]\nidentifier = "https://a.example"\ntypes = ["T"]\nkeys = ["x5u"]',
        b'[[issuer]]\nidentifier = "https://a.example"\ntypes = ["T"]\nkeys = []',
        b'[[issuer]]\nidentifier = "https://a.example"\ntypes = ["T"]\nnames = "A"',
        b'[[issuer]]\nidentifier = "https://a.example"\ntypes = ["T"]\nnames = { en = 1 }',
        b'[[issuer]]\nidentifier = "https://a.example"\ntypes = ["T"]\ntest = 1',
    ],
)
def test_a_list_with_a_mistake_stops_the_start(toml: bytes) -> None:
    with pytest.raises(Misconfigured):
        parse_issuers(toml)


def test_roots_come_from_files_and_folders(tmp_path: Path) -> None:
    roots = [make_ca(f"Root {number}", now=NOW) for number in range(3)]
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots" / "a.pem").write_bytes(roots[0].pem + roots[1].pem)
    (tmp_path / "roots" / "notes.txt").write_text("not a certificate")
    (tmp_path / "one.crt").write_bytes(roots[2].pem)
    (tmp_path / "issuers.toml").write_text(LIST, encoding="utf-8")
    anchors = load_anchors(roots=[tmp_path / "roots", tmp_path / "one.crt"], issuers=[tmp_path / "issuers.toml"])
    assert anchors.roots == tuple(root.certificate for root in roots)
    assert anchors.issuer(ISSUER) is not None
    assert anchors.issuer(ISSUER + "/") is None
    for missing in (
        {"roots": [tmp_path / "none.pem"]},
        {"roots": [tmp_path / "issuers.toml"]},
        {"issuers": [tmp_path / "none"]},
    ):
        with pytest.raises(Misconfigured):
            load_anchors(**missing)


def test_a_sandbox_gathers_both_kinds_in_one_folder(tmp_path: Path) -> None:
    folder, root = tmp_path / "anchors", make_ca("Root", now=NOW)
    folder.mkdir()
    (folder / "ca.pem").write_bytes(root.pem)
    (folder / "issuers.toml").write_text(LIST, encoding="utf-8")
    for mixed in ([folder], [folder / "ca.pem", folder / "issuers.toml"]):
        anchors = load_anchors(mixed=mixed)
        assert (anchors.roots, len(anchors.issuers)) == ((root.certificate,), 2)
    with pytest.raises(Misconfigured):
        load_anchors(mixed=[tmp_path / "nowhere"])


def test_production_refuses_test_anchors_at_start(tmp_path: Path) -> None:
    (tmp_path / "sandbox.pem").write_bytes(make_ca("Tegata sandbox CA", now=NOW).pem)
    (tmp_path / "list.toml").write_text("test = true\n" + LIST, encoding="utf-8")
    (tmp_path / "local.toml").write_text('[[issuer]]\nidentifier = "http://localhost:8101/a"\ntypes = ["T"]\n')
    for sources in (
        {"roots": [tmp_path / "sandbox.pem"]},
        {"issuers": [tmp_path / "list.toml"]},
        {"issuers": [tmp_path / "local.toml"]},
    ):
        load_anchors(**sources, sandbox=True)
        with pytest.raises(Misconfigured) as error:
            load_anchors(**sources)
        assert error.value.code == "test_anchor"


@pytest.mark.parametrize(
    ("name", "test"),
    [("Tegata Sandbox CA", True), ("ACME test root", True), ("Attestation CA", False), ("桜川大学 CA", False)],
)
def test_a_test_root_says_so_in_its_name(name: str, test: bool) -> None:
    assert is_test_root(make_ca(name, now=NOW).certificate) is test


def test_an_issuer_twice_is_a_mistake() -> None:
    twice = TrustedIssuer(identifier=ISSUER, types=frozenset({"T"}))
    with pytest.raises(Misconfigured):
        TrustAnchors(issuers=(twice, twice))


@pytest.mark.parametrize(
    ("issuer", "types", "reason"),
    [
        (ISSUER, [ENROLMENT], "listed"),
        (ISSUER, ["VerifiableCredential", "EnrolmentCredential"], "listed"),
        (ISSUER, [ENROLMENT, "https://a.example/types/passport"], "type_not_listed"),
        (ISSUER, ["VerifiableCredential"], "type_not_listed"),
        (ISSUER, [], "type_not_listed"),
        (ISSUER.upper(), [ENROLMENT], "not_listed"),
        ("https://evil.example", [ENROLMENT], "not_listed"),
    ],
)
def test_who_may_issue_what(issuer: str, types: list[str], reason: str) -> None:
    anchors = TrustAnchors(issuers=parse_issuers(LIST.encode()))
    found = judge_issuer(anchors, issuer=issuer, types=types, sandbox=False)
    assert (found.trusted, found.reason) == (reason == "listed", reason)


def test_empty_anchors_trust_nobody() -> None:
    assert not judge_issuer(TrustAnchors(), issuer=ISSUER, types=[ENROLMENT], sandbox=True).trusted


def test_a_test_issuer_is_believed_in_a_sandbox_only() -> None:
    anchors = TrustAnchors(issuers=(TrustedIssuer(identifier=ISSUER, types=frozenset({"T"}), test=True),))
    found = judge_issuer(anchors, issuer=ISSUER, types=["T"], sandbox=True)
    assert found.trusted
    assert found.test
    assert judge_issuer(anchors, issuer=ISSUER, types=["T"], sandbox=False).reason == "test_anchor"
