"""The doors that the W3C's suites for the data model and for status lists knock at, in one process: issue and verify of the VC API.

The issuer is on an internet of its own, where the verifier finds its DID document and its status lists. The holder is the examiner:
it signs also presentations and credentials that no honest program would, so that a refusal is never for the signature's sake.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi.testclient import TestClient

from common.formats.data_integrity.issue import ProofOptions, add_proof
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from common.ports import Fetched
from issuer.app import build_app as build_issuer
from issuer.flows.change_keys import ensure_key
from tests.fakes.fetch import FakeFetch
from tests.issuer.school import TENANT, School, open_school
from tests.verifier.world import add_party
from verifier.app import build_app as build_verifier
from verifier.deps import Deps, build_deps
from verifier.settings import VerifierSettings

V2 = "https://www.w3.org/ns/credentials/v2"
DI = "https://w3id.org/security/data-integrity/v2"
TERMS = {
    name: f"https://sakuragawa.example/terms#{name}"
    for name in ("LibraryCard", "LibraryVisit", "LoanRules", "CounterCheck", "CardRenewal", "CardSchema", "LoanStatus")
}
"""Types of our own, beside those of the base context."""
ISSUER, VERIFIER, PARTY = "https://issuer.example", "https://verifier.example", "examiner"
HOLDER = SoftwareKey.generate(alg="EdDSA")
HOLDER_DID = f"did:key:{encode_did_key(HOLDER.public_jwk())}"
HOLDER_METHOD = f"{HOLDER_DID}#{HOLDER_DID.removeprefix('did:key:')}"
RDFC, JCS = {"cryptosuite": "eddsa-rdfc-2022"}, {"cryptosuite": "eddsa-jcs-2022"}
CHALLENGE, DOMAIN = "tanzaku-1", "library.example"
ABSENT: Final = object()
"""As a change: the member is taken away."""


def changed(document: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A deep copy with these members. ``context`` stands for ``@context``."""
    names = {"@context" if name == "context" else name: value for name, value in changes.items()}
    return copy.deepcopy({name: value for name, value in {**document, **names}.items() if value is not ABSENT})


