"""One fuzz target: a parser, and how a string of bytes becomes its argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common.cbor import decode as decode_cbor
from common.encoding import parse_json
from common.errors import TegataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """parsers: ``module:function`` of every parser that ``call`` leads to, for the test that none is forgotten. seeds: to start from."""

    name: str
    call: Callable[[bytes], object]
    parsers: tuple[str, ...]
    seeds: tuple[bytes, ...] = ()

    def holds(self, data: bytes) -> bool:
        """Runs the target. True: it gave a value; False: it refused. Whatever else it raises is a finding, and passes through."""
        try:
            self.call(data)
        except TegataError:
            return False
        return True


def name_of(function: Callable[..., object]) -> str:
    return f"{function.__module__}:{function.__name__}"


def of_bytes(function: Callable[[bytes], object], *seeds: bytes, also: tuple[Any, ...] = ()) -> Target:
    return _target(function, function, seeds, also)


def of_text(function: Callable[[str], object], *seeds: str, also: tuple[Any, ...] = ()) -> Target:
    return _target(function, lambda data: function(data.decode("utf-8", "replace")), _encoded(seeds), also)


def of_json(function: Callable[[Any], object], *seeds: str, also: tuple[Any, ...] = ()) -> Target:
    """For functions that take what JSON decodes to."""
    return _target(function, lambda data: function(parse_json(data)), _encoded(seeds), also)


def of_object(function: Callable[[Any], object], *seeds: str, also: tuple[Any, ...] = ()) -> Target:
    """For functions that take a JSON object, as their callers promise."""

    def call(data: bytes) -> object:
        value = parse_json(data)
        return function(value) if isinstance(value, dict) else None

    return _target(function, call, _encoded(seeds), also)


def of_cbor(function: Callable[[Any], object], *seeds: bytes, also: tuple[Any, ...] = ()) -> Target:
    return _target(function, lambda data: function(decode_cbor(data)), seeds, also)


def reading(
    function: Callable[..., object], call: Callable[[bytes], object], *seeds: bytes, also: tuple[Any, ...] = ()
) -> Target:
    """For functions that need more than what a stranger sends, or what he sends in another form. Named by ``function``."""
    return _target(function, call, seeds, also)


def _target(
    function: Callable[..., object], call: Callable[[bytes], object], seeds: tuple[bytes, ...], also: tuple[Any, ...]
) -> Target:
    module = function.__module__.removeprefix("common.").replace(".", "-")
    return Target(
        name=f"{module}-{function.__name__}",
        call=call,
        parsers=(name_of(function), *(name_of(one) for one in also)),
        seeds=seeds,
    )


def _encoded(seeds: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(seed.encode() for seed in seeds)
