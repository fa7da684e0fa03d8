"""Claims that cards prove, and where their names come from; what stands in every certificate made from a card.

- OIDC Core 1.0 §5.1: name, family_name, given_name, birthdate, and the address claim with formatted, region (prefecture) and locality.
- ISO/IEC 18013-5 §7.2.1 and the EUDI PID rulebook: sex (ISO/IEC 5218), portrait, driving_privileges, age_equal_or_over, expiry_date.
- ICAO Doc 9303-3 §5: nationality and issuing_state, in its own three letters: not all of them have two (stateless, refugees, UN).
- W3C VCDM 2.0 §5.6: evidence, as a member of the document; the same value stands as a claim of its own in the other formats.
- No vocabulary has a residence status of Japan, or says that a name's characters were substituted: those are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from common.cards.contract import ClaimValue
from common.cards.evidence import Evidence
from common.cards.evidence_json import build_evidence
from common.encoding import b64url_encode
from issuer.catalogue.contract import CardFacts, Claim, Disclosure
from issuer.catalogue.person_claims import ISSUING_AUTHORITY, ISSUING_COUNTRY, OIDC, OWN, PID

DAY = 86_400
LIFETIME = 90 * DAY
"""Of what is made from a card: short, since most cards cannot be asked whether they still stand."""
MDL = "ISO/IEC 18013-5 §7.2.1"
ICAO = "ICAO Doc 9303-3 §5"
VCDM = "W3C VCDM 2.0 §5.6"
_SCHEMA = "https://schema.org/"
FORMATS = ("dc+sd-jwt", "jwt_vc_json", "ldp_vc", "mso_mdoc")


def claim(
    name: str,
    ja: str,
    en: str,
    source: str = OWN,
    term: str = "",
    *,
    below: tuple[str, ...] = (),
    disclosure: Disclosure = Disclosure.SELECTIVE,
    members: tuple[str, ...] = (),
) -> Claim:
    return Claim(path=(*below, name), ja=ja, en=en, disclosure=disclosure, source=source, term=term, members=members)


FINDINGS = ("data_authenticity", "chip_genuineness", "holder_verification", "revocation")
EVIDENCE = claim("evidence", "ICチップの検証の記録", "What the chip proved", VCDM, disclosure=Disclosure.ALWAYS)
NAME = claim("name", "氏名", "Name", OIDC)
FAMILY_NAME = claim("family_name", "姓", "Family name", OIDC, _SCHEMA + "familyName")
GIVEN_NAME = claim("given_name", "名", "Given name", OIDC, _SCHEMA + "givenName")
NAME_SUBSTITUTED = claim("name_substituted", "氏名に代替文字がある", "Characters of the name were substituted")
BIRTHDATE = claim("birthdate", "生年月日", "Date of birth", OIDC, _SCHEMA + "birthDate")
SEX = claim("sex", "性別（ISO/IEC 5218）", "Sex (ISO/IEC 5218)", MDL)
ADDRESS = claim("formatted", "住所", "Address", OIDC, below=("address",))
REGION = claim("region", "都道府県", "Prefecture", OIDC, _SCHEMA + "addressRegion", below=("address",))
LOCALITY = claim("locality", "市区町村", "Municipality", OIDC, _SCHEMA + "addressLocality", below=("address",))
PORTRAIT = claim("portrait", "顔写真", "Portrait", MDL, disclosure=Disclosure.HIDEABLE_ONLY)
NATIONALITY = claim("nationality", "国籍", "Nationality", ICAO, _SCHEMA + "nationality")
EXPIRY_DATE = claim("expiry_date", "有効期限", "Valid until", MDL)
AGES = (18, 20, 65)
AGE_CLAIMS = tuple(
    claim(str(age), f"{age}歳以上", f"{age} or older", PID, below=("age_equal_or_over",)) for age in AGES
)
OF_ISSUER = (ISSUING_AUTHORITY, ISSUING_COUNTRY)


def of_issuer(institution: str) -> dict[str, Any]:
    """Who issued the certificate; who issued the card is told in the evidence."""
    return {"issuing_authority": institution, "issuing_country": "JP"}


def pick(facts: CardFacts, names: Mapping[str, str]) -> dict[str, Any]:
    """The card's claims under the names of the certificate; what the card did not prove is left out. Pictures become base64url."""
    found = {name: facts.claims.get(told, "") for told, name in names.items()}
    return {name: _plain(value) for name, value in found.items() if value not in ("", b"", ())}


def _plain(value: ClaimValue) -> Any:
    if isinstance(value, bytes):
        return b64url_encode(value)
    return list(value) if isinstance(value, tuple) else value


def has_all(facts: CardFacts, names: Iterable[str]) -> bool:
    return all(name in facts.claims for name in names)


def tell_evidence(evidence: Evidence) -> list[dict[str, Any]]:
    """The claim ``evidence``. Times are cut to the day, as all times of a certificate are, so that copies are not linked by them."""
    return build_evidence(evidence, resolution=DAY)


def tell_evidence_in_document(evidence: Evidence) -> list[dict[str, Any]]:
    """The same as a member of a W3C document, where each finding also names its source (``of``).

    Two sources often answer alike. As RDF their findings would be nodes that nobody can tell apart, and canonicalising those takes
    factorial time (RDFC-1.0 §4.8): verifiers, ours among them, refuse such documents.
    """
    told = tell_evidence(evidence)
    for entry in told:
        for name in FINDINGS:
            entry[name]["of"] = entry["source"]
    return told
