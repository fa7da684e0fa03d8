"""The cryptosuites of this deployment. To add one: its file, its line here, its specification's vectors."""

from __future__ import annotations

from common.proofs.contexts.store import PINNED, ContextStore
from common.proofs.suites.bbs_2023 import Bbs2023
from common.proofs.suites.contract import Cryptosuite
from common.proofs.suites.ecdsa_jcs_2019 import EcdsaJcs2019
from common.proofs.suites.ecdsa_rdfc_2019 import EcdsaRdfc2019
from common.proofs.suites.ecdsa_sd_2023 import EcdsaSd2023
from common.proofs.suites.eddsa_jcs_2022 import EddsaJcs2022
from common.proofs.suites.eddsa_rdfc_2022 import EddsaRdfc2022
from common.registry import Registry


def cryptosuites(contexts: ContextStore) -> Registry[Cryptosuite]:
    """All suites, reading documents under these contexts. Deployments use `SUITES`; conformance runs know more contexts."""
    members: tuple[Cryptosuite, ...] = (
        EddsaRdfc2022(contexts),
        EcdsaRdfc2019(contexts),
        EddsaJcs2022(),
        EcdsaJcs2019(),
        EcdsaSd2023(contexts),
        Bbs2023(contexts),
    )
    return Registry("cryptosuite", members, name=lambda member: member.name)


SUITES = cryptosuites(PINNED)
