"""kill -9 while keys are made, rotated, withdrawn and certified: said again, the command makes no second key, and one always signs."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.stories.invariants import check_audits
from tests.stories.stage import Stage
from tests.stories.test_crashes import stem
from tests.stories.watch import armed, places

SLUGS = (f"keys{number}" for number in itertools.count(1))
Keys = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Change:
    """words: of the command; ``{kid}`` is the institution's key for ES256. holds: what must be so after it was killed and said again."""

    words: tuple[str, ...]
    points: frozenset[str]
    holds: Callable[[Keys], bool]


def states(keys: Keys, alg: str = "ES256") -> Counter[str]:
    return Counter(key["state"] for key in keys if key["alg"] == alg)


CHANGES = {
    "add": Change(
        words=("key", "add", "--alg", "ES384"),
        points=frozenset({"add_key"}),
        holds=lambda keys: states(keys) == states(keys, "ES384") == {"active": 1},
    ),
    "rotate": Change(
        words=("key", "rotate", "--overlap", "0", "--replacing={kid}"),
        points=frozenset({"publish_key", "activate_key"}),
        holds=lambda keys: states(keys) == {"active": 1, "retired": 1},
    ),
    "compromised": Change(
        words=("key", "compromised", "--kid={kid}", "--since", "1000000000"),
        points=frozenset({"compromise_key"}),
        holds=lambda keys: states(keys) == {"active": 1, "compromised": 1},
    ),
    "renew": Change(
        words=("key", "renew-certificate", "--kid={kid}"),
        points=frozenset({"renew_certificate"}),
        holds=lambda keys: states(keys) == {"active": 1},
    ),
}
PARTY_POINTS = frozenset({"replace_key"})
USUALLY = ("rotate", "compromised")
KEY_POINTS = PARTY_POINTS.union(*(change.points for change in CHANGES.values()))


@pytest.mark.parametrize(
    "name", [name if name in USUALLY else pytest.param(name, marks=pytest.mark.slow) for name in CHANGES]
)
def test_death_while_keys_change(stage: Stage, name: str, tmp_path: Path) -> None:
    change, issuer = CHANGES[name], stage.cast.issuer

    def institution() -> tuple[str, list[str]]:
        """A fresh one, and the words of the command about it."""
        slug = next(SLUGS)
        issuer.command("new-institution", slug, "--name-ja", "学校", "--name-en", "School", "--json")
        (kid,) = [key["kid"] for key in listed(slug) if key["alg"] == "ES256"]
        return slug, [word.format(kid=kid) for word in change.words] + ["-i", slug]

    def listed(slug: str) -> Keys:
        keys: Keys = json.loads(issuer.command("key", "list", "-i", slug, "--json"))["keys"]
        return keys

    slug, words = institution()
    issuer.command(*words, extra=armed(issuer, trace=tmp_path / "trace"))
    assert change.holds(listed(slug)), listed(slug)
    found = [place for place in places(tmp_path / "trace") if stem(place) in change.points]
    assert {stem(place) for place in found} == change.points
    for place in found:
        slug, words = institution()
        with pytest.raises(subprocess.CalledProcessError) as died:
            issuer.command(*words, extra=armed(issuer, fail_at=place))
        assert died.value.returncode == -signal.SIGKILL, place
        assert states(listed(slug))["active"] == 1, f"after a death at {place} something signs, and one thing only"
        issuer.command(*words)
        keys = listed(slug)
        assert change.holds(keys), (place, keys)
        document = httpx.get(f"{issuer.url}/{slug}/did.json").json()
        trusted = {method.rpartition("#")[2] for method in document["assertionMethod"]}
        assert trusted == {key["kid"] for key in keys if key["state"] != "compromised"}
    check_audits(stage)


def test_death_while_a_relying_party_gets_a_key(stage: Stage, tmp_path: Path) -> None:
    verifier = stage.cast.verifier

    def party() -> list[str]:
        slug = next(SLUGS)
        verifier.command("new-relying-party", slug, "--name-ja", "店", "--name-en", "Shop", "--json")
        return ["new-key", slug, "--json"]

    verifier.command(*party(), extra=armed(verifier, trace=tmp_path / "trace"))
    found = [place for place in places(tmp_path / "trace") if stem(place) in PARTY_POINTS]
    assert {stem(place) for place in found} == PARTY_POINTS
    for place in found:
        words = party()
        with pytest.raises(subprocess.CalledProcessError) as died:
            verifier.command(*words, extra=armed(verifier, fail_at=place))
        assert died.value.returncode == -signal.SIGKILL, place
        if "after_commit" in place:
            with pytest.raises(subprocess.CalledProcessError) as refused:
                verifier.command(*words)
            assert "successor_published" in refused.value.stderr
        else:
            verifier.command(*words)
        document = httpx.get(f"{verifier.url}/{words[1]}/did.json").json()
        assert len(document["verificationMethod"]) == 2, place
