"""The doors that the W3C's Data Integrity suites knock at, in one process: issue, derive and verify of the VC API.

Behind them stand an institution with a key of every algorithm, and a relying party that knows no issuer: it judges proofs.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from issuer.flows.change_keys import ensure_key
from tests.interop.w3c.di_documents import ALGS, MANDATORY, SELECTIVE, Column, document
from tests.issuer.school import TENANT, School, open_school
from tests.verifier.world import World, make_world


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """issuers: the institution's did:key of each algorithm."""

    school: School
    world: World
    issuers: Mapping[str, str]
    _issued: dict[Column, dict[str, Any]] = field(default_factory=dict)

    def document(self, column: Column, **changes: Any) -> dict[str, Any]:
        """A library card of the institution's, unsigned."""
        return document(column.version, self.issuers[column.alg], **changes)

    def issued(self, column: Column) -> dict[str, Any]:
        """The same card, issued once and copied; a selective proof is a base proof."""
        if column not in self._issued:
            pointers = {"mandatoryPointers": MANDATORY[column.version]} if column.is_selective else {}
            self._issued[column] = self.issue(self.document(column), column.suite, **pointers)
        return copy.deepcopy(self._issued[column])

    def shown(self, column: Column) -> dict[str, Any]:
        """What a verifier is shown of it: derived, where the suite is selective."""
        issued = self.issued(column)
        return self.derive(issued, *SELECTIVE) if column.is_selective else issued

    def issue(self, document: Mapping[str, Any], suite: str | None, **options: Any) -> dict[str, Any]:
        """suite None: the issuer's choice."""
        answer = self._ask_issuer("issue", {"credential": document, "options": {"cryptosuite": suite, **options}})
        assert answer.status_code == 201, answer.text
        secured: dict[str, Any] = answer.json()["verifiableCredential"]
        return secured

    def not_issued(self, document: Any, suite: Any, code: str, **options: Any) -> None:
        """The issuer says no, by the rule of this code."""
        answer = self._ask_issuer("issue", {"credential": document, "options": {"cryptosuite": suite, **options}})
        assert answer.status_code == 400, answer.text
        assert answer.json()["code"] == code, answer.text

    def derive(self, secured: Mapping[str, Any], *pointers: str) -> dict[str, Any]:
        asked = {"verifiableCredential": secured, "options": {"selectivePointers": list(pointers)}}
        answer = self._ask_issuer("derive", asked)
        assert answer.status_code == 200, answer.text
        derived: dict[str, Any] = answer.json()["verifiableCredential"]
        return derived

    def resolved(self, did: str) -> dict[str, Any]:
        """The DID document, as the verifier finds it."""
        answer = self.world.client.get(f"/{self.world.tenant}/identifiers/{did}", headers=self.world.bearer)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["didDocument"]
        return found

    def believed(self, credential: Any, **options: Any) -> None:
        answer = self._ask_verifier(credential, options)
        assert answer.status_code == 200, answer.text
        assert answer.json()["verified"] is True
        assert answer.json()["warnings"] == []

    def refused(self, credential: Any, code: str, *, because: str = "", **options: Any) -> None:
        """The verifier says no, by the rule of this code: a wrong signature alone would be ``bad_signature``.

        because: what the detail must say, where one code serves several rules.
        """
        answer = self._ask_verifier(credential, options)
        assert answer.status_code == 400, answer.text
        assert answer.json()["code"] == code, answer.text
        assert because in answer.json()["detail"]

    def _ask_issuer(self, path: str, body: Any) -> Any:
        return self.school.client.post(f"/{TENANT}/credentials/{path}", json=body, headers=self.school.staff)

    def _ask_verifier(self, credential: Any, options: Mapping[str, Any]) -> Any:
        body = {"verifiableCredential": credential, "options": {"checks": ["proof"], **options}}
        return self.world.client.post(f"/{self.world.tenant}/credentials/verify", json=body, headers=self.world.bearer)

    def close(self) -> None:
        self.school.deps.database.close_all()
        self.world.deps.database.close_all()


def open_doors(folder: Path) -> Doors:
    """folder: an empty one."""
    school = open_school(f"sqlite:///{folder / 'issuer.sqlite3'}", folder / "issuer")
    for alg in ALGS:
        ensure_key(school.desk, TENANT, alg)
    listed = school.client.get(f"/{TENANT}/identifiers", headers=school.staff).json()["identifiers"]
    return Doors(
        school=school,
        world=make_world(f"sqlite:///{folder / 'verifier.sqlite3'}", folder / "verifier"),
        issuers={one["algs"][0]: one["id"] for one in listed if one["id"].startswith("did:key:")},
    )
