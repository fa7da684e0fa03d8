"""A source's word as a finding: good, revoked, unknown, and nobody to ask."""

from __future__ import annotations

import pytest

from common.cards.evidence import RevocationAnswer, RevocationFinding
from common.cards.revocation import ask_revocation
from common.x509.revocation import RevocationStatus, Standing, unknown

NOW = 1_800_000_000


class Says:
    def __init__(self, status: RevocationStatus) -> None:
        self.status_told = status
        self.asked: list[tuple[bytes, bytes, int]] = []

    def status(self, *, leaf: bytes, issuer: bytes, now: int) -> RevocationStatus:
        self.asked.append((leaf, issuer, now))
        return self.status_told


def test_nobody_to_ask_is_not_checked() -> None:
    finding = ask_revocation(None, leaf=b"leaf", issuer=b"issuer", now=NOW)
    assert finding == RevocationFinding(answer=RevocationAnswer.NOT_CHECKED, reason="no_source")


@pytest.mark.parametrize("standing", list(Standing))
def test_what_a_source_says(standing: Standing) -> None:
    told = RevocationStatus(
        standing=standing,
        source="ocsp",
        reason="why",
        this_update=NOW - 2,
        next_update=NOW + 2,
        revoked_at=NOW - 9 if standing is Standing.REVOKED else None,
    )
    source = Says(told)
    finding = ask_revocation(source, leaf=b"leaf", issuer=b"issuer", now=NOW)
    assert source.asked == [(b"leaf", b"issuer", NOW)]
    assert finding.answer.value == standing.value
    assert (finding.source, finding.reason, finding.checked_at) == ("ocsp", "why", NOW)
    assert (finding.this_update, finding.next_update, finding.revoked_at) == (NOW - 2, NOW + 2, told.revoked_at)


def test_a_source_without_a_word_is_unknown() -> None:
    finding = ask_revocation(Says(unknown("unreachable", source="crl")), leaf=b"", issuer=b"", now=NOW)
    assert (finding.answer, finding.reason) == (RevocationAnswer.UNKNOWN, "unreachable")
