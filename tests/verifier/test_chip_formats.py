"""Questions that demand a chip, answered in every format by what the catalogue makes of a card: yes, and each no for its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from common.cards.evidence import (
    Environment,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
    failed,
    not_checked,
    not_offered,
)
from common.formats.credential import CredentialContent
from common.formats.presentation_context import PresentationContext
from common.formats.registry import FORMATS
from common.jose.jwk import parse_public_jwk
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from common.oid4vp.dcql import parse_query
from common.oid4vp.dcql_match import Candidate, match
from common.x509.sandbox_iaca import issue_document_signer, make_iaca
from issuer.catalogue.card_claims import tell_evidence, tell_evidence_in_document
from issuer.catalogue.contract import CardFacts, CredentialType
from issuer.catalogue.registry import CATALOGUE
from issuer.catalogue.terms import contexts_of
from issuer.settings import Addresses
from verifier.checks.contract import IssuerFact, StatusFact
from verifier.checks.registry import CHECKS
from verifier.checks.verdict import Believed, Verdict
from verifier.flows.examine import Shown, examine, open_presentation
from verifier.flows.judge import Asked, Facts, judge
from verifier.flows.policy import Policy
from verifier.flows.put_question import ask
from verifier.flows.reach_verdict import disclosed_of
from verifier.queries.over_20_chip import QUESTION as OVER_20
from verifier.queries.registry import QUESTIONS

DAY = 86_400
BASE = "https://issuer.example"
ADDRESSES = Addresses(public_url=BASE, vct_base=f"{BASE}/types")
NOW = CATALOGUE["age"].sample.evidence.read_at + DAY
ADDRESS, DID = f"{BASE}/sakuragawa", "did:web:issuer.example:sakuragawa"
AUDIENCE, NONCE = "x509_san_dns:cafe.example", "nonce-1"
CONTEXT = PresentationContext(response_uri="https://cafe.example/response")
ISSUER, HOLDER = SoftwareKey.generate(kid="k1"), SoftwareKey.generate(kid="h1")
HOLDER_DID = f"did:key:{encode_did_key(HOLDER.public_jwk())}"
HOLDER_BY_DID = SoftwareKey.from_private_jwk(
    {**HOLDER.private_jwk(), "kid": f"{HOLDER_DID}#{HOLDER_DID.removeprefix('did:key:')}"}
)
IACA = make_iaca("Sandbox IACA", country="JP", address=BASE, now=NOW)
SHORT = {"dc+sd-jwt": "sd_jwt", "mso_mdoc": "mdoc", "jwt_vc_json": "jwt", "ldp_vc": "ldp"}
FACTS = Facts(
    issuer=IssuerFact(believed=Believed(path="did", evidence=DID, as_of=NOW), trusted=True),
    status=StatusFact(listed=True, value=0, as_of=NOW),
)
WITH_A_NAME = ("name_chip", "name_birthdate_chip", "identity")
OF_QUESTION = {"over_20_chip": "age", **dict.fromkeys(WITH_A_NAME, "identity")}
Change = Callable[[SourceEvidence], SourceEvidence]


def facts_of(kind: CredentialType, *, age: int = 0, change: Change = lambda source: source) -> CardFacts:
    """What the sample card proved of this type's claims, changed. age: seconds since it was read, more than a day."""
    evidence = kind.sample.evidence.of_claims(kind.card_claims)
    sources = tuple(change(source) for source in evidence.sources)
    claims = {name: value for name, value in kind.sample.claims.items() if name in kind.card_claims}
    return CardFacts(claims=claims, evidence=replace(evidence, read_at=evidence.read_at - age, sources=sources))


def issue(form: str, kind: CredentialType, facts: CardFacts, *, open_evidence: bool = True) -> str:
    """open_evidence: its members cannot be held back, where the format lets a holder."""
    w3c = form in ("jwt_vc_json", "ldp_vc")
    evidence = (tell_evidence_in_document if w3c else tell_evidence)(facts.evidence)
    claims = kind.build(facts, "桜川市", date(2026, 4, 2))
    claims = {name: value for name, value in claims.items() if not w3c or name != "portrait"}
    content = CredentialContent(
        type_name=kind.name,
        vct=ADDRESSES.vct(kind.name),
        doctype=kind.doctype,
        w3c_types=(kind.w3c_type,),
        contexts=contexts_of(kind, ADDRESSES, inline=form == "ldp_vc"),
        claims=claims if w3c else {**claims, "evidence": evidence},
        always_disclosed=frozenset(
            {"issuing_authority", "issuing_country"} | ({"evidence"} if open_evidence else set())
        ),
        members={"evidence": evidence} if w3c else {},
        issuer=DID if w3c else ADDRESS,
        holder_jwk=HOLDER.public_jwk(),
        holder_did=HOLDER_DID,
        issued_at=NOW - 60,
        valid_from=NOW - 60,
        valid_until=NOW + 30 * DAY,
    )
    x5c = None
    if form == "mso_mdoc":
        public: Any = ISSUER.private_key().public_key()
        x5c = issue_document_signer(IACA, public, name="Signer", address=ADDRESS, now=NOW).x5c
    return FORMATS[form].issue(content, ISSUER, x5c=x5c)


