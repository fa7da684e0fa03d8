"""The cast of the demo: Sakuragawa University, Wakaba City, the student Hanako, Café Tegata, and the sandbox's own trust between them.

Everything is made afresh in one data folder: a certificate authority named *sandbox*, a list of trusted issuers, three databases.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from common.x509.sandbox_ca import make_ca
from common.x509.sandbox_iaca import make_iaca
from examples.demo.programs import ANY_PORTS, NAMES, Program, bare_environment, draw_ports, free_ports
from examples.demo.wire import Wire

PORTS = (8101, 8102, 8103)
UNIVERSITY, CITY, STUDENT, SHOP = "sakuragawa", "wakaba", "hanako", "cafe"
TYPES = ("enrolment", "graduation")
W3C_TYPES = ("EnrolmentCredential", "GraduationCredential")
PUBLISHED_TYPES = (
    "OpenBadgeCredential",
    "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential",
    "ClrCredential",
    "https://purl.imsglobal.org/spec/vc/clr/vocab.html#ClrCredential",
)
"""W3C types in the data models of others, short and as the IRIs that they stand for."""
DOCTYPES = ("tegata.student.1", "tegata.graduate.1")
CARD_TYPES = ("identity", "age", "residence", "driving_privileges", "residence_status", "nationality")
CARD_W3C_TYPES = (
    *("IdentityCredential", "AgeCredential", "ResidenceCredential"),
    *("DrivingPrivilegesCredential", "ResidenceStatusCredential", "NationalityCredential"),
)
CARD_DOCTYPES = tuple(f"tegata.{name}.1" for name in CARD_TYPES)
"""What the city may say: what the chip of a card proved to it."""


@dataclass(kw_only=True)
class Cast:
    """The three programs and the secrets that their people hold. ``extra``: more settings by program name."""

    folder: Path
    programs: dict[str, Program]
    staff_token: str = field(default="", repr=False)
    operator_token: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)

    @property
    def issuer(self) -> Program:
        return self.programs["issuer"]

    @property
    def wallet(self) -> Program:
        return self.programs["wallet"]

    @property
    def verifier(self) -> Program:
        return self.programs["verifier"]

    def wire(self) -> Wire:
        return Wire(
            {name: self.folder / f"{name}.wire.jsonl" for name in self.programs},
            {name: program.url for name, program in self.programs.items()},
        )

    def introduce(self) -> None:
        """Makes the institution and the relying party, by the programs' own commands."""
        with ThreadPoolExecutor(2) as both:
            university = both.submit(
                self.issuer.command,
                *("new-institution", UNIVERSITY, "--name-ja", "桜川大学", "--name-en", "Sakuragawa University"),
                "--json",
            )
            shop = both.submit(
                self.verifier.command,
                *("new-relying-party", SHOP, "--name-ja", "喫茶てがた", "--name-en", "Café Tegata", "--json"),
                *(
                    "--sandbox-ca",
                    str(self.folder / "ca"),
                    "--host",
                    str(urlsplit(self.verifier.url).hostname),
                    "--prefix",
                    "x509_san_dns",
                ),
            )
            self.staff_token = json.loads(university.result())["token"]
            self.operator_token = json.loads(shop.result())["token"]
        self.passphrase = secrets.token_urlsafe(12)

    def start(self, names: tuple[str, ...] = NAMES, *, seconds: float = 30.0) -> None:
        """Returns once all are healthy. seconds: for each of them; raises DidNotStart after that."""
        for name in names:
            self.programs[name].start()
        for name in names:
            self.programs[name].wait(seconds)

    def stop(self) -> dict[str, int]:
        """Exit status by name. All are told at once: each may take its time for what it has in work."""
        with ThreadPoolExecutor(len(self.programs)) as all_of_them:
            return dict(zip(self.programs, all_of_them.map(Program.stop, self.programs.values()), strict=True))


