"""What one gate goes by: a verified pack as seen from one entrance, in the words of the rules, made once for all tickets. Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from common.formats.gate_pass.verify import IssuerKey
from verifier.checks.contract import IssuerFact, StatusFact, Wanted
from verifier.checks.gate_facts import WantedGate
from verifier.checks.verdict import Believed
from verifier.flows.judge import Asked
from verifier.flows.policy import Policy

FORMAT = "tegata_gate_pass"
_RULES = ("format_valid", "issuer_trusted", "issuer_signature", "holder_bound", "not_replayed", "within_validity")
_PAPER = tuple(name for name in _RULES if name not in ("holder_bound", "not_replayed"))
_LAST = ("not_revoked", "ticket_admits")
STALE = frozenset({"not_revoked"})
"""Old news of the revocations. A person may make up for them by looking at a document, where the organiser says so; whoever leaves is let
go with any."""
QUERY = "ticket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What people call a thing, in both languages."""

    ja: str
    en: str

    def in_language(self, code: str) -> str:
        return self.ja if code == "ja" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePlan:
    """issuer_keys: of the pack, with their times. revoked, excluded: status indices.

    as_of: when the status was true; stale_after: seconds for which it is believed; document_for_stale: after that a look at a document
    makes up for it, otherwise nobody enters. names: of this gate's entrance; others: of all, by number. has_place: False once the organiser
    has given this device other entrances.
    """

    event: str
    serial: int
    issued_at: int
    issuer_keys: tuple[IssuerKey, ...]
    revoked: Container[int]
    excluded: Container[int]
    as_of: int
    stale_after: int
    document_for_stale: bool
    asks: WantedGate
    challenge_seconds: int
    event_names: Names
    entrances: Mapping[int, Names]
    classes: Mapping[int, Names]
    has_place: bool = True


class Bench:
    """What `verifier.flows.judge.judge` is given for every ticket at this gate, made once."""

    __slots__ = ("_policies", "asked", "believed", "good", "plan", "stranger", "withdrawn")

    def __init__(self, plan: GatePlan) -> None:
        wanted = Wanted(query_id=QUERY, format=FORMAT, types=(), claims=(), gate=plan.asks)
        self.plan = plan
        self.asked = Asked(question="gate", wanted=(wanted,), sets=(((QUERY,),),))
        believed = Believed(path="gate_pack", evidence=f"{plan.event} {plan.serial}", as_of=plan.issued_at)
        self.believed = IssuerFact(believed=believed, trusted=True)
        self.stranger = IssuerFact(believed=None, trusted=False)
        self.good = StatusFact(listed=True, value=0, as_of=plan.as_of)
        self.withdrawn = StatusFact(listed=True, value=1, as_of=plan.as_of)
        self._policies = {
            (bound, seen): Policy(
                required=((*_RULES, *_LAST) if bound else (*_PAPER, *_LAST)),
                forgive=STALE if plan.asks.leaving or (seen and plan.document_for_stale) else frozenset(),
                max_status_age=plan.stale_after,
            )
            for bound in (True, False)
            for seen in (True, False)
        }

    def policy(self, *, bound: bool, document_seen: bool) -> Policy:
        """A ticket on paper has no holder's key to prove."""
        return self._policies[bound, document_seen]
