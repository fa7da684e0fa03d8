"""A schema that stands in a credential (JsonSchemaCredential) is believed as any credential is: signature, trust in its issuer for that
type, validity, status. That is looked at when a credential names it, and remembered for a while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from common.cache import FreshCache
from common.ports import Clock
from verifier.flows.check_text import check_text
from verifier.flows.gather_facts import FactGatherer

if TYPE_CHECKING:
    from common.formats.json_schema.library import HeldSchema

_BELIEVED_SECONDS, _DOUBTED_SECONDS = 3600, 60
_MAX_STATUS_AGE = 86_400


class SchemaBeliever:
    """Is a schema's credential to be believed now? gatherer: one that looks at no schemas, else two could ask for each other."""

    def __init__(self, gatherer: FactGatherer, clock: Clock) -> None:
        self._gatherer = gatherer
        self._clock = clock
        self._known: FreshCache[bool] = FreshCache(1024)

    def __call__(self, held: HeldSchema) -> bool:
        now = self._clock.now()
        known = self._known.get(held.address, now=now)
        if known is not None:
            return known.value
        verdict = check_text(held.credential, gatherer=self._gatherer, max_status_age=_MAX_STATUS_AGE, now=now)
        if not verdict.accepted:
            structlog.get_logger("tegata.schemas").warning(
                "schema_not_believed", address=held.address, reason=verdict.reason
            )
        ttl = _BELIEVED_SECONDS if verdict.accepted else _DOUBTED_SECONDS
        self._known.put(held.address, verdict.accepted, now=now, ttl=ttl)
        return verdict.accepted
