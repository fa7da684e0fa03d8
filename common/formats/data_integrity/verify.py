"""A W3C credential with Data Integrity proofs, proven. VC Data Integrity 1.0 §4.4, §4.5; VCDM 2.0 §4, §7.1; VCDM 1.1 to verify only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from common.errors import Malformed, Rejected
from common.formats.bitstring_entry import parse_credential_status
from common.formats.credential import VerifiedCredential
from common.formats.data_integrity.plain_contexts import check_plain_contexts
from common.formats.data_integrity.plain_members import check_plain_members
from common.formats.data_integrity.policy import STRICT, Policy, Profile, Unknown
from common.formats.data_integrity.proof import (
    Proof,
    check_domain_and_challenge,
    check_moment,
    check_purpose,
    parse_proofs,
)
from common.formats.data_integrity.proof_set import VerifiedProof, verify_proofs
from common.formats.data_integrity.verification_methods import VerificationMethods
from common.formats.vcdm.credential import CredentialDocument, read_credential
from common.formats.vcdm.holder_key import key_of_did
from common.formats.vcdm.moment import check_validity
from common.formats.vcdm.related_resource import check_related_resources
from common.formats.vcdm.terms import CREDENTIAL_IRI
from common.proofs.expand.types import expand_types
from common.record import Record

FORMAT = "ldp_vc"


class VerifiedDocument(Record, frozen=True, kw_only=True):
    """A proven credential, with what a verdict may want to tell about it.

    proofs: all of them, in their order. unchecked_resources, unchecked_schemas: ids of what the policy let pass without being held here.
    """

    credential: VerifiedCredential
    proofs: tuple[VerifiedProof, ...]
    unchecked_resources: tuple[str, ...]
    unchecked_schemas: tuple[str, ...]


def verify_credential(
    document: Mapping[str, Any],
    *,
    methods: VerificationMethods,
    now: int,
    policy: Policy = STRICT,
    domain: str | Collection[str] | None = None,
    challenge: str | None = None,
    purpose: str = "assertionMethod",
    proofs: tuple[Proof, ...] | None = None,
    base_proofs: bool = False,
) -> VerifiedDocument:
    """The credential, once proven.

    1. the document keeps the rules of the data model                    VCDM §4, §5
    2. proofs: purpose, times, domain and challenge where asked          Data Integrity §2.1, §4.4
    3. names in the JSON mean what they say, and stand where they are read   §4.6 (`plain_contexts`, `plain_members`)
    4. every proof holds, chains included                                §4.5
    5. one of them is by the issuer (profile CONTROLLED)                 §3.3
    6. validFrom, validUntil (issuanceDate, expirationDate)              VCDM §4.9
    7. related resources that are held here have not changed             VCDM §5.3
    8. schemas that are known here are kept                              VCDM §4.11
    9. every status is of a known kind                                   Bitstring Status List §2.1
    proofs: those of the document, from one who has read them already. base_proofs: the holder's view on receipt (`verify_proofs`).
    Left to the caller: that the issuer is trusted for these types, the statuses themselves, what was not checked.
    Raises Malformed, Rejected, Unsupported (cryptosuite, context), and what finding a key raises.
    """
    # 1 · document
    read = read_credential(document)
    # 2 · proofs
    proofs = parse_proofs(document) if proofs is None else proofs
    for proof in proofs:
        check_purpose(proof, purpose)
        check_moment(proof, now=now, leeway=policy.leeway)
        check_domain_and_challenge(proof, domain=domain, challenge=challenge)
    # 3 · names
    check_names(document, proofs, policy, version=read.version)
    # 4 · signatures
    verified = verify_proofs(document, proofs, methods=methods, suites=policy.suites, now=now, base_proofs=base_proofs)
    # 5 · issuer
    if policy.profile is Profile.CONTROLLED:
        check_signed_by(read.issuer, verified)
    # 6 to 9
    return _judge_content(read, verified, now=now, policy=policy)


def check_names(document: Mapping[str, Any], proofs: Collection[Proof], policy: Policy, *, version: int) -> None:
    """JCS proofs sign the JSON itself, so its names too; under any other, inline contexts and members have to be plain."""
    if policy.profile is Profile.CONTROLLED and not all("-jcs-" in proof.cryptosuite for proof in proofs):
        check_plain_contexts(document)
        check_plain_members(document, version=version)


def check_signed_by(party: str, proofs: Collection[VerifiedProof]) -> None:
    """§3.3: the controller of a proof's key is the party. Raises Rejected("untrusted_key"). Others may have signed beside it."""
    if not any(verified.controller == party for verified in proofs):
        raise Rejected("untrusted_key", "no proof is by a key of the party that the document names")


