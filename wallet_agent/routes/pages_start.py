"""The pages in front of the lock: which wallet, a new one, one from a backup, and the passphrase."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Form, Request, Response, UploadFile

from common.errors import Conflict, Malformed, NotFound, Refused, Rejected, TooMany, Unsupported
from common.pages.route import page_router, to
from common.web.limits import client_address
from wallet_agent.holder.backup import restore_backup
from wallet_agent.holder.create_holder import create_holder, parse_tenant
from wallet_agent.holder.unlock import open_with_passphrase
from wallet_agent.routes.page_door import PageDoor, inside
from wallet_agent.vault.sealed_file import MAX_FILE, open_backup

MAX_QUERY = 60_000
RIGHT = {"name": "", "passphrase": "", "again": ""}
ABOUT_NAME = ("bad_wallet_name", "name_taken")


def start_pages(door: PageDoor) -> APIRouter:
    router = page_router(door.pages)
    guarded = [Depends(door.csrf.protect())]
    settings, clock = door.deps.settings, door.deps.clock

    def which(request: Request, *, status: int = 200, name: str = "", query: str = "", wrong: bool = False) -> Response:
        return door.pages.response(
            request, "start.html", status=status, signup=settings.signup_is_open, name=name, query=query, wrong=wrong
        )

    @router.get("/")
    def front(request: Request) -> Response:
        return which(request, name=door.last_wallet(request))

    @router.get("/open")
    def open_link(request: Request) -> Response:
        """An offer or a question from another page of this device, for whichever wallet its holder uses here."""
        query, known = request.url.query[:MAX_QUERY], door.last_wallet(request)
        return to(f"/{known}/open?{query}") if known else which(request, query=query)

    @router.post("/open", dependencies=guarded)
    def choose(
        request: Request, name: str = Form("", max_length=200), query: str = Form("", max_length=MAX_QUERY)
    ) -> Response:
        try:
            tenant = parse_tenant(name.strip().lower())
        except Malformed:
            return which(request, status=400, name=name, query=query, wrong=True)
        return to(f"/{tenant}/open?{query}" if query else f"/{tenant}/")

    @router.get("/new")
    def new(request: Request) -> Response:
        _need_signup(door)
        return door.pages.response(request, "new.html", name="", wrong=RIGHT)

    @router.post("/new", dependencies=guarded)
    def create(
        request: Request,
        name: str = Form("", max_length=200),
        passphrase: str = Form("", max_length=4096),
        again: str = Form("", max_length=4096),
    ) -> Response:
        _need_signup(door)
        name = name.strip().lower()
        wrong = dict(RIGHT)
        if passphrase != again:
            wrong["again"] = "mismatch"
        else:
            door.deps.limits.count("-", settings.signup_limit, "signup", client_address(request))
            try:
                vault = create_holder(name, passphrase, cost=settings.passphrase_cost, clock=clock)
                return door.enter(vault, f"/{vault.tenant}/")
            except (Malformed, Conflict) as error:
                wrong["name" if error.code in ABOUT_NAME else "passphrase"] = error.code
        return door.pages.response(request, "new.html", status=400, name=name, wrong=wrong)

    @router.get("/restore")
    def restore_form(request: Request) -> Response:
        _need_signup(door)
        return door.pages.response(request, "restore.html", name="", wrong="")

    @router.post("/restore", dependencies=guarded)
    def restore(
        request: Request,
        file: UploadFile,
        name: str = Form("", max_length=200),
        passphrase: str = Form("", max_length=4096),
    ) -> Response:
        _need_signup(door)
        door.deps.limits.count("-", settings.signup_limit, "signup", client_address(request))
        name = name.strip().lower()
        try:
            content = file.file.read(MAX_FILE + 1)
            open_backup(content, passphrase)  # before a wallet of that name is made
            vault = create_holder(name, passphrase, cost=settings.passphrase_cost, clock=clock)
            restore_backup(vault, content, passphrase, clock=clock)
        except (Malformed, Conflict, Refused, Rejected, Unsupported) as error:
            if isinstance(error, TooMany):
                raise
            return door.pages.response(request, "restore.html", status=400, name=name, wrong=error.code)
        return door.enter(vault, f"/{vault.tenant}/")

    @router.get("/{tenant}/unlock")
    def unlock_form(request: Request, tenant: str, next: str = "") -> Response:  # noqa: A002 - the word of the address
        parse_tenant(tenant)
        return _ask(door, request, tenant, inside(next, tenant))

    @router.post("/{tenant}/unlock", dependencies=guarded)
    def unlock(
        request: Request,
        tenant: str,
        passphrase: str = Form("", max_length=4096),
        next: str = Form("", max_length=4000),  # noqa: A002
    ) -> Response:
        address = inside(next, tenant)
        door.deps.limits.count("-", settings.guess_limit, "unlock", client_address(request))
        try:
            vault = open_with_passphrase(parse_tenant(tenant), passphrase, clock=clock, cost=settings.passphrase_cost)
        except TooMany as error:
            return _ask(door, request, tenant, address, status=429, wait=error.retry_after)
        except Refused:
            return _ask(door, request, tenant, address, status=403, wrong=True)
        return door.enter(vault, address)

    @router.get("/{tenant}")
    def without_slash(tenant: str) -> Response:
        try:
            return to(f"/{parse_tenant(tenant)}/")
        except Malformed:
            raise NotFound("no_such_page", "there is no such page") from None

    @router.post("/{tenant}/lock", dependencies=guarded)
    def close(request: Request, tenant: str) -> Response:
        return door.leave(request, parse_tenant(tenant))

    return router


def _ask(
    door: PageDoor,
    request: Request,
    tenant: str,
    address: str,
    *,
    status: int = 200,
    wrong: bool = False,
    wait: int | None = None,
) -> Response:
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return door.pages.response(
        request, "unlock.html", status=status, headers=headers, tenant=tenant, next=address, wrong=wrong, wait=wait
    )


def _need_signup(door: PageDoor) -> None:
    if not door.deps.settings.signup_is_open:
        raise Refused("signup_closed", "new wallets cannot be made here")