def candidate(form: str, text: str) -> Candidate:
    """The certificate as a wallet holds it."""
    verified = FORMATS[form].verify(FORMATS[form].parse(text), parse_public_jwk(ISSUER.public_jwk()), now=NOW)
    base = ("VerifiableCredential",) if FORMATS[form].subject_root else ()
    return Candidate(id="card", format=form, types=(*base, *verified.types), claims=verified.claims)


def answer(
    question: str,
    form: str,
    facts: CardFacts,
    *,
    test_cards: bool = False,
    paths: Any = (),
    open_evidence: bool = True,
) -> Verdict:
    """The question put, answered as a wallet does (or with other ``paths``), examined and judged."""
    kind = CATALOGUE[OF_QUESTION[question]]
    asked: Asked = ask(QUESTIONS[question], ADDRESSES.vct_base)
    text = issue(form, kind, facts, open_evidence=open_evidence)
    choices = match(parse_query(QUESTIONS[question].dcql(ADDRESSES.vct_base)), [candidate(form, text)])
    (choice,) = choices.preferred()
    assert choice.query_id == f"{kind.name}_{SHORT[form]}"
    text = FORMATS[form].present(
        text,
        paths=paths or choice.paths,
        holder=HOLDER_BY_DID if FORMATS[form].binds_to == "did" else HOLDER,
        audience=AUDIENCE,
        nonce=NONCE,
        now=NOW,
        context=CONTEXT,
    )
    opened = open_presentation(Shown(query_id=choice.query_id, format=form, text=text))
    examined = examine(
        opened, parse_public_jwk(ISSUER.public_jwk()), audience=AUDIENCE, nonce=NONCE, now=NOW, context=CONTEXT
    )
    assert examined.fault == "", examined.fault
    verdict = judge((examined,), CHECKS, (FACTS,), NOW, asked=asked, policy=Policy(test_cards=test_cards))
    told = {str(path[-1]) for one in disclosed_of((examined,), asked) for path, _ in one.claims}
    assert "evidence" not in told, "the record of the chip is no claim to be shown"
    return verdict


def chip_check(verdict: Verdict) -> tuple[str, str]:
    (branch,) = verdict.presentations
    found = next(check for check in branch.checks if check.name == "chip_verified")
    return found.answer.value, found.reason


def production(source: SourceEvidence) -> SourceEvidence:
    return replace(source, trust_anchor=Environment.PRODUCTION)


@pytest.mark.parametrize("question", sorted(OF_QUESTION))
@pytest.mark.parametrize("form", SHORT)
def test_a_card_says_yes(form: str, question: str) -> None:
    facts = facts_of(CATALOGUE[OF_QUESTION[question]], change=production)
    verdict = answer(question, form, facts)
    assert chip_check(verdict) == ("passed", "chip_verified")
    assert verdict.accepted, [check for check in verdict.presentations[0].checks if check.answer != "passed"]


@pytest.mark.parametrize("form", SHORT)
def test_a_test_card_in_production_and_in_a_sandbox(form: str) -> None:
    facts = facts_of(CATALOGUE["age"])
    refused, believed = (answer("over_20_chip", form, facts, test_cards=test) for test in (False, True))
    assert (refused.accepted, *chip_check(refused)) == (False, "failed", "test_anchor")
    assert (believed.accepted, *chip_check(believed)) == (True, "passed", "verified_test_card")


NO: dict[str, Change] = {
    "chip_not_genuine": lambda source: replace(
        source, chip_genuineness=failed("possession_signature", "bad_signature")
    ),
    "chip_not_checked": lambda source: replace(source, chip_genuineness=not_checked("not_bound")),
    "chip_not_offered": lambda source: replace(source, chip_genuineness=not_offered("no_challenge")),
    "revoked": lambda source: _revocation(source, RevocationAnswer.REVOKED),
    "revocation_unknown": lambda source: _revocation(source, RevocationAnswer.UNKNOWN),
    "data_not_authentic": lambda source: replace(source, data_authenticity=failed("certificate_chain", "expired")),
    "no_anchor": lambda source: replace(source, trust_anchor=Environment.NONE),
    "claim_not_from_chip": lambda source: replace(source, origins=()),
}


