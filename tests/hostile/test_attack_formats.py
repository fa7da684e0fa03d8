"""Somebody who turns a certificate of one format into more than its issuer said: withdrawn ones into good ones, others' into their own.

Every attack ends at the verifier's verdict, with a trusted issuer's real signature somewhere in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from common.did.document import build_document
from common.did.resolve import Resolver
from common.encoding import b64url_encode, compact_json
from common.errors import Rejected
from common.formats.credential import CredentialContent, StatusReference
from common.formats.data_integrity.issue import ProofOptions, add_proof
from common.formats.mdoc.issuer_signed import encode_issuer_auth, encode_issuer_signed, reembed
from common.formats.presentation_context import PresentationContext
from common.formats.registry import FORMATS
from common.jose.jwt import build_jwt, parse_jwt
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from common.status.contract import REVOKED, ListIssuer, ListTimes, StatusTable
from common.status.registry import RENDERINGS
from common.trust.anchors import KEY_PATHS, KeyPath, TrustAnchors, TrustedIssuer
from common.trust.issuer_metadata import build_issuer_metadata, metadata_address
from common.x509.sandbox_iaca import issue_document_signer, make_iaca
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch
from verifier.checks.verdict import Answer, Verdict
from verifier.flows.examine import Shown
from verifier.flows.gather_facts import FactGatherer
from verifier.flows.policy import Policy
from verifier.flows.put_question import ask
from verifier.flows.reach_verdict import reach_verdict
from verifier.queries.student import QUESTION

NOW, DAY = 1_790_000_000, 86_400
ADDRESS, DID = "https://issuer.example/sakuragawa", "did:web:issuer.example:sakuragawa"
OTHER_ADDRESS = "https://issuer.example/ayame"
LIST = f"{ADDRESS}/bits/1"
VCT_BASE = "https://issuer.example/types"
TERMS = f"{VCT_BASE}/terms/"
DOCTYPE = "tegata.student.1"
AUDIENCE, NONCE = "x509_san_dns:cafe.example", "nonce-1"
CONTEXT = PresentationContext(response_uri="https://cafe.example/response")
ASKED = ask(QUESTION, VCT_BASE)
ISSUER, HOLDER, THIEF = (SoftwareKey.generate(kid=kid) for kid in ("k1", "h1", "t1"))
IACA = make_iaca("Sandbox IACA", country="JP", address="https://issuer.example", now=NOW)
CREDENTIALS = "https://www.w3.org/2018/credentials#"
CLAIMS = {"eduperson_primary_affiliation": "student", "issuing_authority": "桜川大学"}
MORE_OF_AN_MDOC = {"issuing_country": "JP", "family_name": "髙橋", "given_name": "花子", "birthdate": "2005-04-02"}
GOOD, WITHDRAWN = 1, 7
Document = dict[str, Any]


def did_of(key: SoftwareKey) -> str:
    return f"did:key:{encode_did_key(key.public_jwk())}"


def named(key: SoftwareKey) -> SoftwareKey:
    did = did_of(key)
    return SoftwareKey.from_private_jwk({**key.private_jwk(), "kid": f"{did}#{did.removeprefix('did:key:')}"})


def content(form: str, *, index: int = GOOD, **change: Any) -> CredentialContent:
    w3c = form in ("ldp_vc", "jwt_vc_json")
    common: dict[str, Any] = {
        "type_name": "enrolment",
        "vct": f"{VCT_BASE}/enrolment",
        "doctype": DOCTYPE,
        "w3c_types": ("EnrolmentCredential",),
        "contexts": ({name: f"{TERMS}{name}" for name in ("EnrolmentCredential", *CLAIMS)},),
        "claims": CLAIMS if form != "mso_mdoc" else CLAIMS | MORE_OF_AN_MDOC,
        "issuer": DID if w3c else ADDRESS,
        "holder_jwk": HOLDER.public_jwk(),
        "holder_did": did_of(HOLDER),
        "credential_id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "issued_at": NOW - 60,
        "valid_from": NOW - DAY,
        "valid_until": NOW + DAY,
        "status": StatusReference(uri=LIST, index=index, purpose="revocation") if w3c else None,
    }
    return CredentialContent(**{**common, **change})


def issue(form: str, key: SoftwareKey = ISSUER, *, address: str = ADDRESS, **change: Any) -> str:
    x5c = None
    if form == "mso_mdoc":
        public = key.private_key().public_key()
        x5c = issue_document_signer(IACA, public, name="Signer", address=address, now=NOW).x5c
    return FORMATS[form].issue(content(form, **change), key, x5c=x5c)


def present(form: str, text: str, holder: SoftwareKey = HOLDER, **change: Any) -> str:
    how: dict[str, Any] = {
        "audience": AUDIENCE,
        "nonce": NONCE,
        "now": NOW,
        "context": CONTEXT,
        "paths": None,
        **change,
    }
    return FORMATS[form].present(text, holder=named(holder) if form in ("ldp_vc", "jwt_vc_json") else holder, **how)


def anchors(*, key_paths: frozenset[KeyPath] = KEY_PATHS) -> TrustAnchors:
    types = frozenset({f"{VCT_BASE}/enrolment", DOCTYPE, "EnrolmentCredential", f"{TERMS}EnrolmentCredential"})
    return TrustAnchors(
        roots=(IACA.certificate,),
        issuers=tuple(TrustedIssuer(identifier=name, types=types, key_paths=key_paths) for name in (ADDRESS, DID)),
    )


def status_list(uri: str = LIST, *, withdrawn: int = WITHDRAWN, key: SoftwareKey = ISSUER, issuer: str = DID) -> bytes:
    return RENDERINGS["bitstring_data_integrity"].render(
        StatusTable(size=64, values={withdrawn: REVOKED}, version=1, changed_at=NOW),
        uri=uri,
        purpose="revocation",
        issuer=ListIssuer(id=issuer, key_id=f"{issuer}#{key.kid}", signer=key),
        times=ListTimes(issued_at=NOW, expires_at=NOW + 600, ttl=60),
    )


def internet(**pages: bytes) -> FakeFetch:
    return FakeFetch(
        {
            metadata_address(ADDRESS): compact_json(build_issuer_metadata(ADDRESS, [ISSUER.public_jwk()])),
            f"{ADDRESS}/did.json": compact_json(build_document(DID, [ISSUER.public_jwk()])),
            LIST: status_list(),
            **pages,
        }
    )


def verdict_of(
    form: str, shown: str, *, believed: TrustAnchors | None = None, fetch: FakeFetch | None = None
) -> Verdict:
    net = fetch or internet()
    gatherer = FactGatherer(
        fetch=net,
        resolver=Resolver(net, FixedClock(NOW), sandbox=True),
        anchors=believed or anchors(),
        sandbox=True,
        status_cache_seconds=0,
    )
    query = next(one.query_id for one in ASKED.wanted if one.format == form)
    return reach_verdict(
        [Shown(query_id=query, format=form, text=shown)],
        asked=ASKED,
        policy=Policy(),
        audience=AUDIENCE,
        nonce=NONCE,
        context=CONTEXT,
        gatherer=gatherer,
        now=NOW,
    ).verdict


def failed(verdict: Verdict) -> set[str]:
    """Names of the checks that did not pass; the verdict must not be yes."""
    assert not verdict.accepted, verdict
    return {
        check.name for branch in verdict.presentations for check in branch.checks if check.answer is not Answer.PASSED
    }


every_format = pytest.mark.parametrize("form", FORMATS.names)


@every_format
def test_the_honest_one_is_accepted(form: str) -> None:
    """Else nothing below means anything."""
    assert verdict_of(form, present(form, issue(form))).accepted


@every_format
def test_somebody_elses_certificate(form: str) -> None:
    """Taken from its holder's wallet, but not the key."""
    stolen = issue(form)
    if form in ("ldp_vc", "jwt_vc_json"):
        with pytest.raises(Rejected, match="wrong_holder"):
            present(form, stolen, THIEF)  # our own wallet would not do it
        shown = present(form, stolen)
        if form == "ldp_vc":
            document = {name: value for name, value in json.loads(shown).items() if name != "proof"}
            document["holder"] = did_of(THIEF)
            how = ProofOptions(
                verification_method=named(THIEF).kid,
                purpose="authentication",
                created=NOW,
                domain=AUDIENCE,
                challenge=NONCE,
            )
            shown = json.dumps(add_proof(document, THIEF, how))
        else:
            claims = {**parse_jwt(shown, max_bytes=1 << 18).claims, "iss": did_of(THIEF), "holder": did_of(THIEF)}
            shown = build_jwt({"typ": "vp+jwt", "kid": named(THIEF).kid}, claims, THIEF)
    else:
        shown = present(form, stolen, THIEF)
    assert "holder_bound" in failed(verdict_of(form, shown))


