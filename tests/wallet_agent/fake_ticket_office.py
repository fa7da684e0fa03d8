"""An issuer of tickets in memory: an SD-JWT VC and, by the same endpoints, a gate pass for the key that is proven."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Any

from common.encoding import b64url_encode
from common.formats.credential import CredentialContent, StatusReference
from common.formats.gate_pass.build import build_pass_token
from common.formats.registry import FORMATS
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from common.oid4vci.issuer_metadata import CredentialConfiguration, CredentialIssuerMetadata, Display
from tests.wallet_agent.fake_issuer import ISSUER, FakeIssuer

EVENT = "hanabi-2027-x7k2"
TICKET_VCT = "https://issuer.example/types/ticket"
TICKET_NAMES = (Display(name="入場券", locale="ja"), Display(name="Ticket", locale="en"))
TICKET_CLAIMS = {
    "ticket_number": "7K2M-9QXA-4T8B",
    "event_id": EVENT,
    "event_name": "隅田川花火大会",
    "venue": "隅田公園",
    "starts_at": "2027-07-31T10:10:00Z",
    "ends_at": "2027-07-31T13:40:00Z",
    "zone": "有料席",
    "entrance": "北口、南口",
}
CLASS = 2


@dataclass
class FakeTicketOffice(FakeIssuer):
    """event: that the passes are signed for. forged: by a key that nobody publishes."""

    event: str = EVENT
    forged: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.ticket: dict[str, Any] = dict(TICKET_CLAIMS)
        self.bound: list[bytes] = []

    def metadata(self) -> CredentialIssuerMetadata:
        common: dict[str, Any] = {"proof_algs": ("ES256",), "display": TICKET_NAMES, "binding_methods": ("jwk",)}
        tickets = {
            "ticket": CredentialConfiguration(id="ticket", format="dc+sd-jwt", vct=TICKET_VCT, **common),
            "ticket_gate_pass": CredentialConfiguration(
                id="ticket_gate_pass", format="tegata_gate_pass", signing_algs=(-7,), **common
            ),
        }
        plain = super().metadata()
        return replace(plain, configurations={**plain.configurations, **tickets})

    def ticket_link(self) -> str:
        return self.link("ticket", "ticket_gate_pass")

    def issue(self, configuration: CredentialConfiguration, jwk: dict[str, Any], did: str | None) -> str:
        if configuration.id == "ticket":
            return self._ticket(jwk, did)
        if configuration.format != "tegata_gate_pass":
            return super().issue(configuration, jwk, did)
        signer = SoftwareKey.generate() if self.forged else self.key
        self.bound.append(compress(jwk))
        token = build_pass_token(
            event=self.event,
            klass=CLASS,
            index=len(self.bound),
            flags=0,
            cti=secrets.token_bytes(8),
            exp=self.clock.now() + 30 * 86400,
            holder=self.bound[-1],
            signer=signer,
        )
        return b64url_encode(token)

    def _ticket(self, jwk: dict[str, Any], did: str | None) -> str:
        self.next_index += 1
        now = self.clock.now()
        content = CredentialContent(
            type_name="ticket",
            vct=TICKET_VCT,
            w3c_types=("TicketCredential",),
            contexts=(),
            claims=dict(self.ticket),
            issuer=ISSUER,
            holder_jwk=jwk,
            holder_did=did,
            issued_at=now - now % 86400,
            valid_from=now - now % 86400,
            valid_until=now + 30 * 86400,
            status=StatusReference(uri=f"{ISSUER}/status/1", index=self.next_index),
        )
        return FORMATS["dc+sd-jwt"].issue(content, self.key)
