"""Where the issuer's tables find their database. One process serves one database; `bind` names it once, at start-up."""

from __future__ import annotations

import peewee

from common.adapters.database import Database, TenantRow

database = peewee.DatabaseProxy()


class Row(TenantRow):
    """Base of the issuer's tables: every row carries its institution's slug in ``tenant``."""

    class Meta:
        database = database


def bind(opened: Database) -> None:
    """Makes ``opened`` the database of every table here."""
    database.initialize(opened)