@every_format
@pytest.mark.parametrize("change", [{"nonce": "nonce-2"}, {"audience": "x509_san_dns:bar.example"}], ids=str)
def test_a_presentation_made_for_another_question(form: str, change: dict[str, Any]) -> None:
    assert failed(verdict_of(form, present(form, issue(form), **change)))


# -- ldp_vc: RDFC signs statements, not their spelling -------------------------------------------------------------------


def _moved(document: Document, member: str, into: Document) -> Document:
    return {name: value for name, value in document.items() if name != member} | into


HIDDEN: dict[str, Callable[[Document], Document]] = {
    "under its address": lambda it: _moved(
        it, "credentialStatus", {f"{CREDENTIALS}credentialStatus": it["credentialStatus"]}
    ),
    "nested": lambda it: _moved(it, "credentialStatus", {"@nest": {"credentialStatus": it["credentialStatus"]}}),
    "said of the credential in another place": lambda it: _moved(
        it,
        "credentialStatus",
        {"@included": [{"id": it["id"], "type": it["type"], "credentialStatus": it["credentialStatus"]}]},
    ),
}


@pytest.mark.parametrize("hide", HIDDEN.values(), ids=HIDDEN)
def test_a_withdrawn_certificate_whose_status_is_out_of_sight(hide: Callable[[Document], Document]) -> None:
    withdrawn = issue("ldp_vc", index=WITHDRAWN)
    assert "not_revoked" in failed(verdict_of("ldp_vc", present("ldp_vc", withdrawn)))
    hidden = json.dumps(hide(json.loads(withdrawn)))
    assert failed(verdict_of("ldp_vc", present("ldp_vc", hidden)))


