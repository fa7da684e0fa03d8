"""Where the private halves of an institution's keys are: sealed in the database, or in a PKCS#11 token. Made and opened here only."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from common.encoding import b64url_decode, b64url_encode, compact_json, parse_json_object
from common.errors import Unavailable, Unsupported
from common.keys import bls, software
from common.keys.bls import BbsKey
from common.keys.software import SoftwareKey
from common.ports import Signer
from issuer.flows.tenant_secrets import TenantSecrets

Backend = Literal["software", "pkcs11"]
BACKENDS: tuple[Backend, ...] = ("software", "pkcs11")
KeyPair = Signer | BbsKey
ALGS = (*software.ALGS, bls.ALG)
"""The first one is what a new institution gets."""


class KeyToken(Protocol):
    """What is needed of a PKCS#11 token (`common.adapters.pkcs11.Pkcs11Token`)."""

    @property
    def algs(self) -> tuple[str, ...]: ...

    def generate(self, alg: str, *, object_id: bytes, label: str) -> Signer: ...

    def key(self, alg: str, *, object_id: bytes, public_jwk: Mapping[str, Any]) -> Signer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A new key with the columns of its row. public: a JWK; of a BBS key an object with kid, alg and publicKeyMultibase."""

    pair: KeyPair = field(repr=False)
    public: Mapping[str, Any]
    backend: Backend
    token_object: str = ""
    sealed: bytes = field(default=b"", repr=False)


class KeyHomes:
    """token: None where no module is set; where one is, new keys are made in it."""

    def __init__(self, secrets: TenantSecrets, token: KeyToken | None = None) -> None:
        self._secrets = secrets
        self._token = token

    @property
    def usual(self) -> Backend:
        return "software" if self._token is None else "pkcs11"

    def make(self, tenant: str, alg: str, *, issuer: str, number: int, backend: Backend | None = None) -> MadeKey:
        """A new key. number: how many keys of this algorithm the institution had before.

        In a token its name follows from issuer, algorithm and number: who died after making it finds it again, and makes no second
        one. Raises Unsupported for an algorithm that this home has not, Unavailable where the token is away or none is set.
        """
        if alg not in ALGS:
            raise Unsupported("unknown_signature_algorithm", known=ALGS)
        if (backend or self.usual) == "pkcs11":
            return self._make_in_token(tenant, alg, issuer, number)
        if alg == bls.ALG:
            return self._make_bbs(tenant)
        key = SoftwareKey.generate(alg)
        sealed = self._secrets.seal_key(tenant, key.kid, compact_json(key.private_jwk()))
        return MadeKey(pair=key, public=key.public_jwk(), backend="software", sealed=sealed)

    def open(self, row: Any) -> KeyPair:
        """row: of `SigningKey`. Raises Rejected where the key file is another one, Unavailable where no token is set."""
        public = parse_json_object(row.public_jwk)
        if row.backend == "pkcs11":
            return self._the_token().key(row.alg, object_id=bytes.fromhex(row.token_object), public_jwk=public)
        private = parse_json_object(self._secrets.open_key(row.tenant, row.id, bytes(row.sealed)))
        if row.alg == bls.ALG:
            return BbsKey(b64url_decode(private["secret"]), kid=row.id)
        return SoftwareKey.from_private_jwk(private)

    def _make_bbs(self, tenant: str) -> MadeKey:
        made = BbsKey.generate()
        kid = b64url_encode(hashlib.sha256(made.public_bytes).digest())
        key = BbsKey(made.private_bytes(), kid=kid)
        sealed = self._secrets.seal_key(tenant, kid, compact_json({"secret": b64url_encode(key.private_bytes())}))
        public = {"kid": kid, "alg": key.alg, "publicKeyMultibase": key.public_multibase}
        return MadeKey(pair=key, public=public, backend="software", sealed=sealed)

    def _make_in_token(self, tenant: str, alg: str, issuer: str, number: int) -> MadeKey:
        token = self._the_token()
        if alg not in token.algs:
            raise Unsupported("algorithm_not_in_token", known=token.algs)
        name = hashlib.sha256(f"tegata issuer key\n{issuer}\n{alg}\n{number}".encode()).digest()[:20]
        key = token.generate(alg, object_id=name, label=f"tegata {tenant} {alg} {number}")
        return MadeKey(pair=key, public=key.public_jwk(), backend="pkcs11", token_object=name.hex())

    def _the_token(self) -> KeyToken:
        if self._token is None:
            raise Unavailable("token_not_set", "a key lives in a PKCS#11 token, and no module is set: pkcs11_module")
        return self._token