def verify_unsigned_content(document: Mapping[str, Any], *, now: int, policy: Policy) -> VerifiedDocument:
    """A self-asserted credential (VCDM 2.0 §4.13.3), which the presentation around it secures. The caller has verified that one."""
    return _judge_content(read_credential(document), (), now=now, policy=policy)


def _judge_content(
    read: CredentialDocument, proofs: tuple[VerifiedProof, ...], *, now: int, policy: Policy
) -> VerifiedDocument:
    # 6 · validity
    check_validity(read.valid_from, read.valid_until, now=now, leeway=policy.leeway)
    # 7 · related resources
    unchecked_resources = check_related_resources(read.related_resources, policy.contents)
    # 8 · schemas
    check = policy.check_schema
    unchecked_schemas = tuple(schema.id for schema in read.schemas if check is None or not check(schema, read.document))
    if policy.unknown is Unknown.REFUSED and (unchecked_resources or unchecked_schemas):
        raise Rejected("request_not_met", "a related resource or a schema is not held here, so it cannot be checked")
    # 9 · status
    statuses = parse_credential_status(read.document)
    holder_did, subject = _only_subject(read)
    return VerifiedDocument(
        credential=VerifiedCredential(
            format=FORMAT,
            types=_types(read, proofs, policy),
            issuer=read.issuer,
            claims={name: value for name, value in read.document.items() if name != "proof"},
            subject=subject,
            holder_jwk=_holder_key(holder_did) if holder_did is not None else None,
            holder_did=holder_did,
            issued_at=_issued_at(read.issuer, proofs),
            valid_from=read.valid_from,
            valid_until=read.valid_until,
            status=statuses[0] if statuses else None,
            more_statuses=statuses[1:],
            credential_id=read.id,
        ),
        proofs=proofs,
        unchecked_resources=unchecked_resources,
        unchecked_schemas=unchecked_schemas,
    )


def _issued_at(issuer: str, proofs: tuple[VerifiedProof, ...]) -> int | None:
    """The issuer's earliest proof; of all proofs where none is the issuer's (`Profile.PROOF_ONLY`). Others may write any date beside it."""
    own = [each for each in proofs if each.controller == issuer] or proofs
    return min((each.proof.created for each in own if each.proof.created is not None), default=None)


def _types(read: CredentialDocument, proofs: tuple[VerifiedProof, ...], policy: Policy) -> tuple[str, ...]:
    """As IRIs, which is what RDFC suites sign and OpenID4VP asks for (§B.1.1); as written, where only the writing is signed.

    One JCS proof among others changes nothing: anybody may have put it there.
    """
    if all("-jcs-" in each.proof.cryptosuite for each in proofs):
        return read.types
    return tuple(iri for iri in expand_types(read.document, contexts=policy.contexts) if iri != CREDENTIAL_IRI)


def _only_subject(read: CredentialDocument) -> tuple[str | None, Mapping[str, Any]]:
    """The one subject's id and claims. Several subjects are nobody's claims in particular: they are read from the document."""
    if len(read.subjects) != 1:
        return None, {}
    subject = read.subjects[0]
    return subject.get("id"), {name: value for name, value in subject.items() if name != "id"}


@lru_cache(maxsize=1024)
def _holder_key(did: str) -> Mapping[str, Any] | None:
    """The key of a subject's DID, where the DID spells one out that can sign. A subject need not be anybody who holds a key."""
    try:
        return key_of_did(did)
    except (Malformed, Rejected):
        return None
