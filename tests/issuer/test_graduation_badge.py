"""The graduation certificate as an Open Badge 3.0: what is in it, in both forms, and how it is offered."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from common.did.resolve import Resolver
from common.encoding import b64url_decode
from common.errors import Refused
from common.formats.registry import FORMATS
from common.proofs.canonical import canonize
from common.proofs.expand.pyld_fallback import COUNTER
from issuer.catalogue.graduation_badge import degree_type
from issuer.flows.correct_person import correct_person
from issuer.flows.make_offer import make_offer
from issuer.flows.reissue import reissue
from tests.fakes.fetch import FakeFetch
from tests.issuer.school import BASE, TENANT, School, Wallet

DID = f"did:web:localhost%3A8101:{TENANT}"


def claim(school: School, form: str, configuration: str) -> str:
    offer = make_offer(
        school.desk, TENANT, school.person("G003"), types=["graduation_badge"], formats=[form], actor="test"
    )
    wallet = Wallet(school)
    wallet.redeem(offer)
    made: Any = wallet.ask(configuration, wallet.proofs(did=True))["credentials"][0]["credential"]
    return made if isinstance(made, str) else json.dumps(made)


def verify(school: School, text: str, form: str) -> Any:
    """With the key of the institution's DID document, as anybody finds it."""
    document = school.client.get(f"/{TENANT}/did.json").content
    fetch = FakeFetch({f"http://localhost:8101/{TENANT}/did.json": document})
    parsed = FORMATS[form].parse(text)
    key = Resolver(fetch, school.clock, sandbox=True).key(str(parsed.issuer_key_hint.kid))
    return FORMATS[form].verify(parsed, key, now=school.clock.now())


def test_the_badge_says_what_open_badges_ask_for(school: School) -> None:
    """Open Badges 3.0 §B.1: the required members of each class, each in the kind that its table gives it."""
    before = COUNTER.documents
    text = claim(school, "ldp_vc", "graduation_badge_w3c_di")
    badge = json.loads(text)
    assert COUNTER.documents == before  # our own expander has read all of it
    assert badge["@context"] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ]
    assert badge["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", badge["id"])
    assert badge["issuer"] == {
        "id": DID,
        "type": ["Profile"],
        "name": "桜川大学 / Sakuragawa University",
        "url": f"{BASE}/{TENANT}",
    }
    assert badge["name"] == "卒業証明書 / Certificate of Graduation"
    assert badge["awardedDate"] == "2024-03-24T00:00:00+09:00"
    subject = badge["credentialSubject"]
    assert subject["id"].startswith("did:key:z")
    assert subject["type"] == ["AchievementSubject"]
    assert subject["identifier"] == [
        {"type": "IdentityObject", "hashed": False, "identityHash": "山﨑 彩", "identityType": "name"},
        {"type": "IdentityObject", "hashed": False, "identityHash": "Aya Yamasaki", "identityType": "name"},
    ]
    achievement = subject["achievement"]
    assert achievement["id"].startswith("urn:uuid:")
    assert achievement["type"] == ["Achievement"]
    assert achievement["name"] == "学士（工学） / Bachelor's degree"
    assert achievement["achievementType"] == "BachelorDegree"
    assert achievement["fieldOfStudy"] == "工学部 情報工学科"
    assert "Sakuragawa University" in achievement["criteria"]["narrative"]
    assert achievement["description"]
    status = badge["credentialStatus"]  # one object with an id, where our own types have two entries without
    assert status["type"] == "BitstringStatusListEntry"
    assert status["statusPurpose"] == "revocation"
    assert status["id"] == f"{status['statusListCredential']}#{status['statusListIndex']}"
    assert "G003" not in text
    assert "2001-11-03" not in text


