"""The contract of a question: what people read, the DCQL that wallets read, and what the answer must say.

A new question: a file with ``QUESTION = Question(...)``, its line in ``registry.py``, a passing and a failing case in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.formats.credential import ClaimsPath


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedClaim:
    """A claim about the subject, by its path there, and the values that answer *yes* (empty: any)."""

    path: ClaimsPath
    values: tuple[str | int | bool, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One ready-made question, answered by any one of ``type_names`` in either format.

    type_names: names of SD-JWT VC types under ``vct_base``. w3c_types: type name → its W3C type. minimum_age: years, with age_path.
    """

    name: str
    question_ja: str
    question_en: str
    purpose_ja: str
    purpose_en: str
    type_names: tuple[str, ...]
    w3c_types: Mapping[str, str]
    claims: tuple[AskedClaim, ...]
    minimum_age: int | None = None
    age_path: ClaimsPath | None = None

    def __post_init__(self) -> None:
        if (self.minimum_age is None) != (self.age_path is None):
            raise ValueError(f"question {self.name}: minimum_age and age_path go together")

    def credential_queries(self, vct_base: str) -> tuple[dict[str, Any], ...]:
        """The credential queries of DCQL (OpenID4VP 1.0 §6.1), one per type and format; ids: ``<type>_sd_jwt``, ``<type>_jwt``."""
        found: list[dict[str, Any]] = []
        for name in self.type_names:
            found.append(
                {
                    "id": f"{name}_sd_jwt",
                    "format": "dc+sd-jwt",
                    "meta": {"vct_values": [f"{vct_base}/{name}"]},
                    "claims": [_claim_query(claim, ()) for claim in self.claims],
                }
            )
            found.append(
                {
                    "id": f"{name}_jwt",
                    "format": "jwt_vc_json",
                    "meta": {"type_values": [[self.w3c_types[name]]]},
                    "claims": [_claim_query(claim, ("credentialSubject",)) for claim in self.claims],
                }
            )
        return tuple(found)

    def dcql(self, vct_base: str) -> dict[str, Any]:
        """The DCQL query (OpenID4VP 1.0 §6): any one of the credential queries answers it; earlier options are preferred."""
        queries = self.credential_queries(vct_base)
        return {
            "credentials": list(queries),
            "credential_sets": [{"options": [[query["id"]] for query in queries]}],
        }


def _claim_query(claim: AskedClaim, root: ClaimsPath) -> dict[str, Any]:
    query: dict[str, Any] = {"path": [*root, *claim.path]}
    if claim.values:
        query["values"] = list(claim.values)
    return query
