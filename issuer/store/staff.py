"""Tables that the web glue brings along: staff tokens, their sessions, and counted tries. Flows do not see them."""

from __future__ import annotations

from common.web.limits import limit_table
from common.web.login import login_tables
from issuer.store.base import Row

StaffToken, StaffSession = login_tables(Row)
Tries = limit_table(Row)