def test_a_thiefs_proof_beside_the_issuers() -> None:
    """The thief's own proof says nothing in the issuer's name, and a document in which the issuer has no proof at all is nobody's."""
    genuine = json.loads(issue("ldp_vc"))
    forged = {name: value for name, value in genuine.items() if name != "proof"}
    forged["credentialSubject"] = {**forged["credentialSubject"], "id": did_of(THIEF)}
    own = ProofOptions(verification_method=named(THIEF).kid, created=NOW)
    claimed = ProofOptions(verification_method=f"{DID}#k1", created=NOW)
    for document in (
        add_proof(forged, THIEF, own),
        add_proof(forged, THIEF, claimed),
        add_proof({**forged, "proof": genuine["proof"]}, THIEF, own),
    ):
        assert failed(verdict_of("ldp_vc", present("ldp_vc", json.dumps(document), THIEF)))


# -- status lists --------------------------------------------------------------------------------------------------------


def _renamed(uri: str) -> bytes:
    document = json.loads(status_list(uri, withdrawn=WITHDRAWN + 1))
    document["@id"] = document.pop("id")
    return compact_json(document)


@pytest.mark.parametrize(
    "served",
    [
        status_list(f"{ADDRESS}/bits/2", withdrawn=WITHDRAWN + 1),
        _renamed(f"{ADDRESS}/bits/2"),
        status_list(withdrawn=WITHDRAWN + 1, key=THIEF),
        status_list(withdrawn=WITHDRAWN + 1, key=THIEF, issuer="did:web:thief.example"),
        b"{}",
        b"",
    ],
    ids=["another list", "another list without a name", "forged", "a stranger's", "empty object", "empty"],
)
def test_another_list_in_the_place_of_the_issuers(served: bytes) -> None:
    """Whoever keeps the issuer's server of lists, but not its keys."""
    shown = present("ldp_vc", issue("ldp_vc", index=WITHDRAWN))
    assert failed(verdict_of("ldp_vc", shown, fetch=internet(**{LIST: served}))) == {"not_revoked"}


# -- mdoc and certificates -----------------------------------------------------------------------------------------------


def test_a_document_signer_of_another_institution_of_the_same_deployment() -> None:
    """One root certifies them all; each speaks for the address in its own certificate alone."""
    theirs = issue("mso_mdoc", THIEF, address=OTHER_ADDRESS)
    assert "issuer_trusted" in failed(verdict_of("mso_mdoc", present("mso_mdoc", theirs)))


def test_a_certificate_where_the_deployment_wants_the_issuers_own_word() -> None:
    """An issuer's entry allows metadata only; a credential that names its issuer by certificate alone does not choose another way."""
    narrow = anchors(key_paths=frozenset({"jwt_vc_issuer_metadata"}))
    assert failed(verdict_of("mso_mdoc", present("mso_mdoc", issue("mso_mdoc")), believed=narrow))


def test_an_issuers_signature_moved_to_another_holders_elements() -> None:
    """Elements of one mdoc under the signed digests of another."""
    first, second = (FORMATS["mso_mdoc"].parse(issue("mso_mdoc")) for _ in range(2))
    mixed = encode_issuer_signed(
        {space: [reembed(item) for item in items] for space, items in first.namespaces.items()},
        encode_issuer_auth(second.issuer_auth),
    )
    assert failed(verdict_of("mso_mdoc", present("mso_mdoc", b64url_encode(mixed))))
