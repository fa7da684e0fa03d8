"""What stands in a PKCS#11 token for each algorithm: mechanisms, curve parameters, key pairs, and public points read as JWKs.

PKCS #11 v2.40 §2.3 (EC), v3.0 §2.3.5 (Edwards curves). Callers hold the session.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import DomainParamsInvalid, MechanismInvalid, NoSuchKey, PKCS11Error

from common.encoding import b64url_encode
from common.errors import Unsupported


@dataclass(frozen=True, slots=True)
class Kind:
    """How a token makes and uses keys of one algorithm. parameters: CKA_EC_PARAMS, DER of the curve's name. size: of a coordinate."""

    alg: str
    crv: str
    key_type: KeyType
    generation: Mechanism
    signing: Mechanism
    parameters: tuple[bytes, ...]
    size: int
    digest: Callable[[bytes], Any] | None


_EC = KeyType.EC, Mechanism.EC_KEY_PAIR_GEN, Mechanism.ECDSA
_ED = KeyType.EC_EDWARDS, Mechanism.EC_EDWARDS_KEY_PAIR_GEN, Mechanism.EDDSA
KINDS = {
    kind.alg: kind
    for kind in (
        Kind("ES256", "P-256", *_EC, (bytes.fromhex("06082a8648ce3d030107"),), 32, hashlib.sha256),
        Kind("ES384", "P-384", *_EC, (bytes.fromhex("06052b81040022"),), 48, hashlib.sha384),
        Kind("ES512", "P-521", *_EC, (bytes.fromhex("06052b81040023"),), 66, hashlib.sha512),
        # The curve's OID (v3.0 §2.3.10, RFC 8410), and its name as a PrintableString, which older modules want.
        Kind(
            "EdDSA", "Ed25519", *_ED, (bytes.fromhex("06032b6570"), bytes.fromhex("130c") + b"edwards25519"), 32, None
        ),
    )
}


def kind_of(alg: str) -> Kind:
    if alg not in KINDS:
        raise Unsupported("unknown_signature_algorithm", known=tuple(KINDS))
    return KINDS[alg]


def find_object(session: Any, object_class: ObjectClass, object_id: bytes) -> Any:
    found = list(session.get_objects({Attribute.CLASS: object_class, Attribute.ID: object_id}))
    if len(found) != 1:
        raise NoSuchKey(f"{len(found)} objects of this name")
    return found[0]


def generate_pair(session: Any, kind: Kind, object_id: bytes, label: str) -> tuple[Any, Any]:
    problem: PKCS11Error | None = None
    for parameters in kind.parameters:
        domain = session.create_domain_parameters(kind.key_type, {Attribute.EC_PARAMS: parameters}, local=True)
        try:
            pair: tuple[Any, Any] = domain.generate_keypair(
                mechanism=kind.generation,
                id=object_id,
                label=label,
                store=True,
                capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
                private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.PRIVATE: True},
            )
        except DomainParamsInvalid as error:
            problem = error
        else:
            return pair
    raise problem or MechanismInvalid()


def read_public_jwk(kind: Kind, public: Any) -> dict[str, Any]:
    """CKA_EC_POINT → JWK. Modules give the point either bare or as a DER OCTET STRING (v2.40 §2.3.3); both are read."""
    point = bytes(public[Attribute.EC_POINT])
    bare = kind.size if kind.key_type is KeyType.EC_EDWARDS else 2 * kind.size + 1
    if len(point) > bare and point[0] == 0x04:
        point = point[-bare:]
    if kind.key_type is KeyType.EC_EDWARDS:
        return {"kty": "OKP", "crv": kind.crv, "x": b64url_encode(point)}
    x, y = point[1 : 1 + kind.size], point[1 + kind.size :]
    return {"kty": "EC", "crv": kind.crv, "x": b64url_encode(x), "y": b64url_encode(y)}
