"""What a reading of the JPKI application proves: chain, possession, revocation. cards.md §3.9, §4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization

from common.cards.drivers.my_number.challenge import judge_answer
from common.cards.drivers.my_number.jpki import TOKEN_FILE, TOKENS, KeyPair, read_label
from common.cards.evidence import (
    Environment,
    Finding,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
    failed,
    not_checked,
    proven,
)
from common.cards.possession import PossessionChallenge
from common.cards.reading import Reading
from common.cards.revocation import ask_revocation
from common.cards.trust import CardTrust
from common.errors import Malformed, Misconfigured
from common.x509.jpki import (
    JpkiRoot,
    ParsedJpkiCertificate,
    find_issuer,
    make_root,
    parse_jpki_certificate,
    verify_jpki,
)
from common.x509.rejected import CertificateRejected

_CHAIN, _POSSESSION = "certificate_chain", "possession_signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPair:
    """certificate: as read, once everything about it holds; None else."""

    evidence: SourceEvidence
    certificate: ParsedJpkiCertificate | None


def judge_jpki(
    reading: Reading, pair: KeyPair, *, challenge: PossessionChallenge, trust: CardTrust, now: int
) -> JudgedPair:
    """What one pair proves.

    1. a kind of token that is taken                                                      cards.md §3.2
    2. the certificate is readable, and a trusted CA's key made its signature             §4, `find_issuer`
    3. everything else about CA and certificate                                           §4, `verify_jpki`
    4. the possession: our challenge, signed by the certified key (after 2)               §3.9
    5. revocation, asked about a certificate that is the CA's (after 2)                   §4
    Nothing is raised for what the card said: each is a finding.
    """
    roots = _roots(trust, pair)
    data, parsed, root = _judge_certificate(reading, pair, list(roots), now)
    if parsed is None or root is None:
        chip = not_checked("key_not_certified", _POSSESSION)
        revocation = RevocationFinding(answer=RevocationAnswer.NOT_CHECKED, reason="certificate_not_authentic")
    else:
        chip = _judge_possession(reading, pair, parsed, challenge)
        revocation = _ask_revocation(pair, parsed, root, trust, now)
    is_known = pair.secret.name in reading.accepted
    evidence = SourceEvidence(
        source=pair.source,
        origins=(),
        data_authenticity=data,
        chip_genuineness=chip,
        holder_verification=proven(pair.holder) if is_known else not_checked("not_asked", pair.holder),
        revocation=revocation,
        trust_anchor=Environment.NONE if root is None else environment_of(root),
        anchor="" if root is None else roots[root],
        unexamined=("holder_present",),
    )
    return JudgedPair(evidence=evidence, certificate=parsed if data == proven(_CHAIN) else None)


def _judge_certificate(
    reading: Reading, pair: KeyPair, roots: list[JpkiRoot], now: int
) -> tuple[Finding, ParsedJpkiCertificate | None, JpkiRoot | None]:
    """(the finding, the certificate if it could be read, the CA that signed it if there is one)."""
    parsed = root = None
    try:
        # 1 · token, 2 · signature
        taken = read_label(reading.file(TOKEN_FILE)) in TOKENS
        parsed = parse_jpki_certificate(reading.file(pair.file))
        root = find_issuer(parsed, roots, purpose=pair.purpose)
        if not taken:
            return failed(_CHAIN, "token_kind"), parsed, root
        # 3 · profile, times
        verify_jpki(parsed, [root], purpose=pair.purpose, now=now)
    except CertificateRejected as rejected:
        return failed(_CHAIN, rejected.check), parsed, root
    except Malformed as malformed:
        return failed(_CHAIN, malformed.code), parsed, root
    return proven(_CHAIN), parsed, root


def _judge_possession(
    reading: Reading, pair: KeyPair, parsed: ParsedJpkiCertificate, challenge: PossessionChallenge
) -> Finding:
    exchange = reading.exchanges.get(pair.source)
    if exchange is None:
        return not_checked("not_asked", _POSSESSION)
    if parsed.public_key is None:
        return not_checked("key_not_certified", _POSSESSION)
    return judge_answer(parsed.public_key, exchange, challenge, _POSSESSION)


def _ask_revocation(
    pair: KeyPair, parsed: ParsedJpkiCertificate, root: JpkiRoot, trust: CardTrust, now: int
) -> RevocationFinding:
    der = serialization.Encoding.DER
    return ask_revocation(
        trust.revocation.get(pair.scheme),
        leaf=parsed.certificate.public_bytes(der),
        issuer=root.certificate.public_bytes(der),
        now=now,
    )


def environment_of(root: JpkiRoot) -> Environment:
    return Environment.TEST if root.test else Environment.PRODUCTION


def _roots(trust: CardTrust, pair: KeyPair) -> Mapping[JpkiRoot, str]:
    """The trusted CAs of a pair, with the name each has in evidence. Raises Misconfigured for what is no certificate."""
    roots = {}
    for anchor in trust.of_scheme(pair.scheme):
        try:
            root = make_root(anchor.material, purpose=pair.purpose, test=anchor.environment is Environment.TEST)
        except Malformed as malformed:
            raise Misconfigured("bad_anchor", f"a trusted certificate of {pair.scheme} cannot be read") from malformed
        roots[root] = anchor.label or f"sha256:{root.sha256}"
    return roots
