"""What a source of revocation says, as a finding of evidence."""

from __future__ import annotations

from common.cards.evidence import RevocationAnswer, RevocationFinding
from common.x509.revocation import RevocationSource


def ask_revocation(source: RevocationSource | None, *, leaf: bytes, issuer: bytes, now: int) -> RevocationFinding:
    """About a certificate, in DER. No source: *not checked*, which is not *unknown* (a source without a word); neither is *good*."""
    if source is None:
        return RevocationFinding(answer=RevocationAnswer.NOT_CHECKED, reason="no_source")
    status = source.status(leaf=leaf, issuer=issuer, now=now)
    return RevocationFinding(
        answer=RevocationAnswer(status.standing.value),
        source=status.source,
        reason=status.reason,
        checked_at=now,
        this_update=status.this_update,
        next_update=status.next_update,
        revoked_at=status.revoked_at,
    )