def make_cast(
    folder: Path,
    *,
    ports: tuple[int, ...] = PORTS,
    host: str = "localhost",
    listen: str = "127.0.0.1",
    scheme: str = "http",
    shared: Mapping[str, str] | None = None,
    extra: Mapping[str, Mapping[str, str]] | None = None,
) -> Cast:
    """Plans the three programs over ``folder``, with keys and trust where it has none; `Cast.introduce` and `Cast.start` do the rest.

    shared: settings of every program, extra: settings by program; names without the prefix, in lower case.
    """
    ports = draw_ports(len(NAMES)) if ports == PORTS and os.environ.get(ANY_PORTS) else free_ports(ports)
    urls = {name: f"{scheme}://{host}:{port}" for name, port in zip(NAMES, ports, strict=True)}
    if not (folder / "issuers.toml").exists():
        make_trust(folder, urls["issuer"])
    own: dict[str, dict[str, str]] = {
        "issuer": {"status_ttl": "1", "wallet_open_url": f"{urls['wallet']}/open"},
        "wallet": {},
        "verifier": {
            "vct_base": f"{urls['issuer']}/types",
            "wallet_open_url": f"{urls['wallet']}/open",
            "status_cache_seconds": "1",
            "card_environment": "test",  # the cards of a sandbox are of test hierarchies
        },
    }
    programs = {}
    for name, port in zip(NAMES, ports, strict=True):
        settings = {
            "public_url": urls[name],
            "host": listen,
            "port": str(port),
            "data_dir": str(folder / name),
            "wire_log": str(folder / f"{name}.wire.jsonl"),
            **own[name],
            **(shared or {}),
            **(extra or {}).get(name, {}),
        }
        if name == "issuer":
            settings |= {"ca_certificate": str(folder / "ca" / "ca.pem"), "ca_key": str(folder / "ca" / "ca.key")}
            settings |= {
                "iaca_certificate": str(folder / "ca" / "iaca.pem"),
                "iaca_key": str(folder / "ca" / "iaca.key"),
            }
        if name != "issuer":
            settings |= {
                "sandbox_anchors": ",".join(str(folder / "ca" / name) for name in ("ca.pem", "iaca.pem")),
                "trusted_issuers": str(folder / "issuers.toml"),
            }
        environment = bare_environment() | {"TEGATA_ENVIRONMENT": "sandbox", "PYTHONUNBUFFERED": "1"}
        environment |= {f"TEGATA_{name}_{key}".upper(): value for key, value in settings.items()}
        programs[name] = Program(
            name=name,
            url=urls[name],
            folder=folder,
            environment=environment,
            verify=str(folder / "ca" / "ca.pem") if scheme == "https" else True,
        )
    return Cast(folder=folder, programs=programs)


def make_trust(folder: Path, issuer_url: str) -> None:
    """A certificate authority and a list of trusted issuers, for this folder alone."""
    now = int(time.time())
    (folder / "ca").mkdir(parents=True, exist_ok=True)
    for name, authority in (
        ("ca", make_ca("Tegata sandbox root", now=now)),
        ("iaca", make_iaca("Tegata sandbox IACA", country="JP", address=issuer_url, now=now)),
    ):
        (folder / "ca" / f"{name}.pem").write_bytes(authority.pem)
        with os.fdopen(
            os.open(folder / "ca" / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
        ) as key:
            key.write(authority.key_pem)
    (folder / "issuers.toml").write_text(_trust_list(issuer_url), encoding="utf-8")


def _trust_list(issuer_url: str) -> str:
    """Each institution may say its own. Two entries for each, since it has two names: its https identifier (SD-JWT VC) and its DID
    (W3C credentials)."""
    of_university = (
        *(f"{issuer_url}/types/{name}" for name in TYPES),
        *(*W3C_TYPES, *PUBLISHED_TYPES, *(f"{issuer_url}/types/terms/{name}" for name in W3C_TYPES), *DOCTYPES),
    )
    of_city = (
        *(f"{issuer_url}/types/{name}" for name in CARD_TYPES),
        *(*CARD_W3C_TYPES, *(f"{issuer_url}/types/terms/{name}" for name in CARD_W3C_TYPES), *CARD_DOCTYPES),
    )
    entries = [
        f'[[issuer]]\nidentifier = "{name}"\ntypes = {json.dumps(types)}\nnames = {names}\n'
        for slug, types, names in (
            (UNIVERSITY, of_university, '{ ja = "桜川大学", en = "Sakuragawa University" }'),
            (CITY, of_city, '{ ja = "若葉市", en = "Wakaba City" }'),
        )
        for name in (f"{issuer_url}/{slug}", f"did:web:{quote(urlsplit(issuer_url).netloc, safe='')}:{slug}")
    ]
    return "# Whom this sandbox believes, and about what.\ntest = true\n\n" + "\n".join(entries)
