"""Takes a new institution in: its name, its seal, its own key. The first staff token is made by the caller (`common.web.login`)."""

from __future__ import annotations

from dataclasses import dataclass

from common.adapters.database import transaction
from common.errors import Conflict, Malformed
from common.ids import is_slug
from common.pages.seal import seal_text
from issuer.catalogue.configurations import CONFIGURATIONS
from issuer.flows.change_keys import insert_key
from issuer.flows.desk import Desk
from issuer.flows.key_ring import DEFAULT_ALG
from issuer.store.audit import record
from issuer.store.tables import Institution

RESERVED = frozenset({"static", "health", "metrics", "docs", "types", "login", "api", "openapi", "well-known"})
"""First segments of paths that belong to the deployment, so no institution can be called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedInstitution:
    tenant: str
    issuer: str
    did: str
    kid: str


def create_institution(
    desk: Desk,
    slug: str,
    *,
    name_ja: str,
    name_en: str,
    seal: str = "",
    actor: str,
) -> CreatedInstitution:
    """slug: becomes part of its addresses. seal: 1–4 characters, by default those that wallets take from its Japanese name, too.

    Where the deployment has a certificate authority its key gets a certificate; else it is found by issuer metadata and DID only.
    Raises Malformed("bad_slug", "bad_name"), Conflict("institution_exists"), Unavailable where the token for keys is away.
    """
    if not is_slug(slug) or slug in RESERVED:
        raise Malformed(
            "bad_slug", "an institution's short name has a–z, 0–9 and hyphens, and is not a word of the server's"
        )
    names = [text.strip() for text in (name_ja, name_en)]
    seal = seal.strip() or seal_text(names[0])
    if not all(0 < len(name) <= 200 and name.isprintable() for name in names) or not 0 < len(seal) <= 4:
        raise Malformed(
            "bad_name", "an institution needs a name in Japanese and English, and a seal of 1 to 4 characters"
        )
    issuer, now = desk.addresses.issuer(slug), desk.now
    with transaction(desk.database, "create_institution"):
        made = (
            Institution.insert(tenant=slug, id=slug, name_ja=names[0], name_en=names[1], seal=seal, created_at=now)
            .on_conflict_ignore()
            .as_rowcount()
            .execute()
        )
        if made != 1:
            raise Conflict("institution_exists", f"there is an institution {slug} already")
        institution = Institution.get(Institution.tenant == slug)
        kid = insert_key(desk, institution, DEFAULT_ALG, [], actor=actor)
        for alg in sorted({one.signing_algs[0] for one in CONFIGURATIONS} - {DEFAULT_ALG}):
            insert_key(desk, institution, alg, [], actor=actor)  # published before anybody has remembered our keys
        record(slug, at=now, actor=actor, act="institution_created", subject=slug)
    return CreatedInstitution(tenant=slug, issuer=issuer, did=desk.addresses.did(slug), kid=kid)
