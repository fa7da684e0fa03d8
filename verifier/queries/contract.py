"""The contract of a question: what people read, the DCQL that wallets read, and what the answer must say.

A new question: a file with ``QUESTION = Question(...)``, its line in ``registry.py``, a passing and a failing case in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from common.cards.demand import ChipDemand
from common.formats.credential import ClaimsPath
from common.formats.mdoc.document_types.registry import DOCUMENT_TYPES
from common.formats.registry import FORMATS

_SHORT_NAMES = {"dc+sd-jwt": "sd_jwt", "mso_mdoc": "mdoc", "jwt_vc_json": "jwt", "ldp_vc": "ldp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedClaim:
    """A claim about the subject, by its path there, and the values that answer *yes* (empty: any).

    from_chip: what a card's evidence may call that which proves it (`common.cards.evidence.Origin.claim`); where a chip is demanded.
    """

    path: ClaimsPath
    values: tuple[str | int | bool, ...] = ()
    from_chip: tuple[str, ...] = ()


DAY = 86_400
EVIDENCE = "evidence"
"""The claim that holds the record of how a card was verified (`common.cards.evidence_json`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedType:
    """One type of certificate that answers, as each format names it. name: of the SD-JWT VC type under ``vct_base``."""

    name: str
    w3c_type: str
    doctype: str

    def meta(self, form: str, vct_base: str) -> dict[str, Any]:
        """``meta`` of a credential query (OpenID4VP 1.0 §B.1.1, §B.2.3, §B.3.5)."""
        match form:
            case "dc+sd-jwt":
                return {"vct_values": [f"{vct_base}/{self.name}"]}
            case "mso_mdoc":
                return {"doctype_value": self.doctype}
            case "ldp_vc":  # signed is what the context makes of the type
                return {"type_values": [[f"{vct_base}/terms/{self.w3c_type}"]]}
            case _:
                return {"type_values": [[self.w3c_type]]}

    def path(self, form: str, claim: ClaimsPath) -> ClaimsPath:
        """Where a claim about the subject stands. Raises ValueError where the mdoc has no such element."""
        if form != "mso_mdoc":
            return (*FORMATS[form].subject_root, *claim)
        return self._element(claim)

    def evidence_path(self, form: str) -> ClaimsPath:
        """Where the record of the chip stands: beside what is said of the subject, save in an mdoc, where all is said of it."""
        return self._element((EVIDENCE,)) if form == "mso_mdoc" else (EVIDENCE,)

    def _element(self, claim: ClaimsPath) -> ClaimsPath:
        found = DOCUMENT_TYPES[self.doctype].path_of(claim)
        if found is None:
            raise ValueError(f"{self.doctype} has no element for {claim}")
        return found


ENROLMENT = AskedType(name="enrolment", w3c_type="EnrolmentCredential", doctype="tegata.student.1")
GRADUATION = AskedType(name="graduation", w3c_type="GraduationCredential", doctype="tegata.graduate.1")
IDENTITY = AskedType(name="identity", w3c_type="IdentityCredential", doctype="tegata.identity.1")
AGE = AskedType(name="age", w3c_type="AgeCredential", doctype="tegata.age.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One ready-made question, answered by any one of ``types`` in any format. minimum_age: years, with age_path.

    chip: what is demanded of the card that the claims were read from; then each of them says what of it proves it (``from_chip``).
    """

    name: str
    question_ja: str
    question_en: str
    purpose_ja: str
    purpose_en: str
    types: tuple[AskedType, ...]
    claims: tuple[AskedClaim, ...]
    minimum_age: int | None = None
    age_path: ClaimsPath | None = None
    chip: ChipDemand | None = None

    def __post_init__(self) -> None:
        if (self.minimum_age is None) != (self.age_path is None):
            raise ValueError(f"question {self.name}: minimum_age and age_path go together")
        if any(bool(claim.from_chip) != (self.chip is not None) for claim in self.claims):
            raise ValueError(f"question {self.name}: a chip is demanded of every claim, or of none")

    def credential_queries(self, vct_base: str) -> tuple[dict[str, Any], ...]:
        """The credential queries of DCQL (OpenID4VP 1.0 §6.1), one per type and format; ids: ``<type>_sd_jwt``, ``<type>_mdoc`` …

        What hides more comes first: earlier options are preferred.
        """
        return tuple(
            {
                "id": f"{kind.name}_{short}",
                "format": form,
                "meta": kind.meta(form, vct_base),
                "claims": [
                    *(_claim_query(claim, kind.path(form, claim.path)) for claim in self.claims),
                    *([{"path": list(kind.evidence_path(form))}] if self.chip is not None else []),
                ],
            }
            for kind in self.types
            for form, short in _SHORT_NAMES.items()
        )

    def age_path_of(self, query_id: str) -> ClaimsPath | None:
        """Where the answer to an age question stands in what answers the query; None where no age is asked."""
        if self.age_path is None:
            return None
        kind, form = self._asked_by(query_id)
        return kind.path(form, self.age_path)

    def evidence_path_of(self, query_id: str) -> ClaimsPath | None:
        """Where the record of the chip stands in what answers the query; None where no chip is demanded."""
        if self.chip is None:
            return None
        kind, form = self._asked_by(query_id)
        return kind.evidence_path(form)

    def _asked_by(self, query_id: str) -> tuple[AskedType, str]:
        return next(
            (kind, form)
            for kind in self.types
            for form, short in _SHORT_NAMES.items()
            if f"{kind.name}_{short}" == query_id
        )

    def dcql(self, vct_base: str) -> dict[str, Any]:
        """The DCQL query (OpenID4VP 1.0 §6): any one of the credential queries answers it; earlier options are preferred."""
        queries = self.credential_queries(vct_base)
        return {
            "credentials": list(queries),
            "credential_sets": [{"options": [[query["id"]] for query in queries]}],
        }


def _claim_query(claim: AskedClaim, path: ClaimsPath) -> dict[str, Any]:
    query: dict[str, Any] = {"path": list(path)}
    if claim.values:
        query["values"] = list(claim.values)
    return query
