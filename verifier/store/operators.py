"""Who may ask in a relying party's name: access tokens and the sessions made from them; and the counts against guessing."""

from __future__ import annotations

from common.web.tables import limit_table, login_tables
from verifier.store.base import Row

OperatorToken, OperatorSession = login_tables(Row)
Tries = limit_table(Row)
