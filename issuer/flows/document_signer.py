"""The certificate under which a key signs mdocs: a document signer's of the deployment's own IACA root (ISO/IEC 18013-5 Annex B.1).

It stands beside the key's other certificate: the two profiles exclude each other. It is made when the first mdoc needs it, and renewed by
the same job.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from common.adapters.database import changed, transaction
from common.encoding import compact_json, parse_json, parse_json_object
from common.errors import Unavailable
from common.x509.iaca import parse_signer
from issuer.flows.desk import Desk
from issuer.flows.key_ring import Identity
from issuer.settings import DAY
from issuer.store.audit import record
from issuer.store.tables import Institution, SigningKey

RENEW_DAYS = 30


def with_document_signer(desk: Desk, identity: Identity, alg: str) -> Identity:
    """The identity, its key for ``alg`` certified as a document signer. Raises Unavailable("no_document_signer") without an IACA."""
    if identity.document_signer_for(alg):
        return identity
    if desk.certify_documents is None:
        raise Unavailable("no_document_signer", "no IACA certificate is set, so no mdoc can be signed here")
    certify_key(desk, identity.tenant, identity.signer_for(alg).kid, actor="job:keys")
    desk.keys.forget(identity.tenant)
    return desk.keys.identity(identity.tenant)


def certify_key(desk: Desk, tenant: str, kid: str, *, actor: str) -> bool:
    """A fresh certificate for this key. False where another process was faster. Raises as `with_document_signer`."""
    row = SigningKey.get(SigningKey.tenant == tenant, SigningKey.id == kid)
    institution = Institution.get(Institution.tenant == tenant)
    assert desk.certify_documents is not None
    chain = desk.certify_documents(
        parse_json_object(row.public_jwk), institution.name_en, desk.addresses.issuer(tenant)
    )
    same = (SigningKey.tenant == tenant) & (SigningKey.id == kid) & (SigningKey.document_signer == row.document_signer)
    with transaction(desk.database, "certify_document_signer"):
        taken = changed(SigningKey.update(document_signer=compact_json(list(chain)).decode()).where(same))
        if taken:
            record(tenant, at=desk.now, actor=actor, act="document_signer_certified", subject=kid)
    return taken


def renew_document_signers(desk: Desk, tenant: str, *, actor: str) -> tuple[str, ...]:
    """Renews those that end within `RENEW_DAYS`; answers the keys' kids. For the job; safe to repeat."""
    if desk.certify_documents is None:
        return ()
    living = SigningKey.select().where(
        SigningKey.tenant == tenant, SigningKey.state.in_(["active", "next"]), SigningKey.document_signer != "[]"
    )
    due = [str(row.id) for row in living if _ends(row) - desk.now < RENEW_DAYS * DAY]
    done = tuple(kid for kid in due if certify_key(desk, tenant, kid, actor=actor))
    if done:
        desk.keys.forget(tenant)
    return done


def _ends(row: Any) -> int:
    return parse_signer(b64decode(parse_json(row.document_signer)[0])).not_after
