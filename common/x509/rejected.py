"""A certificate that is not believed, with the one check that it failed."""

from __future__ import annotations

from common.errors import Rejected


class CertificateRejected(Rejected):
    """check: a word for the check that failed ("policy", "ca_expired"), for evidence and for programs; ``reason`` is of `REASONS`."""

    def __init__(self, check: str, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.check = check
