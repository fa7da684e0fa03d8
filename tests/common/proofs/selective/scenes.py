"""Two issuers, one for each selective suite, with a badge that each of them signed and a part of it that its holder derived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from common.errors import Malformed, Rejected, Unsupported
from common.keys.bls import BbsKey
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from common.proofs.suites.bbs_2023 import Bbs2023
from common.proofs.suites.ecdsa_sd_2023 import EcdsaSd2023
from tests.common.proofs.selective.documents import MANDATORY, OPEN_BADGE, SELECTIVE, options

_P256, _BLS = SoftwareKey.generate("ES256"), BbsKey.generate()


@dataclass(frozen=True)
class Scene:
    """A suite, its issuer's key, and a badge with a base proof of it and a proof derived from that."""

    suite: Any
    signer: Any
    multikey: str

    @property
    def key(self) -> Any:
        return self.suite.read_key({"type": "Multikey", "publicKeyMultibase": self.multikey})

    def issue(self, document: dict[str, Any]) -> dict[str, Any]:
        method = f"did:key:{self.multikey}#{self.multikey}"
        proof: dict[str, Any] = self.suite.create_proof(
            document, options(self.suite.name, method), self.signer, mandatory_pointers=MANDATORY
        )
        return proof


SCENES = [
    Scene(EcdsaSd2023(), _P256, encode_did_key(_P256.public_jwk())),
    Scene(Bbs2023(), _BLS, _BLS.public_multibase),
]
BASE = {scene.suite.name: scene.issue(OPEN_BADGE) for scene in SCENES}
DERIVED = {
    scene.suite.name: scene.suite.derive_proof(OPEN_BADGE, BASE[scene.suite.name], selective_pointers=SELECTIVE)
    for scene in SCENES
}
every_suite = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.suite.name)


def refused(scene: Scene, document: dict[str, Any], proof: dict[str, Any], *, base: bool = False) -> None:
    """Neither derived nor, with base=True, base proof of this document. One bit makes a proof claim a feature that is unsupported."""
    verify = scene.suite.verify_base_proof if base else scene.suite.verify_proof
    with pytest.raises((Rejected, Malformed, Unsupported)):
        verify(document, proof, scene.key)
