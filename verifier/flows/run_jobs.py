"""The jobs of a verifier deployment: judge what a dead process left behind, expire and forget, seal the audit record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from common.ports import Clock
from verifier.flows.accept_response import resume
from verifier.flows.forget import Forgotten, forget
from verifier.flows.gather_facts import FactGatherer
from verifier.flows.sealed_box import SealedBox
from verifier.settings import Addresses
from verifier.store.audit import AUDIT


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """What one run did for one relying party."""

    tenant: str
    resumed: int
    forgotten: Forgotten
    sealed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """tenants: lists the relying parties. sweeps: further deletions per tenant (logins, counted tries)."""

    tenants: Callable[[], Sequence[str]]
    sweeps: Sequence[Callable[[str], int]]
    addresses: Addresses
    box: SealedBox
    gatherer: FactGatherer
    clock: Clock
    resume_seconds: int
    test_cards: bool = False

    def run(self) -> tuple[JobReport, ...]:
        """One round. Safe beside other processes that do the same."""
        return tuple(self._run(tenant) for tenant in self.tenants())

    def _run(self, tenant: str) -> JobReport:
        now = self.clock.now()
        resumed = resume(
            tenant,
            addresses=self.addresses,
            box=self.box,
            gatherer=self.gatherer,
            test_cards=self.test_cards,
            older_than=self.resume_seconds,
            now=now,
        )
        forgotten = forget(tenant, now=now)
        for sweep in self.sweeps:
            sweep(tenant)
        sealed = AUDIT.seal_all(tenant, now=now)
        return JobReport(tenant=tenant, resumed=resumed, forgotten=forgotten, sealed=sealed)
