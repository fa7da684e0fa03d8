"""JSON-LD: an Open Badge to canonical N-Quads, in raw Ed25519 verifications, and how many documents needed PyLD."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from common.proofs.canonical import canonize
from common.proofs.expand.pyld_fallback import COUNTER
from issuer.catalogue.registry import CATALOGUE
from issuer.catalogue.terms import context_of
from issuer.settings import Addresses
from tests.bench.figure import Figure, ratio
from tests.bench.formats.open_badge import QUADS, open_badge

BOUND = 3.0
"""With one verification and the proof's options beside it, the whole stays below the 6 of ``eddsa-rdfc-2022 verify``."""
_V2 = "https://www.w3.org/ns/credentials/v2"
_CLR = [
    "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]


def _canonize(key: ed25519.Ed25519PrivateKey) -> Figure:
    public, message = key.public_key(), b"64 bytes, as long as the hash of the options and of the document"
    signature = key.sign(message)

    def ours(document: dict[str, Any]) -> None:
        canonize(document)

    def raw(_document: dict[str, Any]) -> None:
        public.verify(signature, message)

    value = ratio(ours, raw, lambda: open_badge("did:web:sakuragawa.example"))
    return Figure(
        name=f"JSON-LD to canonical N-Quads, Open Badge of {QUADS} quads",
        value=round(value, 3),
        unit="× one raw Ed25519 verification",
        bound=BOUND,
        ok=value <= BOUND,
        note="expansion, quads, RDFC-1.0; least times of 20 interleaved rounds of 50 fresh documents",
    )


def transcript() -> dict[str, Any]:
    """A CLR 2.0 credential with an Open Badge and an association in it."""
    badge = open_badge("did:web:sakuragawa.example")
    return {
        "@context": [_V2, *_CLR],
        "id": "urn:uuid:8b1a9953-0000-4000-8000-000000000001",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "成績証明書 Transcript",
        "issuer": {"id": "did:web:sakuragawa.example", "type": ["Profile"], "name": "Sakuragawa University"},
        "validFrom": "2026-03-25T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:holder",
            "type": ["ClrSubject"],
            "verifiableCredential": [badge],
            "achievement": [badge["credentialSubject"]["achievement"]],
            "association": [
                {"type": "Association", "associationType": "isChildOf", "sourceId": "urn:x:1", "targetId": "urn:x:2"}
            ],
        },
    }


def _of_our_catalogue() -> list[dict[str, Any]]:
    """A credential of every type of the catalogue that is in our own words, with the context that it carries inline."""
    addresses = Addresses(public_url="https://issuer.example", vct_base="https://issuer.example/types")
    found = []
    for kind in (one for one in CATALOGUE if one.model is None):
        context = context_of(kind, addresses)
        claims: dict[str, Any] = {"id": "did:example:holder"}
        for name, entry in context.items():
            if name[0] != "@" and name != kind.w3c_type:
                inner = entry.get("@context", {}) if isinstance(entry, dict) else {}
                claims[name] = {each: "値" for each in inner if each[0] != "@"} or "値"
        found.append(
            {
                "@context": [_V2, context],
                "type": ["VerifiableCredential", kind.w3c_type],
                "issuer": "did:web:sakuragawa.example",
                "credentialSubject": claims,
            }
        )
    return found


def handed_to_pyld() -> int:
    """How many of an Open Badge, a CLR transcript and our catalogue's credentials our own expander left to PyLD."""
    before = COUNTER.documents
    for document in [open_badge("did:web:sakuragawa.example"), transcript(), *_of_our_catalogue()]:
        assert canonize(document)
    return COUNTER.documents - before


def measure() -> list[Figure]:
    handed = handed_to_pyld()
    return [
        _canonize(ed25519.Ed25519PrivateKey.generate()),
        Figure(
            name="documents handed to PyLD: Open Badge, CLR, each type of our catalogue",
            value=handed,
            unit="documents",
            bound=0,
            ok=handed == 0,
            note="the counter of the process, before and after",
        ),
    ]
