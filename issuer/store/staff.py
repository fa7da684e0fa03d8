"""Tables that the web glue brings along: staff tokens, their sessions, and counted tries. Flows do not see them."""

from __future__ import annotations

from common.web.tables import limit_table, login_tables
from issuer.store.base import Row

StaffToken, StaffSession = login_tables(Row)
Tries = limit_table(Row)