def test_both_forms_verify_and_say_the_same(school: School) -> None:
    embedded = verify(school, claim(school, "ldp_vc", "graduation_badge_w3c_di"), "ldp_vc")
    text = claim(school, "jwt_vc_json", "graduation_badge_w3c_jwt")
    jwt = verify(school, text, "jwt_vc_json")
    assert embedded.types == ("https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential",)
    assert jwt.types == ("OpenBadgeCredential",)
    assert embedded.issuer == jwt.issuer == DID
    assert embedded.subject["achievement"] == jwt.subject["achievement"]
    payload = json.loads(b64url_decode(text.split(".")[1]))
    assert payload["jti"] == payload["id"]
    assert payload["sub"] == payload["credentialSubject"]["id"]
    assert payload["iss"] == payload["issuer"]["id"]
    assert (payload["nbf"], payload["exp"]) == (jwt.valid_from, jwt.valid_until)


def test_everybody_earns_the_same_achievement_and_no_two_badges_share_an_id(school: School) -> None:
    one, other = (json.loads(claim(school, "ldp_vc", "graduation_badge_w3c_di")) for _ in range(2))
    assert one["credentialSubject"]["achievement"] == other["credentialSubject"]["achievement"]
    assert one["id"] != other["id"]


def test_an_offer_that_names_no_format_takes_the_types_own(school: School) -> None:
    person = school.person("G003")
    made = make_offer(school.desk, TENANT, person, types=["graduation", "graduation_badge"], actor="test")
    assert made.configurations == ("graduation_sd_jwt", "graduation_badge_w3c_di")
    with pytest.raises(Refused, match="graduation_badge"):
        make_offer(school.desk, TENANT, person, types=["graduation_badge"], formats=["dc+sd-jwt"], actor="test")
    with pytest.raises(Refused, match="entitle"):
        make_offer(school.desk, TENANT, school.person("S001"), types=["graduation_badge"], actor="test")


def test_a_lost_phone_gets_each_certificate_back_in_its_own_format(school: School) -> None:
    person = school.person("G003")
    claim(school, "ldp_vc", "graduation_badge_w3c_di")
    Wallet(school).claim(
        make_offer(school.desk, TENANT, person, types=["graduation"], actor="test"), "graduation_sd_jwt"
    )
    made = reissue(school.desk, TENANT, person, actor="test")
    assert made.configurations == ("graduation_sd_jwt", "graduation_badge_w3c_di")


def test_a_correction_offers_what_was_held_or_claimable_and_no_other_badge(school: School) -> None:
    person = school.person("G003")
    make_offer(school.desk, TENANT, person, types=["graduation"], actor="test")
    corrected = correct_person(school.desk, TENANT, person, {"given_name": "綾"}, actor="test")
    assert corrected.offer is not None
    assert corrected.offer.configurations == ("graduation_sd_jwt",)
    make_offer(school.desk, TENANT, school.person("G003"), types=["graduation_badge"], actor="test")
    corrected = correct_person(school.desk, TENANT, school.person("G003"), {"given_name": "彩"}, actor="test")
    assert corrected.offer is not None
    assert corrected.offer.configurations == ("graduation_sd_jwt", "graduation_badge_w3c_di")


@pytest.mark.parametrize(
    ("degree", "kind"),
    [
        ("学士（文学）", "BachelorDegree"),
        ("修士（理学）", "MasterDegree"),
        ("博士（工学）", "DoctoralDegree"),
        ("法務博士（専門職）", "ProfessionalDoctorate"),
        ("短期大学士（保育学）", "AssociateDegree"),
        ("", "Degree"),
        ("称号", "Degree"),
    ],
)
def test_degrees(degree: str, kind: str) -> None:
    assert degree_type(degree)[0] == kind


def test_a_published_badge_is_read_without_help() -> None:
    """The terms that a badge of ours uses are terms of the pinned context: a foreign one among them is refused, not dropped."""
    document = {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "type": ["VerifiableCredential", "AchievementCredential"],
        "issuer": {"id": "https://school.example", "type": ["Profile"], "name": "School"},
        "credentialSubject": {"type": ["AchievementSubject"], "id": "did:example:a"},
    }
    assert "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential" in canonize(document)
