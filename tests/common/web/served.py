"""A program for the server tests, imported by its worker processes: settings from the environment, a database, slow and quick routes."""

from __future__ import annotations

import asyncio
import os
import sys
import time

import peewee
from fastapi import FastAPI, Request

from common import failpoints
from common.adapters.database import SystemRow, changed, open_database, transaction
from common.adapters.logs import set_up_logs
from common.web.connection import is_ending
from common.web.health import health_routes
from common.web.middleware import install_middleware
from common.web.problems import install_problems
from common.web.server import make_lifespan, serve
from tests.common.web.toy_settings import ToySettings


class Counter(SystemRow):
    value = peewee.IntegerField()


def create_app() -> FastAPI:
    settings = ToySettings.load()
    set_up_logs(settings.log_level, settings.program)
    database = open_database(settings.database_address)
    database.bind([Counter])

    def start() -> None:
        database.create_tables([Counter])

    app = FastAPI(
        lifespan=make_lifespan(settings, start=[start], stop=[database.close_all, lambda: print("stopped", flush=True)])
    )

    @app.get("/pid")
    def pid() -> int:
        return os.getpid()

    @app.get("/slow")
    def slow(request: Request, seconds: float = 1.0) -> str:
        print("working", flush=True)
        time.sleep(seconds)
        return "done"

    @app.get("/held")
    async def held(request: Request) -> str:
        print("working", flush=True)
        while not is_ending(request):
            await asyncio.sleep(0.05)
        return "let go"

    @app.get("/peer")
    def peer(request: Request) -> str:
        return request.client.host if request.client else ""

    @app.post("/count")
    def count() -> bool:
        with transaction(database, "count"):
            return changed(Counter.insert(value=1).as_rowcount())

    @app.post("/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    app.include_router(health_routes(settings, {}))
    install_problems(app)
    install_middleware(app, settings)
    failpoints.hit("served.built")
    return app


if __name__ == "__main__":
    serve("tests.common.web.served:create_app", ToySettings.load(port=int(sys.argv[1])))
