"""Trust lists on disk, so that a restart without network has the last good ones. One file each; written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from hashlib import sha256
from pathlib import Path

import structlog

from common.did.resolve import Resolver
from common.ports import Clock, Fetch
from common.settings import ProgramSettings
from common.trust.anchors import Anchors, TrustAnchors
from common.trust.subscriptions import SubscribedAnchors, parse_subscription


class TrustListFiles:
    """Implements common.trust.subscriptions.KeptLists in a folder that is made when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, address: str) -> Path:
        return self._folder / f"{sha256(address.encode()).hexdigest()}.json"

    def read(self, address: str) -> bytes | None:
        try:
            return self._path(address).read_bytes()
        except OSError:
            return None

    def write(self, address: str, content: bytes) -> None:
        """A disk that is full costs the memory of the list, not the list."""
        path = self._path(address)
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(content)
            os.replace(part, path)
        except OSError as error:
            structlog.get_logger("tegata.trust_lists").warning("trust_list_not_kept", problem=error.strerror)
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def subscribe(
    own: TrustAnchors, settings: ProgramSettings, *, fetch: Fetch, resolver: Resolver, clock: Clock
) -> SubscribedAnchors | None:
    """The program's anchors with the lists of its settings, opened; None where it subscribes to none. Raises Misconfigured."""
    subscriptions = [parse_subscription(text) for text in settings.trust_lists]
    if not subscriptions:
        return None
    anchors = SubscribedAnchors(
        own,
        subscriptions,
        fetch=fetch,
        resolver=resolver,
        clock=clock,
        kept=TrustListFiles(settings.data_dir / "trust-lists"),
        every=settings.trust_list_seconds,
        sandbox=settings.is_sandbox,
    )
    anchors.open()
    return anchors


def refresh(anchors: Anchors) -> None:
    """A job: looks at the lists that are due, and says in the log which could not be had."""
    if isinstance(anchors, SubscribedAnchors):
        for state in anchors.refresh():
            if state.problem:
                structlog.get_logger("tegata.trust_lists").warning(
                    "trust_list_failed", address=state.address, problem=state.problem, sequence=state.sequence
                )
