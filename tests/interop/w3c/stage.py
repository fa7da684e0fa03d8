"""Issuer and verifier on https at loopback, for suites that come as clients: one institution with every key, one relying party.

They have a name of their own, since a did:web at ``localhost`` would be one of plain http; both sides are told where it is.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from common.x509.sandbox_ca import CertificateAuthority, Use, issue_leaf, make_ca
from examples.demo.programs import draw_ports
from issuer.app import build_app as build_issuer
from issuer.deps import open_deps
from issuer.flows.change_keys import ensure_key
from issuer.flows.create_institution import create_institution
from issuer.flows.issuer_identifiers import list_identifiers
from issuer.settings import IssuerSettings
from tests.verifier.world import add_party
from verifier.app import build_app as build_verifier
from verifier.deps import build_deps
from verifier.settings import VerifierSettings

HOST = "suites.tegata.example"
TENANT, PARTY = "suites", "examiner"
ALGS = ("ES256", "ES384", "ES512", "EdDSA", "BBS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """identifiers: the did:key of each algorithm, and "web" for the did:web."""

    issuer: str
    verifier: str
    staff: str
    operator: str
    identifiers: Mapping[str, str]
    ca: Path


@contextlib.contextmanager
def open_stage(
    folder: Path, *, profile: str, contexts: Mapping[str, Any], resources: Mapping[str, bytes]
) -> Iterator[Stage]:
    """folder: empty, for databases and certificates. contexts: address → document, beside those that the product carries;
    resources: address → what related resources are compared with there."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    ca = make_ca("Tegata suites CA", now=int(time.time()), days=2)
    (folder / "ca.pem").write_bytes(ca.pem)
    more = _write_contexts(folder / "contexts", contexts, resources)
    tls = _certificate(folder, ca)
    ports = draw_ports(2)
    shared: dict[str, Any] = {
        "environment": "sandbox",
        "extra_contexts": more,
        "fetch_roots": (folder / "ca.pem",),
        "fetch_hosts": (f"{HOST}=127.0.0.1",),
        **tls,
    }
    with contextlib.ExitStack() as stack:
        issuer = open_deps(
            IssuerSettings(
                **shared,
                public_url=f"https://{HOST}:{ports[0]}",
                port=ports[0],
                data_dir=folder / "issuer",
                database_url=f"sqlite:///{folder / 'issuer.sqlite3'}",
                jobs_every=0,
                status_ttl=1,
            )
        )
        stack.callback(issuer.database.close_all)
        desk = issuer.desk
        create_institution(desk, TENANT, name_ja="試験大学", name_en="University of Suites", seal="試験", actor="test")
        for alg in ALGS:
            ensure_key(desk, TENANT, alg)
        found = list_identifiers(desk, TENANT)
        keys = {one.algs[0]: one.id for one in found if one.id.startswith("did:key:")}
        verifier = build_deps(
            VerifierSettings(
                **shared,
                public_url=f"https://{HOST}:{ports[1]}",
                port=ports[1],
                data_dir=folder / "verifier",
                database_url=f"sqlite:///{folder / 'verifier.sqlite3'}",
                job_seconds=0,
                status_cache_seconds=0,
                document_profile=profile,
            )
        )
        stack.callback(verifier.database.close_all)
        add_party(verifier, PARTY)
        stack.enter_context(_serving(build_issuer(issuer), ports[0], tls))
        stack.enter_context(_serving(build_verifier(verifier), ports[1], tls))
        yield Stage(
            issuer=f"https://{HOST}:{ports[0]}/{TENANT}",
            verifier=f"https://{HOST}:{ports[1]}/{PARTY}",
            staff=issuer.login.new_token(TENANT, "suites", "staff"),
            operator=verifier.login.new_token(PARTY, "suites", "operator"),
            identifiers={**keys, "web": found[0].id},
            ca=folder / "ca.pem",
        )


def _write_contexts(folder: Path, contexts: Mapping[str, Any], resources: Mapping[str, bytes]) -> Path:
    folder.mkdir()
    texts = {address: json.dumps(document).encode() for address, document in contexts.items()}
    for index, files in (("index", texts), ("resources", resources)):
        names = {address: f"{index}-{number}" for number, address in enumerate(files)}
        for address, name in names.items():
            (folder / name).write_bytes(files[address])
        (folder / f"{index}.json").write_text(json.dumps(names), encoding="utf-8")
    return folder


def _certificate(folder: Path, ca: CertificateAuthority) -> dict[str, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = issue_leaf(
        ca, key.public_key(), name=HOST, use=Use.TLS_SERVER, now=int(time.time()), dns_names=[HOST], days=1
    )
    (folder / "tls.pem").write_bytes(leaf.pem)
    (folder / "tls.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return {"tls_cert": folder / "tls.pem", "tls_key": folder / "tls.key"}


@contextlib.contextmanager
def _serving(app: Any, port: int, tls: Mapping[str, Path]) -> Iterator[None]:
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        ssl_certfile=str(tls["tls_cert"]),
        ssl_keyfile=str(tls["tls_key"]),
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 30
    while not server.started:
        if time.monotonic() > end:
            raise RuntimeError("the server did not start")
        time.sleep(0.05)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(15)
