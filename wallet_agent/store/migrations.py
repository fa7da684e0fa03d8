"""The wallet agent's schema, step by step. A released step is never edited; the next one is added below it."""

from __future__ import annotations

from common.adapters.migrations import Migration, create
from wallet_agent.store.audit import AUDIT_TABLES
from wallet_agent.store.tables import TABLES, CardAttempt, Pass
from wallet_agent.store.tries import TRIES

MIGRATIONS = (
    Migration(1, "wallets", create(*TABLES, *AUDIT_TABLES, TRIES)),
    Migration(2, "numbers of cards are not guessed", create(CardAttempt)),
    Migration(3, "tickets have gate passes", create(Pass)),
)