class IssuersInternet(FakeFetch):
    """What the issuer publishes, and beside it ``pages``. Implements common.ports.Fetch."""

    def __init__(self, issuer: TestClient) -> None:
        super().__init__()
        self._issuer = issuer

    def get(self, url: str, *, accept: str = "*/*", headers: Mapping[str, str] | None = None) -> Fetched:
        if url in self.pages or not url.startswith(f"{ISSUER}/"):
            return super().get(url, accept=accept, headers=headers)
        answer = self._issuer.get(url.removeprefix(ISSUER), headers={"Accept": accept, **(headers or {})})
        return Fetched(url=url, status=answer.status_code, headers=dict(answer.headers), body=answer.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDoors:
    """did_key: of the institution's Ed25519 key. did_web: its name."""

    school: School
    issuer: TestClient
    verifier: TestClient
    examined: Deps
    internet: FakeFetch
    did_key: str
    did_web: str
    bearer: Mapping[str, str]

    def credential(self, **changes: Any) -> dict[str, Any]:
        """A library card, nothing optional in it. issuer: the did:key."""
        plain = {
            "@context": [V2, TERMS],
            "type": ["VerifiableCredential"],
            "issuer": self.did_key,
            "credentialSubject": {"id": "did:example:hanako"},
        }
        return changed(plain, **changes)

    def issue(self, *, options: Mapping[str, Any] = RDFC, **changes: Any) -> dict[str, Any]:
        """The credential, secured with all that was in it."""
        document = self.credential(**changes)
        secured = self.secure(document, options)
        assert {name: secured[name] for name in document} == document
        return secured

    def secure(self, document: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._ask_issuer(document, options)
        assert answer.status_code == 201, answer.text
        secured: dict[str, Any] = answer.json()["verifiableCredential"]
        return secured

    def not_issued(self, code: str, **changes: Any) -> None:
        """The issuer says no, by the rule of this code; a suite that reads no JSON-LD is no way around it."""
        for options in (RDFC, JCS):
            answer = self._ask_issuer(self.credential(**changes), options)
            assert answer.status_code == 400, answer.text
            assert answer.json()["code"] == code, answer.text
            assert "verifiableCredential" not in answer.json()

    def refuse(self, code: str, **changes: Any) -> None:
        """Likewise, and the verifier does not take it from others either."""
        self.not_issued(code, **changes)
        self.verify(held(**changes), code)

    def _ask_issuer(self, document: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
        body = {"credential": document, "options": options}
        return self.issuer.post(f"/{TENANT}/credentials/issue", json=body, headers=self.school.staff)

    def verify(self, credential: Any, expect: str = "") -> Any:
        """expect: the code of the rule by which the verifier says no."""
        return self._judge(
            "credentials", {"verifiableCredential": credential, "options": {"checks": ["proof"]}}, expect
        )

    def verify_presentation(self, presentation: Any, expect: str = "") -> Any:
        options = {"challenge": CHALLENGE, "domain": DOMAIN}
        return self._judge("presentations", {"verifiablePresentation": presentation, "options": options}, expect)

    def published(self, address: str) -> Any:
        """What anybody reads there."""
        answer = self.issuer.get(urlsplit(address).path, headers={"Accept": "application/vc"})
        assert address.startswith(f"{ISSUER}/"), address
        assert answer.status_code == 200, answer.text
        return answer.json()

    def change_status(self, credential_id: str, purpose: str) -> None:
        """The issuer withdraws a credential that it gave a status."""
        wish = {"type": "BitstringStatusListEntry", "statusPurpose": purpose, "status": True}
        body = {"credentialId": credential_id, "credentialStatus": [wish]}
        answer = self.issuer.post(f"/{TENANT}/credentials/status", json=body, headers=self.school.staff)
        assert answer.status_code == 200, answer.text

    def _judge(self, kind: str, body: Mapping[str, Any], expect: str) -> Any:
        answer = self.verifier.post(f"/{PARTY}/{kind}/verify", json=body, headers=dict(self.bearer))
        found = answer.json()
        if expect:
            assert answer.status_code == 400, answer.text
            assert found["code"] == expect, answer.text
            assert found["errors"]
            assert "verified" not in found
        else:
            assert answer.status_code == 200, answer.text
            assert found["verified"] is True
        return found

    def close(self) -> None:
        self.school.deps.database.close_all()
        self.examined.database.close_all()


def held(subject: str = "did:example:hanako", **changes: Any) -> dict[str, Any]:
    """A credential that the holder issued itself."""
    plain = {"@context": [V2, TERMS], "type": ["VerifiableCredential"], "issuer": HOLDER_DID}
    options = ProofOptions(verification_method=HOLDER_METHOD, cryptosuite="eddsa-jcs-2022")
    return add_proof(changed({**plain, "credentialSubject": {"id": subject}}, **changes), HOLDER, options)


def presented(*credentials: Any, suite: str = "eddsa-rdfc-2022", **changes: Any) -> dict[str, Any]:
    """A presentation, signed by the holder, with all that the changes made of it; a JCS suite signs what is no JSON-LD too."""
    plain: dict[str, Any] = {"@context": [V2, TERMS], "type": ["VerifiablePresentation"]}
    if credentials:
        plain["verifiableCredential"] = list(credentials)
    options = ProofOptions(
        verification_method=HOLDER_METHOD,
        purpose="authentication",
        cryptosuite=suite,
        challenge=CHALLENGE,
        domain=DOMAIN,
    )
    return add_proof(changed(plain, **changes), HOLDER, options)


def wrongly_presented(*credentials: Any, **changes: Any) -> dict[str, Any]:
    """Likewise, whatever it is: the signature is right, and what the changes broke is all that is wrong."""
    return presented(*credentials, suite="eddsa-jcs-2022", **changes)


def open_model_doors(folder: Path) -> ModelDoors:
    """folder: an empty one."""
    school = open_school(f"sqlite:///{folder / 'issuer.sqlite3'}", folder / "issuer", public_url=ISSUER)
    ensure_key(school.desk, TENANT, "EdDSA")
    issuer = TestClient(build_issuer(school.deps), base_url=ISSUER)
    named = issuer.get(f"/{TENANT}/identifiers", headers=school.staff).json()["identifiers"]
    internet = IssuersInternet(issuer)
    settings = VerifierSettings(
        environment="sandbox",
        public_url=VERIFIER,
        database_url=f"sqlite:///{folder / 'verifier.sqlite3'}",
        data_dir=folder / "verifier",
        status_cache_seconds=0,
        job_seconds=0,
    )
    examined = build_deps(settings, clock=school.clock, fetch=internet)
    add_party(examined, PARTY)
    token = examined.login.new_token(PARTY, "examiner", "operator")
    return ModelDoors(
        school=school,
        issuer=issuer,
        verifier=TestClient(build_verifier(examined), base_url=VERIFIER),
        examined=examined,
        internet=internet,
        did_key=next(one["id"] for one in named if one["id"].startswith("did:key:") and one["algs"] == ["EdDSA"]),
        did_web=named[0]["id"],
        bearer={"Authorization": f"Bearer {token}"},
    )
