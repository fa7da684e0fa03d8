"""Signing keys by API: look, make, rotate, withdraw, renew certificates; and offer a type anew under another algorithm."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from common.web.login import Visitor
from issuer.deps import Deps
from issuer.flows.change_keys import add_key, declare_compromised, rotate_key
from issuer.flows.list_keys import list_keys
from issuer.flows.reissue_roll import reissue_roll
from issuer.flows.renew_certificates import renew_certificates
from issuer.routes.staff_models import Asked, Text

Kid = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
PathKid = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Backend = Literal["software", "pkcs11"]


class KeyOut(BaseModel):
    """Times in seconds since 1970; 0 for never, and for no certificate. copies: living ones that it signed."""

    kid: str
    alg: str
    state: Literal["next", "active", "retired", "compromised"]
    backend: Backend
    published_at: int
    active_from: int
    retired_at: int
    compromised_since: int
    certificate_until: int
    copies: int


class KeysOut(BaseModel):
    keys: list[KeyOut]


class AddKey(Asked):
    alg: Text
    backend: Backend | None = None


class AddedOut(BaseModel):
    kid: str


class RotateKey(Asked):
    """overlap: seconds; absent: by setting. replacing: the kid to be replaced; if it has been, nothing is done."""

    alg: Text = "ES256"
    overlap: Annotated[int, Field(ge=0, le=10 * 365 * 86_400)] | None = None
    replacing: Kid | None = None
    backend: Backend | None = None


class RotatedOut(BaseModel):
    alg: str
    kid: str
    replaces: str
    active_from: int
    made: bool


class Compromised(Asked):
    since: Annotated[int, Field(ge=1, le=1 << 52)]


class WithdrawalOut(BaseModel):
    """successor: the key that signs now, or empty. credentials: living copies that the withdrawn key signed."""

    kid: str
    compromised_since: int
    successor: str
    credentials: int


class RenewedOut(BaseModel):
    renewed: list[str]


class Renewal(Asked):
    """alg: from now on the type is signed with it. format: of the new copies; absent: as each is held."""

    type: Text
    alg: Text = ""
    format: Text = ""
    mail: bool = True
    tx_code: bool = True
    dry_run: bool = False


class RenewalOut(BaseModel):
    people: int
    renewed: int
    waiting: int
    offered: int
    mailed: int
    without_mail: int
    not_entitled: int


def staff_key_routes(deps: Deps) -> APIRouter:
    """Every route needs a staff token of the path's institution."""
    router = APIRouter(prefix="/{tenant}/api", tags=["staff"])
    desk = deps.desk
    staff = Depends(deps.login.api("staff"))

    @router.get("/keys")
    def list_all(visitor: Visitor = staff) -> KeysOut:
        """All signing keys that the institution ever had, newest first."""
        return KeysOut(keys=[KeyOut.model_validate(asdict(one)) for one in list_keys(desk, visitor.tenant)])

    @router.post("/keys")
    def add(tenant: str, asked: AddKey, visitor: Visitor = staff) -> AddedOut:
        """Makes a key for one more algorithm; where there is one, nothing is made."""
        return AddedOut(kid=add_key(desk, tenant, asked.alg, actor=visitor.actor, backend=asked.backend))

    @router.post("/keys/rotate")
    def rotate(tenant: str, asked: RotateKey, visitor: Visitor = staff) -> RotatedOut:
        """Publishes a successor now, which signs after the overlap. What the old key signed stays valid."""
        done = rotate_key(
            desk,
            tenant,
            alg=asked.alg,
            overlap=asked.overlap,
            replacing=asked.replacing,
            backend=asked.backend,
            actor=visitor.actor,
        )
        return RotatedOut(**asdict(done))

    @router.post("/keys/{kid}/compromised")
    def compromised(tenant: str, kid: PathKid, asked: Compromised, visitor: Visitor = staff) -> WithdrawalOut:
        """The key is in the hands of strangers: it never signs again, and a new one signs at once."""
        return WithdrawalOut(**asdict(declare_compromised(desk, tenant, kid, since=asked.since, actor=visitor.actor)))

    @router.post("/keys/{kid}/certificate")
    def renew(tenant: str, kid: PathKid, visitor: Visitor = staff) -> RenewedOut:
        """A new X.509 certificate for this key, now. The server renews by itself, too."""
        return RenewedOut(renewed=list(renew_certificates(desk, tenant, actor=visitor.actor, kid=kid, always=True)))

    @router.post("/renewals")
    def renew_roll(tenant: str, asked: Renewal, visitor: Visitor = staff) -> RenewalOut:
        """Offers a type anew to all who hold it. Their old certificates fall when they take the new ones."""
        report = reissue_roll(
            desk,
            tenant,
            asked.type,
            alg=asked.alg,
            form=asked.format,
            mail=asked.mail,
            tx_code=asked.tx_code,
            dry_run=asked.dry_run,
            actor=visitor.actor,
        )
        return RenewalOut(**asdict(report))

    return router
