"""What the flows of one process share: the database, the clock, the settings, and what is derived from the key file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from common.cards.trust import CardTrust
from common.ports import Clock
from issuer.flows.document_schemas import DocumentSchemas
from issuer.flows.events.verifier_api import VerifierApi
from issuer.flows.key_homes import KeyHomes, KeyToken
from issuer.flows.key_ring import KeyRing
from issuer.flows.status_indices import StatusIndices
from issuer.flows.tenant_secrets import TenantSecrets
from issuer.settings import Addresses, IssuerSettings

Certify = Callable[[Mapping[str, Any], str, str], tuple[str, ...]]
"""(public JWK, name, https identifier) → x5c, leaf first: the deployment's own certificate authority."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """database: a bound peewee database, for `transaction`. homes: where keys are made. schemas: of W3C credentials.
    certify: None without an authority; certify_documents: None without an IACA, and then no mdocs are offered.
    card_trust: all roots that the operator gave, those of test hierarchies too; None where no cards are read.
    verifier: whom to ask where tickets demand a credential; None where none is set.
    """

    settings: IssuerSettings
    addresses: Addresses
    clock: Clock
    database: Any
    secrets: TenantSecrets
    keys: KeyRing
    indices: StatusIndices
    homes: KeyHomes
    schemas: DocumentSchemas
    certify: Certify | None = None
    certify_documents: Certify | None = None
    card_trust: CardTrust | None = None
    verifier: VerifierApi | None = None

    @property
    def now(self) -> int:
        """Seconds since 1970."""
        return self.clock.now()


def open_desk(
    settings: IssuerSettings,
    clock: Clock,
    database: Any,
    master: bytes,
    *,
    token: KeyToken | None = None,
    schemas: DocumentSchemas | None = None,
    certify: Certify | None = None,
    certify_documents: Certify | None = None,
    card_trust: CardTrust | None = None,
    verifier: VerifierApi | None = None,
) -> Desk:
    """The desk over an open database. master: the 32 bytes of the key file. token: where new keys are made, if one is set."""
    secrets = TenantSecrets(master)
    homes = KeyHomes(secrets, token)
    addresses = settings.addresses
    return Desk(
        settings=settings,
        addresses=addresses,
        clock=clock,
        database=database,
        secrets=secrets,
        keys=KeyRing(homes, clock),
        indices=StatusIndices(database, clock, addresses, size=settings.status_list_size, block=settings.status_lease),
        homes=homes,
        schemas=schemas or DocumentSchemas(addresses),
        certify=certify,
        certify_documents=certify_documents,
        card_trust=card_trust,
        verifier=verifier,
    )
