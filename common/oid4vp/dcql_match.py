"""A wallet's side of DCQL: which of my cards answer the query, and with which claims (OpenID4VP 1.0 §6.4).

Pure: the holder's cards come in as `Candidate`s, the choices go out; who chooses is the holder (``holder/consent``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from common.errors import Malformed, Refused
from common.formats.credential import ClaimsPath
from common.oid4vp.claims_path import matches_any, select
from common.oid4vp.dcql import (
    JWT_VC_JSON,
    LDP_VC,
    MSO_MDOC,
    SD_JWT_VC,
    ClaimQuery,
    CredentialQuery,
    CredentialSetQuery,
    DcqlQuery,
)

VC_TYPE = "https://www.w3.org/2018/credentials#VerifiableCredential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One card of the wallet. types: vct (then those it extends), or W3C types, short and expanded. claims: the whole document, all
    disclosed. holder_bound: its key can sign a presentation. authorities: (type, value) pairs for trusted_authorities."""

    id: str
    format: str
    types: tuple[str, ...]
    claims: Mapping[str, Any] = field(repr=False)
    holder_bound: bool = True
    authorities: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One card answering one credential query. paths: what to disclose, nothing else; empty: only what cannot be held back.

    alternative: index of the claim set that was satisfied (0 where there are none).
    """

    query_id: str
    candidate_id: str
    paths: tuple[ClaimsPath, ...]
    alternative: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetChoice:
    """A credential set with those of its options that the wallet can satisfy, in the verifier's order."""

    required: bool
    options: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """choices: query id → cards that answer it (queries without any are absent). sets: as asked, options that can be satisfied."""

    query: DcqlQuery
    choices: Mapping[str, tuple[Choice, ...]]
    sets: tuple[SetChoice, ...]

    @property
    def satisfiable(self) -> bool:
        """Whether every required set has an option. If not, nothing may be returned at all (§6.4.2)."""
        return all(one.options for one in self.sets if one.required)

    @property
    def missing(self) -> tuple[str, ...]:
        """Ids of credential queries that no card answers."""
        return tuple(one.id for one in self.query.credentials if one.id not in self.choices)

    def preferred(self, *, optional: bool = False) -> tuple[Choice, ...]:
        """The verifier's favourite options with the first card for each. optional: also the sets that are not required.

        Raises Refused("credential_missing") where a required set cannot be satisfied.
        """
        if not self.satisfiable:
            raise Refused("credential_missing", "no card here satisfies the request")
        wanted = [one.options[0] for one in self.sets if one.options and (one.required or optional)]
        names = dict.fromkeys(name for option in wanted for name in option)
        return tuple(self.choices[name][0] for name in names)

    def pick(self, picked: Mapping[str, Sequence[str]]) -> tuple[Choice, ...]:
        """The holder's own choice: query id → ids of the cards to show. Nothing is added to it.

        Raises Refused("credential_missing") where it leaves a required set unsatisfied, Malformed("bad_choice") for a card that
        does not answer its query, or several where one is asked for.
        """
        found: list[Choice] = []
        for query_id, ids in picked.items():
            query = self.query.credential(query_id)
            if query is None or not ids or len(set(ids)) != len(ids) or (len(ids) > 1 and not query.multiple):
                raise Malformed("bad_choice", "not a choice that the request leaves open")
            offered = {one.candidate_id: one for one in self.choices.get(query_id, ())}
            if any(one not in offered for one in ids):
                raise Malformed("bad_choice", "a chosen card does not answer what is asked")
            found.extend(offered[one] for one in ids)
        if any(one.required and not any(set(option) <= picked.keys() for option in one.options) for one in self.sets):
            raise Refused("credential_missing", "the choice leaves out something that is required")
        return tuple(found)


def match(query: DcqlQuery, candidates: Sequence[Candidate]) -> Choices:
    """All cards that answer each credential query, in the order given, each with the smallest answer that will do (§6.4)."""
    choices: dict[str, tuple[Choice, ...]] = {}
    for one in query.credentials:
        found = tuple(choice for candidate in candidates if (choice := match_one(one, candidate)) is not None)
        if found:
            choices[one.id] = found
    return Choices(query=query, choices=choices, sets=tuple(_satisfiable(one, choices) for one in query.sets()))


def _satisfiable(one: CredentialSetQuery, choices: Mapping[str, object]) -> SetChoice:
    return SetChoice(
        required=one.required,
        options=tuple(option for option in one.options if all(name in choices for name in option)),
    )


def match_one(query: CredentialQuery, candidate: Candidate) -> Choice | None:
    """The answer that this card can give to this credential query, or None.

    1. format, 2. holder binding (§6.1), 3. meta (appendix B.1.1, B.2.3, B.3.5), 4. trusted authorities (§6.1.1), 5. claims (§6.4.1)
    """
    # 1 · format, 2 · holder binding, 3 · meta
    if candidate.format != query.format or (query.holder_binding and not candidate.holder_bound):
        return None
    if not fits_meta(query, candidate.types):
        return None
    # 4 · authorities
    wanted = {(one.type, value) for one in query.trusted_authorities for value in one.values}
    if wanted and wanted.isdisjoint(candidate.authorities):
        return None
    # 5 · claims: the first combination that can be satisfied
    for number, combination in enumerate(query.alternatives()):
        paths = _disclose(combination, candidate.claims)
        if paths is not None:
            return Choice(query_id=query.id, candidate_id=candidate.id, paths=paths, alternative=number)
    return None


def fits_meta(query: CredentialQuery, types: Sequence[str]) -> bool:
    """Whether a credential of these types is asked for. A format that we do not know has no types that fit."""
    if query.format == SD_JWT_VC:
        return not query.vct_values or any(one in query.vct_values for one in types)
    if query.format == MSO_MDOC:
        return query.doctype_value in types
    if query.format in (JWT_VC_JSON, LDP_VC):
        known = set(types) | ({VC_TYPE} if "VerifiableCredential" in types else set())
        return not query.type_values or any(known.issuperset(one) for one in query.type_values)
    return False


def _disclose(combination: Sequence[ClaimQuery], claims: Mapping[str, Any]) -> tuple[ClaimsPath, ...] | None:
    """The paths that satisfy all claims queries, or None. Where values are asked for, only the elements that have them."""
    paths: dict[ClaimsPath, None] = {}
    for query in combination:
        selected = select(claims, query.path)
        fitting = [place for place, value in selected if matches_any(value, query.values)]
        if not fitting:
            return None
        if query.values and None in query.path:
            paths.update(dict.fromkeys(fitting))
        else:
            paths[query.path] = None
    return tuple(islice(paths, 4096))
