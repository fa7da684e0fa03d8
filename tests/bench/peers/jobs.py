"""The jobs that peers are measured at, and where their inputs lie (`tests.bench.peers.inputs`)."""

from __future__ import annotations

from dataclasses import dataclass

_BASE, _DERIVED = "ecdsa-sd-2023 base verify", "ecdsa-sd-2023 derived verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """figure: what the name of Tegata's own figure begins with. setting, inputs: keys of the inputs.

    count raw operations are what nobody can save: the job's figure is its time over theirs.
    """

    name: str
    title: str
    figure: str
    operation: str
    count: int
    setting: str
    inputs: str

    @property
    def unit(self) -> str:
        return f"× {self.count} {self.operation}" if self.count > 1 else f"× {self.operation}"


def jobs(*, base_signatures: int, derived_signatures: int) -> tuple[Job, ...]:
    """In the order of the table. The two numbers: signatures in an ecdsa-sd-2023 base proof and in a derived one."""
    badge, shown = "Open Badge of 47 quads", "Open Badge, 3 of 12 claims shown"
    ed25519, p256 = ("Ed25519 verify", 1), "P-256 verify"
    return (
        _job("jwt verify", "ES256 JWT verify", "12 claims", (p256, 1), ("jwt", "texts")),
        _job("sd-jwt vc verify", "SD-JWT VC + key binding verify", "12 claims", (p256, 2), ("sd_jwt_vc", "texts")),
        _job("sd-jwt vc issue", "SD-JWT VC issue", "12 claims", ("P-256 sign", 1), ("sd_jwt_vc", "texts")),
        _job("mdoc verify", "mdoc verify", "chain, issuer, device", (p256, 3), ("mdoc", "texts")),
        _job("mdoc issue", "mdoc issue", "12 elements", ("P-256 sign", 1), ("mdoc", "texts")),
        _job("eddsa-rdfc-2022 verify", "eddsa-rdfc-2022 verify", badge, ed25519, ("badge", "rdfc")),
        _job("eddsa-rdfc-2022 issue", "eddsa-rdfc-2022 issue", badge, ("Ed25519 sign", 1), ("badge", "unsigned")),
        _job("eddsa-jcs-2022 verify", "eddsa-jcs-2022 verify", badge, ed25519, ("badge", "jcs")),
        _job(_BASE, _BASE, shown, (p256, base_signatures), ("selective", "base")),
        _job("ecdsa-sd-2023 derive", "ecdsa-sd-2023 derive", shown, (p256, 1), ("selective", "base")),
        _job(_DERIVED, _DERIVED, shown, (p256, derived_signatures), ("selective", "derived")),
    )


def _job(name: str, figure: str, over: str, raw: tuple[str, int], where: tuple[str, str]) -> Job:
    operation, count = raw
    setting, inputs = where
    return Job(
        name=name,
        title=f"{figure}, {over}",
        figure=f"{figure},",
        operation=operation,
        count=count,
        setting=setting,
        inputs=inputs,
    )
