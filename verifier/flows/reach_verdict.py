"""From the presentations of one response to a verdict and what was disclosed: open → seek keys → examine → seek status → judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from common.formats.credential import ClaimsPath
from common.formats.presentation_context import PresentationContext
from common.oid4vp.claims_path import select_disclosed
from common.trust.time_stamps import AgeFact
from verifier.checks.registry import CHECKS
from verifier.checks.verdict import Verdict
from verifier.flows.examine import Examined, Shown, examine, open_presentation
from verifier.flows.gather_facts import FactGatherer, Sought
from verifier.flows.judge import Asked, Facts, judge
from verifier.flows.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """What one presentation disclosed of what was asked: path → value. Personal data: kept apart from the verdict."""

    query_id: str
    claims: tuple[tuple[ClaimsPath, Any], ...] = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        return {
            "query_id": self.query_id,
            "claims": [{"path": list(path), "value": value} for path, value in self.claims],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """disclosed: empty unless the verdict accepts. What was asked for and nothing else, even if the holder showed more."""

    verdict: Verdict
    disclosed: tuple[Disclosed, ...]


def reach_verdict(
    shown: Sequence[Shown],
    *,
    asked: Asked,
    policy: Policy,
    audience: str,
    nonce: str,
    context: PresentationContext | None = None,
    gatherer: FactGatherer,
    now: int,
) -> Reached:
    """Never raises for what a holder or an issuer did; each such thing is a check that did not pass."""
    examined: list[Examined] = []
    facts: list[Facts] = []
    for one in shown:
        opened = open_presentation(one)
        sought = gatherer.seek_key(opened.hint, now=now)
        key = sought.found.key if sought.found else None
        result = examine(opened, key, audience=audience, nonce=nonce, now=now, context=context)
        examined.append(result)
        facts.append(gather_facts(gatherer, sought, result, now=now))
    verdict = judge(examined, CHECKS, facts, now, asked=asked, policy=policy)
    return Reached(verdict=verdict, disclosed=disclosed_of(examined, asked) if verdict.accepted else ())


def gather_facts(
    gatherer: FactGatherer, sought: Sought, examined: Examined, *, now: int, proven_before: int | None = None
) -> Facts:
    """What has to be learnt after the examination: may this issuer issue this, and does the credential still stand.

    proven_before: a time by which the credential is proven to have existed; None: where it matters, the issuer's time-stamp is asked for.
    """
    age = AgeFact(reason="stamped", proven_before=proven_before)
    if proven_before is None:
        age = gatherer.age_fact(sought, examined.credential, examined.parsed, now=now)
    issuer = gatherer.issuer_fact(sought, examined.credential, age=age)
    return Facts(
        issuer=issuer,
        status=gatherer.status_fact(sought, examined.credential, issuer, now=now),
        schema=gatherer.schema_fact(examined.credential),
    )


def disclosed_of(examined: Sequence[Examined], asked: Asked) -> tuple[Disclosed, ...]:
    """What was asked for and disclosed, of presentations that were accepted."""
    wanted = {query.query_id: query for query in asked.wanted}
    found = []
    for one in examined:
        if one.credential is not None:
            claims = one.credential.claims
            paths = [path for path, _ in wanted[one.shown.query_id].claims]
            found.append(
                Disclosed(
                    query_id=one.shown.query_id,
                    claims=tuple((path, value) for path in paths for value in select_disclosed(claims, path)),
                )
            )
    return tuple(found)
