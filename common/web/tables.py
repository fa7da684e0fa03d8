"""The tables of logins and limits, without the web server: a gate in a terminal has no pages, but the same schema."""

from __future__ import annotations

from typing import Any

import peewee

from common.adapters.database import TenantRow


def limit_table(base: type[TenantRow]) -> type[Any]:
    """The table ``tries`` of `common.web.limits` on a program's base row."""

    class Tries(base):  # type: ignore[valid-type,misc]  # the program's own base row
        subject = peewee.CharField(max_length=64)
        window = peewee.BigIntegerField()
        count = peewee.IntegerField()
        expires_at = peewee.BigIntegerField(index=True)

        class Meta:
            table_name = "tries"
            indexes = ((("tenant", "subject", "window"), True),)

    return Tries


def login_tables(base: type[TenantRow]) -> tuple[type[Any], type[Any]]:
    """The two tables of `common.web.login`, (access_token, login_session), on a program's base row."""

    class AccessToken(base):  # type: ignore[valid-type,misc]  # the program's own base row
        digest = peewee.CharField(max_length=64, unique=True)
        name = peewee.CharField(max_length=100)
        role = peewee.CharField(max_length=20)
        created_at = peewee.BigIntegerField()
        revoked_at = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "access_token"

    class LoginSession(base):  # type: ignore[valid-type,misc]  # the program's own base row
        digest = peewee.CharField(max_length=64, unique=True)
        token = peewee.CharField(max_length=64)
        name = peewee.CharField(max_length=100)
        role = peewee.CharField(max_length=20)
        created_at = peewee.BigIntegerField()
        expires_at = peewee.BigIntegerField(index=True)

        class Meta:
            table_name = "login_session"

    return AccessToken, LoginSession
