"""What an issuer's operator may set, and the public addresses that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr

from common.adapters.document_policy import ContextSettings
from common.adapters.mail import MailSettings
from common.settings import Paths, Words

DAY = 86_400


class IssuerSettings(MailSettings, ContextSettings):
    """Times in seconds."""

    program: ClassVar[str] = "issuer"

    public_url: str = Field(
        "http://localhost:8101", description="where the world reaches this program, without a slash at the end"
    )
    port: int = Field(8101, ge=0, le=65535, description="port to listen on")
    vct_base: str = Field("", description="address below which credential types are named; empty: <public_url>/types")
    offer_seconds: int = Field(14 * DAY, ge=60, description="how long an offer can be claimed")
    offered_formats: Words = Field(
        ("dc+sd-jwt",), description="formats of an offer that names none: dc+sd-jwt, jwt_vc_json, ldp_vc, mso_mdoc"
    )
    access_token_seconds: int = Field(300, ge=30, le=3600, description="life of an access token")
    refresh_token_seconds: int = Field(30 * DAY, ge=0, description="life of a refresh token; 0: none is given")
    nonce_seconds: int = Field(300, ge=30, le=3600, description="life of a c_nonce")
    batch_size: int = Field(10, ge=1, le=100, description="copies of one credential that a wallet may ask for at once")
    tx_code_tries: int = Field(
        5, ge=1, le=10, description="wrong transaction codes and birth dates after which an offer is dead"
    )
    code_by_birth_date: bool = Field(
        True,
        description="the claim page tells the transaction code to who knows the birth date; off: only the desk tells it",
    )
    status_list_size: int = Field(
        131_072, ge=1024, le=8_388_608, description="entries of one status list; a power of two"
    )
    status_lease: int = Field(64, ge=1, le=4096, description="status indices that one process takes at a time")
    status_ttl: int = Field(300, ge=1, description="how long a status list may be cached")
    status_seconds: int = Field(DAY, ge=60, description="life of a published status list token")
    offer_retention: int = Field(90 * DAY, ge=0, description="how long an expired or finished offer is kept")
    person_retention: int = Field(5 * 365 * DAY, ge=0, description="how long a person is kept after leaving")
    mails_per_minute: int = Field(60, ge=1, description="most mails sent in a minute")
    mail_tries: int = Field(5, ge=1, description="tries before a mail is given up")
    ca_certificate: Path | None = Field(
        None, description="PEM certificate of the authority that certifies institutions' keys"
    )
    ca_key: Path | None = Field(None, description="PEM private key of ca_certificate")
    iaca_certificate: Path | None = Field(
        None, description="PEM certificate of the IACA root under which mdocs are signed; without it none are offered"
    )
    iaca_key: Path | None = Field(None, description="PEM private key of iaca_certificate")
    key_overlap: int = Field(
        3600,
        ge=0,
        description="seconds between publishing a new signing key and signing with it; caches keep ours for 300",
    )
    pkcs11_module: Path | None = Field(
        None, description="PKCS#11 library; with it new signing keys are made in a token and never leave it"
    )
    pkcs11_token: str = Field("", description="label of the token that holds the signing keys")
    pkcs11_pin: SecretStr = Field(SecretStr(""), description="the token's user PIN; better: pkcs11_pin_file")
    pkcs11_pin_file: Path | None = Field(None, description="file whose one line is the token's user PIN")
    pkcs11_sessions: int = Field(8, ge=1, le=64, description="signatures at a time that one process asks of the token")
    jobs_every: int = Field(
        15, ge=0, description="seconds between rounds of the regular jobs in the server; 0: run them by cron"
    )
    tsa_url: str = Field(
        "",
        description="RFC 3161 time-stamping authority that stamps certificates of graduation; empty: none are stamped",
    )
    trusted_tsa_roots: Paths = Field(
        (), description="PEM files or folders of the roots under which the authority's answers have to hold"
    )
    named_schemas: Words = Field(
        (),
        description="types whose W3C credentials name a JSON Schema, and keep it: enrolment (its own, published here), or type=address"
        " of one in the folder of schemas",
    )
    max_roll_bytes: int = Field(64 * 1024 * 1024, ge=1024, description="largest roll that can be uploaded")
    wallet_open_url: str = Field(
        "",
        description="page of a web wallet that opens an offer on the same device (…/open); empty: only openid-credential-offer://",
    )
    roll_folder: Path | None = Field(
        None, description="folder for uploaded rolls while they are read; empty: the system's"
    )

    card_trust: Paths = Field(
        (),
        description="folders of the roots that cards are believed by, each with production/<scheme>/ and test/<scheme>/: roots (.der),"
        " revocation lists (.crl), master lists for passports (csca/*.ml); none is shipped, see issuer/README.md; empty: no cards",
    )
    card_environment: Literal["production", "test"] = Field(
        "production", description="test believes the roots of test hierarchies too; in a sandbox only"
    )
    card_unknown_revocation: Literal["refuse", "issue"] = Field(
        "refuse", description="what becomes of a card of which nobody can say whether it is revoked"
    )
    card_copyable: Literal["anywhere", "own_reader", "nowhere"] = Field(
        "own_reader",
        description="where cards are taken that cannot prove to be no copy: at our own readers, also over a relay (anywhere), or nowhere",
    )
    card_ocsp: Words = Field((), description="responders that know about revocation, each: scheme=address")
    card_session_seconds: int = Field(900, ge=60, le=DAY, description="time to read a card, and again to choose")
    card_invitation_seconds: int = Field(
        DAY, ge=60, le=7 * DAY, description="how long the staff's invitation to read a card in one's own reader is open"
    )
    card_page: bool = Field(
        False, description="anyone may begin to prove themselves with a card in their own reader, without an invitation"
    )
    card_offer_seconds: int = Field(3600, ge=60, le=7 * DAY, description="how long an offer from a card can be claimed")
    card_revocation_seconds: int = Field(
        DAY, ge=1, description="time between two questions about the certificates behind what was issued from cards"
    )
    card_revoked_suspends: bool = Field(
        True, description="what was issued from a card's certificate is suspended when that is revoked"
    )
    card_place: str = Field(
        "",
        description="page of yours that says where cards are read, named in mails to holders of revoked ones; empty: /<institution>/card,"
        " where card_page is on",
    )
    evidence_retention: int = Field(365 * DAY, ge=0, description="how long the sealed evidence of a card is kept")

    verifier_url: str = Field(
        "",
        description="relying party of a verifier that is asked where tickets demand a credential, https://verifier.example/festival",
    )
    verifier_token: SecretStr = Field(SecretStr(""), description="that relying party's token, of its operators")
    ticket_hold_seconds: int = Field(
        900, ge=60, le=DAY, description="how long a ticket is held for who has yet to show the demanded credential"
    )
    transfer_seconds: int = Field(7 * DAY, ge=60, description="how long an invitation to take a ticket over is open")
    gate_code_seconds: int = Field(3600, ge=60, le=7 * DAY, description="how long a code enrols a scanner")
    pack_seconds: int = Field(
        60, ge=1, le=DAY, description="age after which who asks for an event's pack gets a new one"
    )
    pack_good_seconds: int = Field(
        DAY, ge=600, le=30 * DAY, description="how long a gate may work with a pack before it needs a newer one"
    )
    event_retention: int = Field(90 * DAY, ge=0, description="how long buyers are kept after the end of an event")

    @property
    def addresses(self) -> Addresses:
        return Addresses(
            public_url=self.public_url,
            vct_base=self.vct_base or f"{self.public_url}/types",
            wallet_open_url=self.wallet_open_url,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Every public address of an issuer deployment. public_url and vct_base have no slash at the end."""

    public_url: str
    vct_base: str
    wallet_open_url: str = ""

    def issuer(self, tenant: str) -> str:
        """The credential issuer identifier."""
        return f"{self.public_url}/{tenant}"

    def did(self, tenant: str) -> str:
        """did:web of the institution; a port becomes %3A, a path becomes colons (did:web, method-specific identifier)."""
        parts = urlsplit(self.public_url)
        path = "".join(f":{quote(part, safe='')}" for part in parts.path.split("/") if part)
        return f"did:web:{parts.netloc.replace(':', '%3A')}{path}:{tenant}"

    def vct(self, name: str) -> str:
        return f"{self.vct_base}/{name}"

    def context(self, name: str) -> str:
        """The JSON-LD context of a credential type."""
        return f"{self.vct_base}/{name}/context.jsonld"

    def term(self, name: str) -> str:
        """The IRI of a JSON-LD term that this deployment defines itself: whoever names the types names their terms."""
        return f"{self.vct_base}/terms/{name}"

    def schema(self, name: str) -> str:
        """The JSON Schema of a credential type's W3C forms, the same for every institution."""
        return f"{self.vct_base}/{name}/schema.json"

    def offer(self, tenant: str, reference: str) -> str:
        return f"{self.public_url}/{tenant}/offers/{reference}"

    def claim(self, tenant: str, claim_token: str) -> str:
        return f"{self.public_url}/{tenant}/claim/{claim_token}"

    def invitation(self, tenant: str, session: str, token: str) -> str:
        """Where somebody with a reader of their own begins; below the session's address stands the relay."""
        return f"{self.public_url}/{tenant}/card/{session}/{token}"

    def card_page(self, tenant: str) -> str:
        """Where anybody may begin with a reader of their own, if the institution lets them."""
        return f"{self.public_url}/{tenant}/card"

    def ticket(self, tenant: str, token: str) -> str:
        """The page of who has a ticket."""
        return f"{self.public_url}/{tenant}/tickets/{token}"

    def order(self, tenant: str, token: str) -> str:
        """The page of who bought."""
        return f"{self.public_url}/{tenant}/orders/{token}"

    def transfer(self, tenant: str, token: str) -> str:
        """The page of who is to take a ticket over."""
        return f"{self.public_url}/{tenant}/transfers/{token}"

    def token(self, tenant: str) -> str:
        return f"{self.public_url}/{tenant}/token"

    def nonce(self, tenant: str) -> str:
        return f"{self.public_url}/{tenant}/nonce"

    def credential(self, tenant: str) -> str:
        return f"{self.public_url}/{tenant}/credential"

    def notification(self, tenant: str) -> str:
        return f"{self.public_url}/{tenant}/notification"

    def time_stamps(self, tenant: str) -> str:
        """Below this address stand time-stamps by the digest of what they stamp."""
        return f"{self.public_url}/{tenant}/time-stamps"

    def status(self, tenant: str, list_id: str) -> str:
        """The status list, as credentials name it: a Token Status List."""
        return f"{self.public_url}/{tenant}/status/{list_id}"

    def status_purpose(self, tenant: str, list_id: str, purpose: str) -> str:
        """The same list as a Bitstring Status List of one purpose."""
        return f"{self.status(tenant, list_id)}/{purpose}"

    def status_aggregation(self, tenant: str) -> str:
        """Where all of an institution's lists are named (Token Status List draft-20 §9)."""
        return f"{self.public_url}/{tenant}/status"
