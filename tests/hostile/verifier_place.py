"""The verifier with two relying parties: open questions, and answered ones with verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from common.formats.data_integrity.issue import ProofOptions, issue_credential
from common.formats.vcdm.terms import CONTEXT_V2
from common.gate.exchange import build_exchange
from common.gate.pack import build_pack
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from tests.fakes.app_client import AppClient
from tests.hostile.residents import Door, Place, Resident
from tests.verifier.gate.venue import ORGANISER, SIGNER, gate_of, pack_of
from tests.verifier.world import World, add_party, make_world
from verifier.gate.packs import load_pack

OTHER = "bar"
PUBLIC = frozenset(
    {
        Door("GET", "/{tenant}/did.json"),
        Door("GET", "/{tenant}/request/{session}"),
        Door("POST", "/{tenant}/request/{session}"),
        Door("POST", "/{tenant}/response/{session}"),
        Door("GET", "/{tenant}/result/{session}"),
        Door("GET", "/{tenant}/done/{session}"),
        Door("GET", "/{tenant}/login"),
        Door("POST", "/{tenant}/login"),
        Door("POST", "/{tenant}/logout"),
    }
)


def _nothing(_: Resident) -> dict[str, Any]:
    return {}


def _code(who: Resident) -> dict[str, Any]:
    return {"params": {"response_code": who.known["response_code"]}}


_DID = "did:key:z6MkhTNL7i2etLerDK8Acz5t528giE5KA4p75T6ka1E1D74r"


def _signed(cryptosuite: str) -> dict[str, Any]:
    """A stranger's credential: anybody's may be asked about."""
    key = SoftwareKey.generate()
    name = encode_did_key(key.public_jwk())
    document = {
        "@context": [CONTEXT_V2],
        "type": ["VerifiableCredential"],
        "issuer": f"did:key:{name}",
        "credentialSubject": {"name": "Alice"},
    }
    options = ProofOptions(verification_method=f"did:key:{name}#{name}", cryptosuite=cryptosuite)
    return issue_credential(document, key, options)


_WHOLE, _BASE = _signed("ecdsa-rdfc-2019"), _signed("ecdsa-sd-2023")


def _shown(_: Resident) -> dict[str, Any]:
    held = {"@context": [CONTEXT_V2], "type": ["VerifiablePresentation"], "verifiableCredential": []}
    return {"json": {"verifiablePresentation": held, "options": {"allowUnsigned": True}}}


FESTIVALS: dict[str, tuple[bytes, bytes, bytes]] = {}
"""Relying party → pack, gate and journal of its event."""
FORMS = {
    Door("POST", "/{tenant}/credentials/verify"): lambda _: {"json": {"verifiableCredential": _WHOLE}},
    Door("POST", "/{tenant}/credentials/derive"): lambda _: {"json": {"verifiableCredential": _BASE}},
    Door("POST", "/{tenant}/presentations/verify"): _shown,
    Door("POST", "/{tenant}/api/sessions"): lambda _: {"json": {"question": "student"}},
    Door("POST", "/{tenant}/api/shown"): lambda _: {"json": {"question": "student", "text": "nothing shown"}},
    Door("POST", "/{tenant}/ask/shown"): lambda _: {"data": {"question": "student", "text": "nothing shown"}},
    Door("POST", "/{tenant}/request/{session}"): _nothing,
    Door("POST", "/{tenant}/response/{session}"): lambda _: {"data": {"error": "access_denied"}},
    Door("GET", "/{tenant}/result/{session}"): _code,
    Door("GET", "/{tenant}/done/{session}"): _code,
    Door("POST", "/{tenant}/login"): lambda who: {"data": {"token": who.known["token"]}},
    Door("POST", "/{tenant}/logout"): _nothing,
    Door("POST", "/{tenant}/ask"): lambda _: {"data": {"question": "student"}},
    Door("POST", "/{tenant}/gate/load"): lambda who: {"files": {"file": ("a.tgpack", FESTIVALS[who.slug][0])}},
    Door("POST", "/{tenant}/gate/{event}/lock"): lambda who: {"data": {"gate": FESTIVALS[who.slug][1].hex()}},
    Door("POST", "/{tenant}/gate/{event}/journal"): lambda who: {
        "files": {"file": ("a.tgjournal", FESTIVALS[who.slug][2])}
    },
    Door("POST", "/{tenant}/api/gate/{event}/lock"): lambda who: {"json": {"gate": FESTIVALS[who.slug][1].hex()}},
    Door("POST", "/gate/{event}/admit"): lambda _: {"content": b"nothing signed"},
    Door("POST", "/gate/{event}/exchange"): lambda who: {"content": FESTIVALS[who.slug][2]},
    Door("POST", "/gate/{event}/enrol"): lambda _: {"content": b"nothing signed"},
}


def open_verifier(folder: Path, **settings: Any) -> Place:
    """A fresh verifier with two relying parties in ``folder``. Close it at the end."""
    database = folder / "verifier.sqlite3"
    world = make_world(f"sqlite:///{database}", folder, watch_seconds=1, watch_interval=0.05, **settings)
    add_party(world.deps, OTHER, name_ja="酒場ももやま", name_en="Bar Momoyama")
    a = _settle(world, "cafe", ("髙橋",))
    b = _settle(world, OTHER, ("鳴海", "1999-08-07"))
    client = AppClient(world.client.app, base_url="https://verifier.example", raise_server_exceptions=False)
    return Place(
        name="verifier",
        app=world.client.app,  # type: ignore[arg-type]  # the app that build_app made
        client=client,
        database=database,
        a=a,
        b=b,
        public=PUBLIC,
        forms=FORMS,
        pages_login="/{tenant}/login",
        csrf_cookie="__Host-csrf-verifier",
        close=world.deps.database.close_all,
    )


def _festival(event: str) -> tuple[bytes, bytes, bytes]:
    """A pack of an event with one gate, that gate's identifier, and a journal with nothing in it."""
    gate = gate_of(SoftwareKey.generate())
    return build_pack(pack_of((gate,), event=event), ORGANISER), gate.gate, build_exchange(event, ())


def _settle(world: World, tenant: str, secrets: tuple[str, ...]) -> Resident:
    world.tenant, world.token = tenant, world.deps.login.new_token(tenant, "operator", "operator")
    opened = world.ask("student", same_device=True)
    request = world.read_request(opened["link"])
    claims = {
        "eduperson_primary_affiliation": "student",
        "issuing_authority": "桜川大学",
        "family_name": secrets[0],
        "birthdate": secrets[-1] if len(secrets) > 1 else "2005-04-02",
    }
    answer = world.post(request, world.present(request, world.issue(claims=claims)))
    assert answer.status_code == 200, answer.text
    code = parse_qs(urlsplit(answer.json()["redirect_uri"]).query)["response_code"][0]
    browser = AppClient(world.client.app, base_url="https://verifier.example")
    browser.get(f"/{tenant}/login")
    form = {"token": world.token, "csrf_token": browser.cookies["__Host-csrf-verifier"]}
    assert browser.post(f"/{tenant}/login", data=form, follow_redirects=False).status_code == 303
    event = f"{tenant}-festival"
    FESTIVALS[tenant] = _festival(event)
    load_pack(tenant, FESTIVALS[tenant][0], now=world.clock.now(), signer=SIGNER)
    return Resident(
        slug=tenant,
        ids={"session": opened["id"], "did": _DID, "event": event},
        headers={"Authorization": f"Bearer {world.token}"},
        secrets=secrets,
        browser=browser,
        known={"token": world.token, "response_code": code},
    )
