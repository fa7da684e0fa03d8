"""A member that stands in its folder but not in its registry is dead code; a registry entry without tests is a promise."""

from __future__ import annotations

import pytest

from tests.house.tree import ROOT, files, text

ROOMS = {
    "common/did/methods": "common/did/registry.py",
    "common/formats/mdoc/document_types": "common/formats/mdoc/document_types/registry.py",
    "common/proofs/suites": "common/proofs/suites/registry.py",
    "issuer/catalogue": "issuer/catalogue/registry.py",
    "verifier/checks": "verifier/checks/registry.py",
    "verifier/queries": "verifier/queries/registry.py",
}
NOT_MEMBERS = {
    *("__init__", "contract", "registry"),
    *(
        "jcs_form",
        "rdfc_form",
        "options_form",
        "signed_hash",
        "proof_value",
        "verification_method",
    ),  # what the cryptosuites share
    *(
        "configurations",
        "person_claims",
        "card_claims",
        "card_samples",
        "schemas",
        "terms",
    ),  # what the catalogue's types share
    *(
        "verdict",
        "policy",
        "claim_paths",
        "question_answered",
        "gate_facts",
    ),  # what the rules share, and the rule about all answers together
}


@pytest.mark.parametrize(("room", "registry"), ROOMS.items())
def test_every_member_is_registered_and_tested(room: str, registry: str) -> None:
    members = [path for path in (ROOT / room).glob("*.py") if path.stem not in NOT_MEMBERS]
    assert members, f"nobody lives in {room}"
    listing = text((ROOT / registry).relative_to(ROOT))
    assert [path.stem for path in members if path.stem not in listing] == [], f"not named in {registry}"
    tests = "\n".join(text(path) for path in files() if path.parts[0] == "tests" and path.suffix == ".py")
    assert [path.stem for path in members if path.stem not in tests] == [], "no test names it"
