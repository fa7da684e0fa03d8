"""What the peers work on, made once for a run: the same kinds of documents as in the figures of `tests.bench.formats`, as plain JSON.

Times are those of now, since not every peer can be told another one. No credential names a status list: some peers would fetch it.
"""

from __future__ import annotations

import base64
import dataclasses
import time
from typing import Any

from cryptography.hazmat.primitives import serialization

from common.encoding import b64url_decode
from common.formats.credential import CredentialContent
from common.formats.data_integrity.issue import ProofOptions, issue_credential
from common.formats.mdoc.session_transcript import session_transcript
from common.formats.sd_jwt_vc import SdJwtVc
from common.jose.jwt import build_jwt
from common.keys.multikey import base58btc_encode, encode_did_key
from common.keys.software import SoftwareKey
from common.proofs.contexts import PINNED
from common.proofs.selective.ecdsa_sd_proof_value import parse_base, parse_derived
from tests.bench.formats import jwt, mdoc, sd_jwt_vc, selective
from tests.bench.formats.data_integrity import ISSUER
from tests.bench.formats.open_badge import open_badge
from tests.bench.peers.jobs import Job, jobs

_ED25519_SECRET = b"\x80\x26"
"""Multicodec ed25519-priv."""
ITEMS = 20
"""Inputs of each kind; each is used in every round."""


def make_inputs() -> tuple[dict[str, Any], tuple[Job, ...]]:
    """(setting → inputs, private keys of this run among them, bytes as base64; the jobs over them)."""
    now = int(time.time())
    selective, signatures = _selective()
    todo = jobs(base_signatures=signatures[0], derived_signatures=signatures[1])
    return {
        "jobs": {job.name: dataclasses.asdict(job) for job in todo},
        "now": now,
        "jwt": _jwt(now),
        "sd_jwt_vc": _sd_jwt_vc(now),
        "mdoc": _mdoc(now),
        "badge": _badge(now),
        "selective": selective,
    }, todo


def _jwt(now: int) -> dict[str, Any]:
    issuer = SoftwareKey.generate(kid="key-1")
    own = {"iss": sd_jwt_vc.ISSUER, "aud": jwt.AUDIENCE, "iat": now, "exp": now + 3600}
    about = {name: sd_jwt_vc.CLAIMS[name] for name in jwt.ABOUT}
    texts = [
        build_jwt({"typ": jwt.TYP, "kid": "key-1"}, {**own, "sub": str(number), **about}, issuer)
        for number in range(ITEMS)
    ]
    return {"texts": texts, "public": issuer.public_jwk(), "audience": jwt.AUDIENCE}


def _sd_jwt_vc(now: int) -> dict[str, Any]:
    issuer, member = SoftwareKey.generate(kid="key-1"), SdJwtVc()
    texts = []
    for _ in range(ITEMS):
        holder = SoftwareKey.generate()
        content = _dated(sd_jwt_vc.make_content(holder), now)
        texts.append(
            member.present(
                member.issue(content, issuer),
                paths=sd_jwt_vc.SHOWN,
                holder=holder,
                audience=sd_jwt_vc.AUDIENCE,
                nonce=sd_jwt_vc.NONCE,
                now=now,
            )
        )
    return {
        "texts": texts,
        "public": issuer.public_jwk(),
        "private": issuer.private_jwk(),
        "audience": sd_jwt_vc.AUDIENCE,
        "nonce": sd_jwt_vc.NONCE,
        "issuer": sd_jwt_vc.ISSUER,
        "vct": sd_jwt_vc.VCT,
        "claims": sd_jwt_vc.CLAIMS,
        "holder": SoftwareKey.generate().public_jwk(),
    }


def _mdoc(now: int) -> dict[str, Any]:
    town = mdoc.Town(now)
    texts = []
    for _ in range(ITEMS):
        holder = SoftwareKey.generate()
        content = _dated(town.content(holder), now)
        text = town.mdoc.present(
            town.mdoc.issue(content, town.issuer, x5c=town.x5c),
            paths=None,
            holder=holder,
            audience=mdoc.AUDIENCE,
            nonce=mdoc.NONCE,
            now=now,
            context=mdoc.CONTEXT,
        )
        texts.append(_base64(b64url_decode(text)))
    pem = town.issuer.private_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "texts": texts,
        "transcript": _base64(session_transcript(mdoc.CONTEXT, audience=mdoc.AUDIENCE, nonce=mdoc.NONCE)),
        "root": _base64(town.root.public_bytes(serialization.Encoding.DER)),
        "certificate": _base64(town.certificate.public_bytes(serialization.Encoding.DER)),
        "private_pem": pem.decode(),
        "private": town.issuer.private_jwk(),
        "holder": SoftwareKey.generate().public_jwk(),
        "doctype": mdoc.DOCTYPE,
        "claims": mdoc.CLAIMS,
    }


def _badge(now: int) -> dict[str, Any]:
    issuer = SoftwareKey.generate("EdDSA", kid="key-1")
    method, secret = f"{ISSUER}#key-1", b64url_decode(issuer.private_jwk()["d"])

    def signed(cryptosuite: str) -> list[dict[str, Any]]:
        options = ProofOptions(verification_method=method, cryptosuite=cryptosuite, created=now)
        return [issue_credential(open_badge(ISSUER), issuer, options) for _ in range(ITEMS)]

    return {
        "rdfc": signed("eddsa-rdfc-2022"),
        "jcs": signed("eddsa-jcs-2022"),
        "unsigned": [open_badge(ISSUER) for _ in range(ITEMS)],
        "issuer": ISSUER,
        "method": method,
        "public": issuer.public_jwk(),
        "private": issuer.private_jwk(),
        "multikey": encode_did_key(issuer.public_jwk()),
        "secret": _base64(secret),
        "secret_multikey": "z" + base58btc_encode(_ED25519_SECRET + secret),
        "contexts": {address: PINNED.document(address) for address in PINNED.addresses},
    }


def _selective() -> tuple[dict[str, Any], tuple[int, int]]:
    """And how many signatures a base proof and a derived one have."""
    issuer = selective.Issuer()
    derived = [issuer.derived() for _ in range(ITEMS)]
    bases = [issuer.base() for _ in range(ITEMS)]
    return {
        "base": [{**one.document, "proof": one.proof} for one in bases],
        "derived": [{**one.document, "proof": one.proof} for one in derived],
        "issuer": selective.ISSUER,
        "method": selective.METHOD,
        "public": issuer.signer.public_jwk(),
        "multikey": encode_did_key(issuer.signer.public_jwk()),
        "shown": selective.SHOWN,
    }, (1 + len(parse_base(bases[0].proof).signatures), 1 + len(parse_derived(derived[0].proof).signatures))


def _dated(content: CredentialContent, now: int) -> CredentialContent:
    return dataclasses.replace(content, issued_at=now, valid_from=now, valid_until=now + 31_536_000, status=None)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
