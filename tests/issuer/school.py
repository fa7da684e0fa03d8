"""A school for tests: the issuer's live objects over a fixed clock, a few people in the roll, and a wallet's side of the protocol."""

from __future__ import annotations

import functools
import io
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common.adapters.database import open_database
from common.adapters.migrations import migrate
from common.cards.trust import CardTrust
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from common.oid4vci.credential_offer import OfferByReference, parse_offer_link
from common.oid4vci.proof_jwt import build_proof_jwt
from common.ports import Mail
from issuer.app import build_app
from issuer.connectors.csv_file import read_rows
from issuer.deps import Deps, open_deps
from issuer.flows.create_institution import create_institution
from issuer.flows.import_roll import ImportReport, import_roll
from issuer.flows.person_facts import find_person
from issuer.settings import IssuerSettings
from issuer.store.migrations import MIGRATIONS
from tests.fakes.app_client import AppClient
from tests.fakes.clock import FixedClock

TENANT = "sakuragawa"
BASE = "http://localhost:8101"
PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
HEADER = (
    "student_number,family_name,given_name,family_name_kana,given_name_kana,family_name_latin,given_name_latin,"
    "birth_date,email,faculty,department,degree,enrolled_on,graduated_on,status,withdrawn_on,language"
)
ROLL = f"""{HEADER}
S001,髙橋,花子,ﾀｶﾊｼ,ﾊﾅｺ,Takahashi,Hanako,2005-04-02,hanako@example.jp,文学部,日本文学科,学士（文学）,2024-04-01,,enrolled,,ja
S002,𠮷田,太郎,ヨシダ,タロウ,Yoshida,Taro,2010-01-31,taro@example.jp,理学部,物理学科,学士（理学）,2026-04-01,,enrolled,,en
G003,山﨑,彩,ヤマサキ,アヤ,Yamasaki,Aya,2001-11-03,,工学部,情報工学科,学士（工学）,2020-04-01,2024-03-24,graduated,,ja
"""


@dataclass
class Outbox:
    """Implements ports.SendMail: keeps the mails, or raises what it is told to."""

    mails: list[Mail] = field(default_factory=list)
    error: Exception | None = None

    def send(self, mail: Mail) -> None:
        if self.error is not None:
            raise self.error
        self.mails.append(mail)


@dataclass
class School:
    deps: Deps
    clock: FixedClock
    client: AppClient
    outbox: Outbox
    token: str

    @property
    def desk(self) -> Any:
        return self.deps.desk

    @property
    def staff(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def person(self, student_number: str = "S001") -> Any:
        return find_person(TENANT, student_number=student_number)

    def import_text(self, text: str, **options: Any) -> ImportReport:
        return import_roll(self.desk, TENANT, read_rows(io.BytesIO(text.encode())), actor="test", **options)


def settings_for(url: str, folder: Path, **more: Any) -> IssuerSettings:
    values: dict[str, Any] = {
        "environment": "sandbox",
        "database_url": url,
        "data_dir": folder,
        "smtp_host": "localhost",
        "smtp_from": "school@example.jp",
        "guess_limit": "1000/minute",
        **more,
    }
    return IssuerSettings(**values)


def open_school(
    url: str, folder: Path, *, card_trust_given: CardTrust | None = None, now: int | None = None, **more: Any
) -> School:
    """card_trust_given: instead of the folders of the setting card_trust."""
    _lay_schema(url)
    clock, outbox = FixedClock() if now is None else FixedClock(now), Outbox()
    deps = open_deps(settings_for(url, folder, **more), clock=clock, send_mail=outbox, card_trust=card_trust_given)
    names = {"name_ja": "桜川大学", "name_en": "Sakuragawa University", "seal": "桜川"}
    create_institution(deps.desk, TENANT, **names, actor="test")
    token = deps.login.new_token(TENANT, "registrar", "staff")
    client = AppClient(build_app(deps), base_url=BASE)
    made = School(deps=deps, clock=clock, client=client, outbox=outbox, token=token)
    made.import_text(ROLL)
    return made


def _lay_schema(url: str) -> None:
    """A new SQLite file gets the newest schema as a copy, made once a process by all the steps; PostgreSQL takes them each time."""
    file = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(0o600)
        file.write_bytes(_newest_schema())


@functools.cache
def _newest_schema() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "schema.sqlite3")
        database = open_database(f"sqlite:///{file}")
        migrate(database, MIGRATIONS, now=FixedClock().now())
        database.close_all()
        assert not list(file.parent.glob("*-wal"))
        return file.read_bytes()


@dataclass
class Wallet:
    """The holder's side, step by step."""

    school: School
    access_token: str = ""
    refresh_token: str = ""

    def redeem(self, made: Any, *, tx_code: str | None = "right", expect: int = 200, **form: str) -> Any:
        """made: a `MadeOffer`, claimed by reference. tx_code: "right", another one, or None for none."""
        link = parse_offer_link(made.link)
        assert isinstance(link, OfferByReference)
        offer = self.school.client.get(link.address).json()
        code = offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"]
        data = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": code, **form}
        if tx_code == "right" and made.tx_code:
            data["tx_code"] = made.tx_code
        elif tx_code not in ("right", None):
            data["tx_code"] = str(tx_code)
        return self.post_token(data, expect=expect)

    def post_token(self, data: dict[str, str], *, expect: int = 200) -> Any:
        answer = self.school.client.post(f"/{TENANT}/token", data=data)
        assert answer.status_code == expect, answer.text
        body = answer.json()
        if expect == 200:
            self.access_token, self.refresh_token = body["access_token"], body.get("refresh_token", "")
        return body

    def nonce(self) -> str:
        return str(self.school.client.post(f"/{TENANT}/nonce").json()["c_nonce"])

    def proofs(self, count: int = 1, *, nonce: str | None = None, did: bool = False, keys: Any = None) -> list[str]:
        nonce = nonce or self.nonce()
        keys = keys or [SoftwareKey.generate() for _ in range(count)]
        made = []
        for key in keys:
            kid = None
            if did:
                name = encode_did_key(key.public_jwk())
                kid = f"did:key:{name}#{name}"
            made.append(
                build_proof_jwt(key, issuer=f"{BASE}/{TENANT}", nonce=nonce, now=self.school.clock.now(), kid=kid)
            )
        return made

    def ask(self, configuration: str, proofs: list[str], *, expect: int = 200, **more: Any) -> Any:
        answer = self.school.client.post(
            f"/{TENANT}/credential",
            json={"credential_configuration_id": configuration, "proofs": {"jwt": proofs}, **more},
            headers={"Authorization": f"Bearer {self.access_token}"},
        )
        assert answer.status_code == expect, answer.text
        return answer.json()

    def claim(self, made: Any, configuration: str = "enrolment_sd_jwt", copies: int = 1) -> list[str]:
        """All steps at once; the credentials."""
        self.redeem(made)
        did = configuration.endswith("w3c_jwt")
        answer = self.ask(configuration, self.proofs(copies, did=did))
        return [one["credential"] for one in answer["credentials"]]
