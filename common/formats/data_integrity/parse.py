"""JSON text → a credential or presentation that was read and not believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.encoding import parse_json_object
from common.errors import Malformed
from common.formats.credential import IssuerKeyHint
from common.formats.data_integrity.proof import Proof, parse_proofs
from common.formats.data_integrity.verify import FORMAT
from common.formats.vcdm.identifier import read_id
from common.formats.vcdm.presentation import read_presentation
from common.formats.vcdm.terms import CREDENTIAL
from common.formats.vcdm.typed_objects import read_type_names
from common.proofs.suites.proof_value import decode_signature

MAX_BYTES = 1 << 19


@dataclass(frozen=True, slots=True)
class ParsedLdpVc:
    """Read, not verified. document: the credential with its proofs."""

    document: Mapping[str, Any] = field(repr=False)
    proofs: tuple[Proof, ...]

    @property
    def issuer_proof(self) -> Proof:
        """The first proof whose method the issuer controls by its name; the first of all where there is none. Raises Malformed."""
        return self._issuer_proof(read_id(self.document.get("issuer"), "issuer"))

    def _issuer_proof(self, issuer: str) -> Proof:
        for proof in self.proofs:
            if proof.verification_method.partition("#")[0] == issuer:
                return proof
        return self.proofs[0]

    @property
    def issuer_key_hint(self) -> IssuerKeyHint:
        """Raises Malformed. kid: the proof's verification method."""
        issuer = read_id(self.document.get("issuer"), "issuer")
        proof = self._issuer_proof(issuer)
        return IssuerKeyHint(format=FORMAT, iss=issuer, kid=proof.verification_method, x5c=(), alg=_alg(proof))


@dataclass(frozen=True, slots=True)
class ParsedLdpVp:
    """Read, not verified. document: the presentation with its proofs; credential: the one that it presents."""

    document: Mapping[str, Any] = field(repr=False)
    proofs: tuple[Proof, ...]
    credential: ParsedLdpVc

    @property
    def issuer_key_hint(self) -> IssuerKeyHint:
        return self.credential.issuer_key_hint


def _alg(proof: Proof) -> str:
    """The algorithm that the suite implies. ecdsa-*-2019 leave two, and the length of the signature tells which."""
    if proof.cryptosuite.startswith("eddsa-"):
        return "EdDSA"
    if proof.cryptosuite == "bbs-2023":
        return "BBS"
    if proof.cryptosuite in ("ecdsa-rdfc-2019", "ecdsa-jcs-2019"):
        return {64: "ES256", 96: "ES384"}.get(len(decode_signature(proof.value)), "ES256")
    return "ES256"


def _read(text: str) -> dict[str, Any]:
    try:
        return parse_json_object(text.encode(), max_bytes=MAX_BYTES)  # bytes are read faster than text
    except UnicodeEncodeError:
        raise Malformed("bad_json", "half of a surrogate pair") from None


def parse_credential(text: str) -> ParsedLdpVc:
    """Raises Malformed."""
    return _parse_credential(_read(text))


def _parse_credential(document: Mapping[str, Any]) -> ParsedLdpVc:
    if CREDENTIAL not in read_type_names(document.get("type"), "a credential"):
        raise Malformed("bad_type", f"a credential is a {CREDENTIAL}")
    return ParsedLdpVc(document, parse_proofs(document))


def parse_presentation(text: str) -> ParsedLdpVp:
    """Raises Malformed; also when there is not exactly one embedded credential in it."""
    document = _read(text)
    proofs = parse_proofs(document)
    credentials = read_presentation(document).credentials
    if len(credentials) != 1:
        raise Malformed("bad_presentation", "a presentation here holds exactly one credential")
    return ParsedLdpVp(document, proofs, _parse_credential(credentials[0]))
