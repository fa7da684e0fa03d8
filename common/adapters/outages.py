"""Which errors of a database driver mean "locked, full or gone", and which mean that a statement is wrong."""

from __future__ import annotations

import sqlite3

import peewee
import psycopg

_SQLITE_OUTAGES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_POSTGRES_OUTAGES = ("08", "53", "57", "58", "40", "55P03", "25006")
"""SQLSTATE classes: connection, resources, operator, system; deadlock; lock timeout; read-only standby."""


def is_outage(error: peewee.PeeweeException) -> bool:
    """Tells a database that is locked, full or gone from a statement that is wrong."""
    cause: object = error
    while isinstance(cause, peewee.PeeweeException):  # peewee wraps once more what went wrong while connecting
        cause = getattr(cause, "orig", None)
    if isinstance(cause, sqlite3.Error):
        return (getattr(cause, "sqlite_errorcode", 0) & 0xFF) in _SQLITE_OUTAGES
    if isinstance(cause, psycopg.Error):
        state = cause.sqlstate
        return state.startswith(_POSTGRES_OUTAGES) if state else isinstance(cause, psycopg.OperationalError)
    return False
