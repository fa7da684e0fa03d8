"""What a person types to open a card: a PIN, a password, a printed number. It shows itself nowhere. Pure."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """A value that is not printed, compared, hashed, pickled or copied. `forget` overwrites our copy of it.

    Python may have made copies that nobody can reach (the text that was typed): forgetting shortens a secret's life, it does not
    promise to end it.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str | bytes) -> None:
        self._value: bytearray | None = bytearray(value.encode() if isinstance(value, str) else value)

    def reveal(self) -> bytes:
        """The value, to be handed to the card and not kept. Raises ValueError after `forget`."""
        if self._value is None:
            raise ValueError("this secret was forgotten")
        return bytes(self._value)

    def forget(self) -> None:
        """Overwrites the value. A second time does nothing."""
        if self._value is not None:
            self._value[:] = bytes(len(self._value))
            self._value = None

    @property
    def is_forgotten(self) -> bool:
        return self._value is None

    def __len__(self) -> int:
        return len(self.reveal())

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> NoReturn:
        """Comparing takes time that tells how much was alike, and nothing here has a use for it."""
        raise TypeError("a secret is not compared")

    def __hash__(self) -> NoReturn:
        raise TypeError("a secret is not hashed")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not copied or pickled")
