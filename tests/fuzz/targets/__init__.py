"""The targets, one file for the rooms that belong together, and the parsers that need none."""

from __future__ import annotations

from tests.fuzz.targets import (
    cards,
    cose,
    did,
    formats,
    gate,
    ground,
    jose,
    licences,
    mdoc,
    my_number,
    oid4,
    passport,
    pictures,
    proofs,
    schemas,
    shown,
    status,
    trust,
    web,
)

TARGETS = (
    *ground.TARGETS,
    *jose.TARGETS,
    *cose.TARGETS,
    *proofs.TARGETS,
    *did.TARGETS,
    *formats.TARGETS,
    *gate.TARGETS,
    *mdoc.TARGETS,
    *shown.TARGETS,
    *status.TARGETS,
    *trust.TARGETS,
    *oid4.TARGETS,
    *web.TARGETS,
    *pictures.TARGETS,
    *schemas.TARGETS,
    *cards.TARGETS,
    *my_number.TARGETS,
    *licences.TARGETS,
    *passport.TARGETS,
)

NOT_FOR_STRANGERS = {
    "common.web.limits:parse_limit": "a limit on tries is a setting, which the operator writes and the start-up reads",
    "common.trust.subscriptions:parse_subscription": "which lists are followed is a setting, too",
}
"""Parser → why nobody but the operator reaches it."""
