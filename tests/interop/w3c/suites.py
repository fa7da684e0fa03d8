"""What each suite of the W3C is told about us: its implementation manifest, and what it needs beside its checkout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.interop.w3c.stage import Stage

EXAMPLES = {
    "https://www.w3.org/ns/credentials/examples/v2": {
        "@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}
    }
}
"""The W3C's context for examples: it gives every word a meaning, so no product carries it."""
DRAFT_CONTEXT = {"https://www.w3.org/ns/credentials/v2": ("vc-data-model", "8d0ee107:contexts/credentials/v2")}
"""The suite's digests are those of a draft of the base context, and not the ones that VCDM 2.0 §B.1 prints."""
Manifest = Callable[[Stage], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """profile: of our verifier. contexts: address → document. packages: npm packages of the suite whose contexts its fixtures name.

    vectors: folder inside the checkout → repository whose content it wants there. resources: address → repository and
    object of git in it, for what related resources are compared with. forgetful: options are told anew with each request.
    """

    name: str
    manifest: Manifest
    profile: str = "controlled"
    contexts: Mapping[str, Any] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    vectors: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    forgetful: bool = False


def _door(
    stage: Stage, path: str, tags: list[str], *, name: str = "", options: Any = None, **more: Any
) -> dict[str, Any]:
    verifying = "verify" in path
    token = stage.operator if verifying else stage.staff
    return {
        "id": name or stage.identifiers["web"],
        "endpoint": f"{stage.verifier if verifying else stage.issuer}/{path}",
        "headers": {"Authorization": f"Bearer {token}", "Accept": "application/json"},
        "tags": tags,
        **({"options": options} if options is not None else {}),
        **more,
    }


def _issue(stage: Stage, tags: list[str], **more: Any) -> dict[str, Any]:
    return _door(stage, "credentials/issue", tags, **more)


def _verify(stage: Stage, tags: list[str], **more: Any) -> dict[str, Any]:
    return _door(stage, "credentials/verify", tags, **more)


def _implementation(**doors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The selective suites look for the one who derives under a name that is written in them, whoever is tested."""
    holders = {"vcHolders": doors.pop("vcHolders", [])}
    whole: list[dict[str, Any]] = [{"name": "Tegata", "implementation": "Tegata", **doors}]
    return (
        [*whole, {"name": "Digital Bazaar", "implementation": "Tegata", **holders}] if holders["vcHolders"] else whole
    )


def _data_model(stage: Stage) -> list[dict[str, Any]]:
    tags = ["vc2.0"]
    return _implementation(
        issuers=[
            _issue(
                stage,
                tags,
                name=stage.identifiers["EdDSA"],
                options={"cryptosuite": "eddsa-rdfc-2022"},
            )
        ],
        verifiers=[_verify(stage, tags)],
        vpVerifiers=[_door(stage, "presentations/verify", tags)],
    )


def _eddsa(stage: Stage) -> list[dict[str, Any]]:
    both = {"vc": ["1.1", "2.0"]}
    suites = ("eddsa-rdfc-2022", "eddsa-jcs-2022")
    return _implementation(
        issuers=[
            _issue(stage, [suite], name=stage.identifiers["EdDSA"], options={"cryptosuite": suite}, supports=both)
            for suite in suites
        ],
        verifiers=[_verify(stage, [suite], supports=both) for suite in suites],
    )


def _ecdsa(stage: Stage) -> list[dict[str, Any]]:
    both = {"vc": ["1.1", "2.0"]}
    issuers, verifiers = [], []
    for suite in ("ecdsa-rdfc-2019", "ecdsa-jcs-2019"):
        for curve, alg in (("P-256", "ES256"), ("P-384", "ES384")):
            issuers.append(
                _issue(
                    stage,
                    [suite],
                    name=stage.identifiers[alg],
                    options={"cryptosuite": suite},
                    supports=both,
                    supportedEcdsaKeyTypes=[curve],
                )
            )
        verifiers.append(_verify(stage, [suite], supports=both, supportedEcdsaKeyTypes=["P-256", "P-384"]))
    sd = {"supports": both, "supportedEcdsaKeyTypes": ["P-256"]}
    issuers.append(
        _issue(
            stage,
            ["ecdsa-sd-2023"],
            name=stage.identifiers["ES256"],
            options={"cryptosuite": "ecdsa-sd-2023"},
            **sd,
        )
    )
    verifiers.append(_verify(stage, ["ecdsa-sd-2023"], **sd))
    holders = [_door(stage, "credentials/derive", ["vcHolder"], name=stage.identifiers["ES256"], **sd)]
    return _implementation(issuers=issuers, verifiers=verifiers, vcHolders=holders)


def _bbs(stage: Stage) -> list[dict[str, Any]]:
    both = {"vc": ["1.1", "2.0"], "keyTypes": ["P-381"]}
    tags = ["bbs-2023"]
    return _implementation(
        issuers=[
            _issue(stage, tags, name=stage.identifiers["BBS"], options={"cryptosuite": "bbs-2023"}, supports=both)
        ],
        verifiers=[_verify(stage, tags, supports=both)],
        vcHolders=[_door(stage, "credentials/derive", ["vcHolder", "bbs-2023"], supports=both)],
    )


def _bitstring(stage: Stage) -> list[dict[str, Any]]:
    tags = ["BitstringStatusList"]
    return _implementation(
        issuers=[_issue(stage, tags, options={"status": True})],
        verifiers=[_verify(stage, tags)],
        vpVerifiers=[_door(stage, "presentations/verify", tags)],
    )


SUITES = (
    Suite(name="vc-data-model-2.0-test-suite", manifest=_data_model, contexts=EXAMPLES, resources=DRAFT_CONTEXT),
    Suite(name="vc-di-eddsa-test-suite", manifest=_eddsa),
    Suite(
        name="vc-di-ecdsa-test-suite",
        manifest=_ecdsa,
        profile="proof-only",
        contexts=EXAMPLES,
        forgetful=True,
        vectors={"tests/input/vc-di-ecdsa": "vc-di-ecdsa"},
    ),
    Suite(name="vc-bitstring-status-list-test-suite", manifest=_bitstring),
    Suite(
        name="vc-di-bbs-test-suite",
        manifest=_bbs,
        profile="proof-only",
        packages=("@digitalbazaar/vdl-context",),
        vectors={"tests/input/vc-di-bbs": "vc-di-bbs"},
    ),
)
