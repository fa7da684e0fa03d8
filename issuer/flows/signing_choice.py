"""With which algorithm an institution signs a type of certificate: the format's first, unless it chose another."""

from __future__ import annotations

from common.adapters.database import transaction
from common.errors import Unsupported
from issuer.catalogue.configurations import CONFIGURATIONS, Configuration
from issuer.catalogue.registry import CATALOGUE
from issuer.flows.change_keys import ensure_key
from issuer.flows.desk import Desk
from issuer.flows.key_ring import Identity
from issuer.store.audit import record
from issuer.store.tables import SigningChoice


def alg_of(identity: Identity, configuration: Configuration) -> str:
    """The algorithm that signs this configuration now. A choice that the format does not have leaves it at its first."""
    return identity.alg_for(configuration.type.name, configuration.signing_algs)


def choose_algorithm(desk: Desk, tenant: str, type_name: str, alg: str, *, actor: str) -> None:
    """From now on this type is signed with this algorithm, wherever its format has it; a key is made where there is none.

    Raises Unsupported for an unknown type, and for an algorithm that none of its formats has.
    """
    kind = CATALOGUE[type_name]
    known = {one: None for row in CONFIGURATIONS if row.type is kind for one in row.signing_algs}
    if alg not in known:
        raise Unsupported("unknown_signature_algorithm", known=tuple(known))
    identity = ensure_key(desk, tenant, alg, actor=actor)
    if identity.choices.get(type_name) == alg:
        return
    with transaction(desk.database, "choose_algorithm"):
        SigningChoice.insert(tenant=tenant, type_name=type_name, alg=alg, changed_at=desk.now).on_conflict(
            conflict_target=[SigningChoice.tenant, SigningChoice.type_name],
            update={SigningChoice.alg: alg, SigningChoice.changed_at: desk.now},
        ).execute()
        record(tenant, at=desk.now, actor=actor, act="algorithm_chosen", subject=type_name, alg=alg)
    desk.keys.forget(tenant)
