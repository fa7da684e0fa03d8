"""A program's database as somebody sees it who may read everything: what the programs say of themselves is not evidence enough."""

from __future__ import annotations

import sqlite3
from typing import Any

import psycopg

from examples.demo.programs import Program


class Ledger:
    """Reads; never writes."""

    def __init__(self, program: Program) -> None:
        prefix = f"TEGATA_{program.name}_".upper()
        self.url = program.environment.get(f"{prefix}DATABASE_URL") or (
            f"sqlite:///{program.environment[f'{prefix}DATA_DIR']}/{program.name}.sqlite3"
        )

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """query: SQL with ``?`` for each value."""
        if self.url.startswith("sqlite:///"):
            with sqlite3.connect(f"file:{self.url.removeprefix('sqlite:///')}?mode=ro", uri=True, timeout=10) as file:
                return file.execute(query, values).fetchall()
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.replace("%", "%%").replace("?", "%s").encode(), values).fetchall()

    def one(self, query: str, *values: object) -> Any:
        """The only value of the only row."""
        ((value,),) = self.rows(query, *values)
        return value
