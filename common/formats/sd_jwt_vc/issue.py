"""Content → SD-JWT VC. SD-JWT VC draft-19 §2.2.

Every claim about the subject may be held back, members of objects and elements of arrays one by one, except what the content says is
always disclosed and what its open paths name.
What the format itself needs stands in the open (§2.2.2.3). Copies of one credential share nothing that would link
them beyond what the content gives: salts are fresh, the order of digests is by hash, ``iat`` is cut down to the hour, no ``jti``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.formats.credential import ClaimsPath, CredentialContent
from common.formats.sd_jwt_vc.parse import TYP
from common.formats.sd_jwt_vc.verify import IN_THE_OPEN
from common.formats.status_claim import build_status_claim
from common.jose.jwk import parse_public_jwk
from common.jose.sd_jwt import Disclosable, issue_sd_jwt
from common.ports import Signer

IAT_STEP = 3600
DIGEST_STEP = 4
"""The number of digests is filled up with decoys to a multiple of this, so that it does not tell which optional claims are there."""


def issue(content: CredentialContent, signer: Signer, *, x5c: Sequence[str] | None = None) -> str:
    """The credential with all disclosures. Raises ValueError: no vct, or a claim that bears the name of one of the format's own."""
    if not content.vct:
        raise ValueError("an SD-JWT VC needs a vct")
    if content.vct in content.aka_vcts:
        raise ValueError("aka_vcts are other types than vct")
    if not _SET_HERE.isdisjoint(content.claims):
        raise ValueError(f"the format itself sets {', '.join(sorted(_SET_HERE & content.claims.keys()))}")
    kid = f"{content.issuer}#{signer.kid}" if _is_did(content.issuer) and "#" not in signer.kid else signer.kid
    header: dict[str, Any] = {"typ": TYP, "kid": kid}
    if x5c:
        header["x5c"] = list(x5c)
    claims: dict[str, Any] = {"iss": content.issuer, "vct": content.vct}
    if content.aka_vcts:
        claims["aka_vcts"] = list(content.aka_vcts)
    if content.vct_integrity is not None:
        claims["vct#integrity"] = content.vct_integrity
    if content.issued_at is not None:
        claims["iat"] = content.issued_at - content.issued_at % IAT_STEP
    if content.valid_from is not None:
        claims["nbf"] = content.valid_from
    if content.valid_until is not None:
        claims["exp"] = content.valid_until
    if content.holder_jwk is not None:
        claims["cnf"] = {"jwk": _key_members(content.holder_jwk)}
    if content.status is not None:
        claims["status"] = build_status_claim(content.status)
    about = _mark_claims(content)
    hidden = sum(value.__class__ is Disclosable for value in about.values())
    return issue_sd_jwt(header, about, signer, decoys=-hidden % DIGEST_STEP, plain=claims)


_SET_HERE = IN_THE_OPEN | {"iat"}


def _mark_claims(content: CredentialContent) -> dict[str, Any]:
    """The claims about the subject, with marks around what may be held back."""
    always, open_paths = content.always_disclosed, content.open_paths
    if not always and not open_paths:
        return {
            name: Disclosable(value if value.__class__ is str else _mark(value, open_paths))
            for name, value in content.claims.items()
        }
    marked: dict[str, Any] = {}
    for name, value in content.claims.items():
        if name in always:
            marked[name] = value
        else:
            inner = _mark(value, _below(open_paths, name))
            marked[name] = inner if (name,) in open_paths else Disclosable(inner)
    return marked


def _is_did(issuer: str) -> bool:
    return issuer.startswith("did:")


def _key_members(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """The key and nothing that would name it twice (kid, use): the holder's key checked, private members refused."""
    parse_public_jwk(jwk)
    return {name: jwk[name] for name in ("kty", "crv", "x", "y") if name in jwk}


def _below(open_paths: frozenset[ClaimsPath], step: str | int) -> frozenset[ClaimsPath]:
    """The rest of the paths that begin with this step; None stands for every index."""
    if not open_paths:
        return open_paths
    return frozenset(
        path[1:]
        for path in open_paths
        if path[1:] and (path[0] == step or (path[0] is None and not isinstance(step, str)))
    )


def _mark(value: Any, open_paths: frozenset[ClaimsPath]) -> Any:
    """Every member and element a `Disclosable`, but for what stands in the open. One call for each level of nesting."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        members: dict[str, Any] = {}
        for name, member in value.items():
            marked = _mark(member, _below(open_paths, name))
            members[name] = marked if (name,) in open_paths else Disclosable(marked)
        return members
    if isinstance(value, list | tuple):
        elements: list[Any] = []
        for index, element in enumerate(value):
            marked = _mark(element, _below(open_paths, index))
            is_open = (index,) in open_paths or (None,) in open_paths
            elements.append(marked if is_open else Disclosable(marked))
        return elements
    return value
