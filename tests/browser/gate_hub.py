"""A venue's hub as a process of its own, over https under a name that is not localhost: `python -m tests.browser.gate_hub FOLDER PORT`.

It has the verifier's routes for gates and the scanner's page. Packs (`*.tgpack`, `*.tgdelta`) that are put into FOLDER/packs are loaded
in the order of their names, and are gone then; a file `lock` there names a gate to lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from common.pages.render import Pages
from common.pages.static_files import mount_static
from common.web.csrf import Csrf
from common.web.middleware import install_middleware
from common.web.problems import install_problems
from tests.fakes.fetch import FakeFetch
from verifier.deps import build_deps
from verifier.flows.create_relying_party import NewRelyingParty, create_relying_party
from verifier.gate.devices import lock
from verifier.gate.packs import load_delta, load_pack
from verifier.routes.answers import translate
from verifier.routes.gate import LARGER_BODIES, gate_routes
from verifier.routes.gate_scanner import scanner_router
from verifier.settings import VerifierSettings
from verifier.store.relying_parties import list_relying_parties

NAME = "gate.venue.test"
TENANT = "venue"
EVERY_SECONDS = 0.2


def main(folder: Path, port: int) -> None:
    settings = VerifierSettings(
        environment="sandbox",
        public_url=f"https://{NAME}:{port}",
        database_url=f"sqlite:///{folder / 'hub.sqlite3'}",
        data_dir=folder,
        job_seconds=0,
    )
    deps = build_deps(settings, fetch=FakeFetch())
    if TENANT not in list_relying_parties():
        party = NewRelyingParty(slug=TENANT, name_ja="会場", name_en="Venue", questions=("over_18",))
        create_relying_party(
            party, addresses=deps.addresses, box=deps.box, sandbox=True, now=deps.clock.now(), actor="test"
        )

    def load_what_came() -> None:
        now = int(time.time())
        for file in sorted((folder / "packs").iterdir()):
            if file.suffix == ".part":
                continue
            if file.suffix == ".tgpack":
                load_pack(TENANT, file.read_bytes(), now=now, trust_first=True)
            elif file.suffix == ".tgdelta":
                load_delta(TENANT, file.read_bytes(), now=now)
            else:
                event, gate = file.read_text().split()
                lock(TENANT, event, bytes.fromhex(gate), now=now)
            file.unlink()

    async def watch() -> None:
        while True:
            load_what_came()
            await asyncio.sleep(EVERY_SECONDS)

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(watch())
        yield
        task.cancel()

    load_what_came()
    app = FastAPI(lifespan=life)
    install_problems(app, translators=[translate])
    install_middleware(app, settings, larger_bodies=LARGER_BODIES)
    mount_static(app)
    app.include_router(scanner_router(Pages("verifier", forms=Csrf(settings))))
    app.include_router(gate_routes(deps))
    tls = {"ssl_certfile": str(folder / "tls.pem"), "ssl_keyfile": str(folder / "tls-key.pem")}
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", **tls)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
