"""The claims of one source while they are gathered, each with the file that it stands in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from common.cards.contract import ClaimValue
from common.cards.evidence import Origin, OriginKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceClaims:
    """values: by claim; pictures are bytes. files: the file of each. Neither is printed."""

    values: dict[str, ClaimValue] = field(default_factory=dict, repr=False)
    files: dict[str, str] = field(default_factory=dict)

    def add(self, file: str, claims: Mapping[str, ClaimValue]) -> None:
        """Empty texts and pictures are no claims. An empty list is one: that there is nothing to list."""
        for name, value in claims.items():
            if value not in (b"", ""):
                self.values[name] = value
                self.files[name] = file

    def without(self, names: frozenset[str]) -> SourceClaims:
        """Those that no other source tells better."""
        return SourceClaims(
            values={name: value for name, value in self.values.items() if name not in names},
            files={name: file for name, file in self.files.items() if name not in names},
        )

    def origins(self, *, signed_by: str) -> tuple[Origin, ...]:
        """signed_by: whose signature over these files was found to hold; empty: nobody's."""
        return tuple(
            Origin(
                claim=name,
                kind=_kind(isinstance(value, bytes), bool(signed_by)),
                file=self.files[name],
                signed_by=signed_by,
            )
            for name, value in self.values.items()
        )


def _kind(is_picture: bool, is_signed: bool) -> OriginKind:
    if is_picture:
        return OriginKind.SIGNED_IMAGE if is_signed else OriginKind.UNSIGNED_CHIP_IMAGE
    return OriginKind.SIGNED_TEXT if is_signed else OriginKind.UNSIGNED_CHIP_TEXT
