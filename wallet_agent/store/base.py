"""The base of the wallet agent's tables, and the database they are bound to. ``deps`` binds it once per process."""

from __future__ import annotations

from peewee import DatabaseProxy

from common.adapters.database import Database, TenantRow, open_database

database = DatabaseProxy()


class WalletRow(TenantRow):
    """A row of one holder. The tenant guard refuses any query on it that does not name the holder."""

    class Meta:
        database = database


def bind(url: str) -> Database:
    """Opens the database and gives it to the tables. Raises Misconfigured."""
    opened = open_database(url)
    database.initialize(opened)
    return opened
