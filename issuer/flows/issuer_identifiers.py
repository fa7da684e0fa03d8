"""Under which identifiers an institution issues documents: its did:web, its did:webvh, and the did:key of each key that signs now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from common.errors import Refused, Unsupported
from common.keys.bls import ALG as BBS
from common.keys.multikey import encode_did_key
from issuer.flows.change_keys import ensure_key
from issuer.flows.desk import Desk
from issuer.flows.did_log import did_of_log, read_did_log
from issuer.flows.key_ring import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerIdentifier:
    """algs: of the keys that sign under it now."""

    id: str
    algs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenKey:
    """signer: a `common.ports.Signer`, or for BBS a `common.keys.bls.BbsSigner`. method: the DID URL of the key."""

    signer: Any = field(repr=False)
    method: str


def list_identifiers(desk: Desk, tenant: str) -> tuple[IssuerIdentifier, ...]:
    """The institution's DIDs by name first, then one did:key for each key. Raises NotFound."""
    identity = desk.keys.identity(tenant)
    held = _held_algs(identity)
    proven = did_of_log(tenant)
    named = [IssuerIdentifier(id=desk.addresses.did(tenant), algs=held)]
    if proven:
        logged = tuple(alg for alg in held if _is_logged(tenant, _signer(identity, alg).kid))
        named.append(IssuerIdentifier(id=proven, algs=logged))
    return (*named, *(IssuerIdentifier(id=_did_key(identity, alg), algs=(alg,)) for alg in held))


def choose_key(desk: Desk, tenant: str, issuer: str, *, algs: Sequence[str] = ()) -> ChosenKey:
    """The key that signs in the name of this issuer. algs: those that will do, the favourite first; empty: any.

    Under the did:web a key is made where the institution has none for any of the algorithms.
    Raises NotFound for an institution, Refused("not_our_issuer"), Unsupported where the issuer has no key of these algorithms.
    """
    identity = desk.keys.identity(tenant)
    if issuer == desk.addresses.did(tenant):
        if algs and not any(identity.has(alg) for alg in algs):
            identity = ensure_key(desk, tenant, algs[0])
        return _named(issuer, identity, _first(_held_algs(identity), algs))
    if issuer == did_of_log(tenant):
        logged = [alg for alg in _held_algs(identity) if _is_logged(tenant, _signer(identity, alg).kid)]
        return _named(issuer, identity, _first(logged, algs))
    for alg in _held_algs(identity):
        if issuer == _did_key(identity, alg):
            signer = _signer(identity, _first((alg,), algs))
            return ChosenKey(signer=signer, method=f"{issuer}#{issuer.removeprefix('did:key:')}")
    raise Refused("not_our_issuer", "the credential names an issuer whose keys are not held here")


def _named(issuer: str, identity: Identity, alg: str) -> ChosenKey:
    signer = _signer(identity, alg)
    return ChosenKey(signer=signer, method=f"{issuer}#{signer.kid}")


def _first(held: Sequence[str], wanted: Sequence[str]) -> str:
    for alg in wanted or held:
        if alg in held:
            return alg
    raise Unsupported("unknown_signature_algorithm", known=tuple(held))


def _held_algs(identity: Identity) -> tuple[str, ...]:
    return (*identity.active, *((BBS,) if identity.bbs is not None else ()))


def _signer(identity: Identity, alg: str) -> Any:
    return identity.bbs_signer() if alg == BBS else identity.signer_for(alg)


def _did_key(identity: Identity, alg: str) -> str:
    signer = _signer(identity, alg)
    return f"did:key:{signer.public_multibase if alg == BBS else encode_did_key(signer.public_jwk())}"


def _is_logged(tenant: str, kid: str) -> bool:
    """Whether the newest entry of the institution's log names the key: a job writes it there, some time after the key was made."""
    found = read_did_log(tenant)
    if found is None:
        return False
    newest = json.loads(found[0].splitlines()[-1])
    document = newest["state"]
    return f"{document['id']}#{kid}" in document.get("assertionMethod", [])
