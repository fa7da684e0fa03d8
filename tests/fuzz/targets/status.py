"""Status lists of strangers, in every form."""

from __future__ import annotations

from common.cbor import decode, encode
from common.cose.sign1 import sign_sign1
from common.encoding import b64url_encode, compact_json, parse_json_object
from common.formats.credential import IssuerKeyHint
from common.jose.jwk import PublicKey
from common.jose.jwt import build_jwt, parse_jwt
from common.status.bits import StatusList, inflate
from common.status.bitstring import MIN_ENTRIES, Bitstring, expand
from common.status.bitstring_status_list import verify_bitstring_list
from common.status.changes import build_status_changes, parse_status_changes, verify_status_changes
from common.status.contract import REVOKED, SUSPENDED, ListIssuer, ListTimes, StatusTable
from common.status.read_list import verify_bitstring_answer, verify_token_answer
from common.status.registry import RENDERINGS
from common.status.renderings import pack_states
from common.status.token_status_list import parse_status_list_token, verify_status_list_token
from common.status.token_status_list_cwt import parse_status_list_cwt, read_status_list, verify_status_list_cwt
from tests.fuzz.cast import NOW, SCHOOL, SCHOOL_PUBLIC
from tests.fuzz.target import of_bytes, of_json, of_text, reading

URI, DID = "https://a.example/1", "did:web:a.example"
TABLE = StatusTable(size=64, values={3: REVOKED, 5: SUSPENDED}, version=1, changed_at=NOW)
CHANGES = build_status_changes(
    {3: 1}, pack_states(TABLE, bits=2), SCHOOL, uri=URI, since=0, version=1, size=64, issued_at=NOW, expires_at=NOW + 9
)
LIST = Bitstring.of_size(MIN_ENTRIES, statuses={3: 1})


def _render(name: str, purpose: str = "") -> bytes:
    return RENDERINGS[name].render(
        TABLE,
        uri=URI,
        purpose=purpose,
        issuer=ListIssuer(id=DID, key_id=f"{DID}#school", signer=SCHOOL),
        times=ListTimes(issued_at=NOW, expires_at=NOW + 600, ttl=60),
    )


def _key_of(hint: IssuerKeyHint) -> PublicKey:
    return SCHOOL_PUBLIC


def _token(data: bytes) -> object:
    return verify_token_answer(data, _key_of, uri=URI, issuer=DID, now=NOW)


def _bitstring(data: bytes) -> object:
    return verify_bitstring_answer(data, _key_of, uri=URI, issuer=DID, now=NOW)


def _claims(data: bytes) -> object:
    """Any claims of a list, signed by an issuer that is believed."""
    text = build_jwt({"typ": "statuslist+jwt"}, {"sub": URI, "iat": NOW, **parse_json_object(data)}, SCHOOL)
    return verify_status_list_token(parse_status_list_token(text), SCHOOL_PUBLIC, uri=URI, issuer=DID, now=NOW)


def _cwt_claims(data: bytes) -> object:
    claims = decode(data)
    try:
        payload = encode({2: URI, 6: NOW, **claims} if isinstance(claims, dict) else claims)
    except ValueError:  # simple values, undefined: nobody here can write them
        return None
    token = sign_sign1(payload, SCHOOL, protected={16: "application/statuslist+cwt"}, tagged=True)
    return verify_status_list_cwt(parse_status_list_cwt(token), SCHOOL_PUBLIC, uri=URI, issuer=DID, now=NOW)


def _document(data: bytes) -> object:
    """Any subject of a list credential that an issuer signed who is believed."""
    document = {**DOCUMENT, "credentialSubject": parse_json_object(data)}
    text = build_jwt({"typ": "vc+jwt", "kid": f"{DID}#school"}, document, SCHOOL)
    return verify_bitstring_answer(text.encode(), _key_of, uri=URI, issuer=DID, now=NOW)


SUBJECT = {"type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": LIST.encode()}
DOCUMENT = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "id": URI,
    "type": ["VerifiableCredential", "BitstringStatusListCredential"],
    "issuer": DID,
    "validFrom": "2026-01-01T00:00:00Z",
}


def _changes(data: bytes) -> object:
    """Any changes of a list, signed."""
    claims = {"sub": URI, "iat": NOW, "exp": NOW + 9, **parse_json_object(data)}
    text = build_jwt({"typ": "tegata-statuslist-changes+jwt"}, claims, SCHOOL)
    return verify_status_changes(parse_status_changes(text), SCHOOL_PUBLIC, uri=URI, now=NOW)


CHANGED = parse_jwt(CHANGES).claims["changes"]
DEFLATED = StatusList.of_size(64, bits=2, statuses={3: 1}).deflate()
TOKEN, CWT = _render("token_status_list_jwt"), _render("token_status_list_cwt")

TARGETS = (
    reading(inflate, lambda data: inflate(1 << (data[0] & 3) if data else 1, data[1:]), b"\1" + DEFLATED),
    of_json(expand, f'"{LIST.encode()}"'),
    of_text(parse_status_list_token, TOKEN.decode()),
    of_bytes(parse_status_list_cwt, CWT),
    reading(read_status_list, lambda data: read_status_list(decode(data)), encode({"bits": 2, "lst": DEFLATED})),
    reading(verify_token_answer, _token, TOKEN, CWT),
    reading(
        verify_status_list_token,
        _claims,
        compact_json({"status_list": {"bits": 2, "lst": b64url_encode(DEFLATED)}, "ttl": 60}),
    ),
    reading(verify_status_list_cwt, _cwt_claims, encode({65533: {"bits": 2, "lst": DEFLATED}, 65534: 60})),
    reading(
        verify_bitstring_answer,
        _bitstring,
        _render("bitstring_vc_jwt", "revocation"),
        _render("bitstring_data_integrity", "message"),
    ),
    reading(verify_bitstring_list, _document, compact_json(SUBJECT)),
    of_text(parse_status_changes, CHANGES),
    reading(verify_status_changes, _changes, compact_json({"changes": CHANGED})),
)