def _revocation(source: SourceEvidence, found: RevocationAnswer) -> SourceEvidence:
    return replace(
        source, revocation=RevocationFinding(answer=found, source="crl", reason="word", checked_at=NOW - DAY)
    )


@pytest.mark.parametrize("reason", sorted(NO))
@pytest.mark.parametrize("form", SHORT)
def test_each_no_has_its_reason(form: str, reason: str) -> None:
    facts = facts_of(CATALOGUE["age"], change=lambda source: NO[reason](production(source)))
    verdict = answer("over_20_chip", form, facts)
    assert (verdict.accepted, chip_check(verdict)[1]) == (False, reason)
    assert verdict.reason == reason


@pytest.mark.parametrize("form", SHORT)
def test_a_wallet_offers_no_certificate_of_a_roll_where_a_chip_is_demanded(form: str) -> None:
    """Of the same type, without a record: its holder hears at once that nothing fits, and shows nothing."""
    held = candidate(form, issue(form, CATALOGUE["age"], facts_of(CATALOGUE["age"])))
    without = {name: value for name, value in held.claims.items() if name not in ("evidence", "tegata.evidence.1")}
    query = parse_query(OVER_20.dcql(ADDRESSES.vct_base))
    assert match(query, [held]).satisfiable
    assert not match(query, [replace(held, claims=without)]).satisfiable


@pytest.mark.parametrize("form", SHORT)
def test_thirty_days(form: str) -> None:
    kind = CATALOGUE["age"]
    young, old = (facts_of(kind, age=days * DAY, change=production) for days in (28, 31))
    assert answer("over_20_chip", form, young).accepted
    assert chip_check(answer("over_20_chip", form, old)) == ("failed", "too_old")


def test_an_mdoc_can_hold_the_record_back_and_is_then_no_answer() -> None:
    facts = facts_of(CATALOGUE["age"], change=production)
    verdict = answer("over_20_chip", "mso_mdoc", facts, paths=[("tegata.age.1", "age_over_20")])
    assert (verdict.accepted, *chip_check(verdict)) == (False, "failed", "evidence_missing")


def test_a_holder_holds_back_no_part_of_a_record_that_an_issuer_made_disclosable() -> None:
    """The second source says that the card is revoked. Shown whole it refuses; without it, the record would say nothing bad."""
    facts = facts_of(CATALOGUE["age"], change=production)
    (source,) = facts.evidence.sources
    worse = replace(_revocation(source, RevocationAnswer.REVOKED), source="jpki_authentication", origins=())
    facts = replace(facts, evidence=replace(facts.evidence, sources=(source, worse)))

    def reason_of(*paths: tuple[str | int, ...], open_evidence: bool = False) -> str:
        shown = [("age_equal_or_over", "20"), *paths]
        return chip_check(answer("over_20_chip", "dc+sd-jwt", facts, paths=shown, open_evidence=open_evidence))[1]

    first, second = ([path for path in leaves_of(tell_evidence(facts.evidence)) if path[0] == at] for at in (0, 1))
    in_evidence = [[("evidence", *path) for path in paths] for paths in (first, second)]
    assert reason_of(open_evidence=True) == "revoked"
    assert reason_of(*in_evidence[0]) == "evidence_withheld"
    assert reason_of(*in_evidence[0][1:], *in_evidence[1]) == "evidence_withheld"
    assert reason_of() == "evidence_missing"


def leaves_of(value: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if not isinstance(value, dict | list | tuple):
        return [place]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [leaf for name, each in inner for leaf in (leaves_of(each, (*place, name)) or [(*place, name)])]


def test_who_asks_for_a_name_asks_that_the_holder_knew_a_secret_and_age_does_not() -> None:
    def found(source: SourceEvidence) -> SourceEvidence:
        return replace(production(source), holder_verification=not_offered("mrz_is_printed", "mrz"))

    assert answer("over_20_chip", "dc+sd-jwt", facts_of(CATALOGUE["age"], change=found)).accepted
    for question in WITH_A_NAME:
        verdict = answer(question, "dc+sd-jwt", facts_of(CATALOGUE["identity"], change=found))
        assert chip_check(verdict) == ("undetermined", "holder_not_checked")


@pytest.mark.parametrize("question", [QUESTIONS[name] for name in OF_QUESTION], ids=lambda one: one.name)
def test_a_question_and_the_catalogue_call_things_by_the_same_names(question: Any) -> None:
    for asked in question.types:
        kind = CATALOGUE[asked.name]
        assert (kind.w3c_type, kind.doctype, kind.source) == (asked.w3c_type, asked.doctype, "card")
        assert {claim.path for claim in question.claims} <= {claim.path for claim in kind.claims}
        assert {name for claim in question.claims for name in claim.from_chip} <= kind.card_claims
