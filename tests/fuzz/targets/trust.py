"""Lists of issuers, keys of issuers, and a registrar's file: what operators and issuers write."""

from __future__ import annotations

import datetime as dt
import io

from common.encoding import compact_json, parse_json_object
from common.jose.jwt import build_jwt
from common.trust.anchors import TrustAnchors, parse_issuers
from common.trust.issuer_metadata import build_issuer_metadata, parse_issuer_metadata, parse_key_set, read_key_entry
from common.trust.lists import TYP, build_trust_list, parse_trust_list, verify_trust_list
from issuer.connectors.csv_file import read_rows
from issuer.flows.judge_roll_row import judge_roll_row, parse_date
from tests.fuzz.cast import IACA, ISSUER, NOW, SCHOOL, SCHOOL_PUBLIC
from tests.fuzz.target import of_bytes, of_json, of_object, of_text, reading

ISSUERS = """
[[issuer]]
identifier = "https://issuer.example/sakuragawa"
types = ["https://issuer.example/types/enrolment", "EnrolmentCredential"]
names = { ja = "桜川大学", en = "Sakuragawa University" }
keys = ["x5c"]
"""
ROLL = (
    "学籍番号,姓,名,生年月日,入学日,状態,メールアドレス,姓カナ\n"
    "S1,髙橋,花子,2005-04-02,2024/4/1,在学,a@example.ac.jp,タカハシ\n"
    'S2,"佐,藤",太郎,平成17年,20240401,卒業,,\n'
)
TODAY = dt.date(2026, 9, 21)
TENANT = "https://issuer.example/sakuragawa"


def _roll(data: bytes) -> object:
    rows = read_rows(io.BytesIO(data))
    return [judge_roll_row(row.number, row.fields, today=TODAY) for row in rows if not row.problem]


SIGNER = "did:web:ministry.example"
LIST = build_trust_list(
    TrustAnchors(roots=(IACA.certificate,), issuers=parse_issuers(ISSUERS.encode())),
    SCHOOL,
    issuer=SIGNER,
    key_url=f"{SIGNER}#school",
    names={"en": "Ministry"},
    sequence=1,
    issued_at=NOW,
    expires_at=NOW + 99,
    next_update=NOW + 9,
)


def _list(data: bytes) -> object:
    parsed = parse_trust_list(data.decode("utf-8", "replace"))
    return verify_trust_list(parsed, SCHOOL_PUBLIC, signer=SIGNER, now=NOW, sandbox=True)


def _list_claims(data: bytes) -> object:
    """Any claims of a list, signed by whom the deployment follows."""
    text = build_jwt({"typ": TYP, "kid": f"{SIGNER}#school"}, {"iss": SIGNER, **parse_json_object(data)}, SCHOOL)
    return _list(text.encode())


TARGETS = (
    reading(parse_trust_list, _list, LIST.encode()),
    reading(verify_trust_list, _list_claims, compact_json(parse_trust_list(LIST).token.claims)),
    of_bytes(parse_issuers, ISSUERS.encode()),
    reading(
        parse_issuer_metadata,
        lambda data: parse_issuer_metadata(data, issuer=TENANT),
        compact_json(build_issuer_metadata(TENANT, [ISSUER.public_jwk()])),
        compact_json({"issuer": TENANT, "jwks_uri": f"{TENANT}/keys"}),
    ),
    of_json(parse_key_set, compact_json({"keys": [ISSUER.public_jwk(), SCHOOL.public_jwk()]}).decode()),
    of_object(read_key_entry, compact_json({**ISSUER.public_jwk(), "exp": 1_790_000_000}).decode()),
    reading(
        read_rows, _roll, ROLL.encode(), ROLL.replace("髙", "高").encode("cp932"), ROLL.replace(",", "\t").encode()
    ),
    of_text(parse_date, "2006年4月1日", "20060401"),
)
