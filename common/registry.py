"""An explicit list of named members. It refuses duplicates and, asked for a stranger, names what it knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from common.errors import Unsupported

T = TypeVar("T")


class Registry(Generic[T]):
    """Members by name, in the order given. ``kind`` names what they are, for the error text ("credential format")."""

    def __init__(self, kind: str, members: Iterable[T], *, name: Callable[[T], str]) -> None:
        self.kind = kind
        self._by_name: dict[str, T] = {}
        for member in members:
            key = name(member)
            if key in self._by_name:
                raise ValueError(f"two members of the registry of {kind}s are named {key!r}")
            self._by_name[key] = member

    def __getitem__(self, name: str) -> T:
        """The member of that name. Raises Unsupported, listing what is known."""
        try:
            return self._by_name[name]
        except KeyError:
            raise Unsupported(
                f"unknown_{self.kind.replace(' ', '_')}",
                f"{name!r} is not a {self.kind} known here; known: {', '.join(self._by_name)}",
                known=tuple(self._by_name),
            ) from None

    def __iter__(self) -> Iterator[T]:
        return iter(self._by_name.values())

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __len__(self) -> int:
        return len(self._by_name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._by_name)
