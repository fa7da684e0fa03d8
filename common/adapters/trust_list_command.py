"""``tegata trust-list``: for whoever keeps a list of trusted issuers for others. Files in, files out; no program, no database.

The input is the TOML list of `common/trust/anchors.py` (``[[issuer]]``, ``test``); roots come as PEM files beside it.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Annotated

import typer

from common.adapters.terminal import Json, SaysErrors, print_json, say
from common.did.resolve import Resolver
from common.errors import Malformed, Misconfigured, Refused, Unavailable
from common.jose.jwk import parse_public_jwk
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from common.ports import Fetched
from common.trust.anchors import TrustAnchors, load_anchors
from common.trust.lists import build_trust_list, parse_trust_list, verify_trust_list

DAY = 86_400

app = typer.Typer(
    cls=SaysErrors,
    no_args_is_help=True,
    help="信頼する発行者の一覧に署名して、配ります。\n\n"
    "Sign a list of trusted issuers, which verifiers and wallets subscribe to (setting trust_lists).",
)
Key = Annotated[Path, typer.Option("--key", help="署名鍵のファイル（PEM・JWK）/ the signer's private key, PEM or JWK.")]


@app.command("new-key")
def new_key(key: Key) -> None:
    """署名鍵を作ります。 Make a key (mode 0600) and say by which DID subscribers name it."""
    made = SoftwareKey.generate()
    try:
        handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused("file_exists", f"{key.name} is there already; a key is never written over") from None
    except OSError as error:
        raise Malformed("unwritable_file", f"{key.name}: {error.strerror}") from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(made.private_jwk(), file)
    say(f"did:key:{encode_did_key(made.public_jwk())}")


@app.command()
def sign(
    key: Key,
    input_file: Annotated[Path, typer.Option("--input", help="一覧（TOML）/ the list: test and [[issuer]].")],
    output: Annotated[Path, typer.Option("--output", help="署名済みの一覧 / where the signed list goes.")],
    sequence: Annotated[int, typer.Option(min=0, help="版の番号 / number of this version, higher than the last.")],
    name_ja: Annotated[str, typer.Option(help="一覧の名前 / name of the list in Japanese.")],
    name_en: Annotated[str, typer.Option(help="Name of the list in English.")],
    root: Annotated[list[Path] | None, typer.Option(help="ルート証明書（PEM）/ PEM file of a root; repeat.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="有効日数 / days until the list is over.")] = 30,
    next_days: Annotated[int, typer.Option(min=0, help="次の版まで / days until the next one; 0: not said.")] = 1,
    key_url: Annotated[str, typer.Option(help="鍵の DID URL / DID URL of the key, if it is no did:key.")] = "",
) -> None:
    """一覧に署名します。 Sign the list."""
    signer = _read_key(key)
    own = encode_did_key(signer.public_jwk())
    url = key_url or f"did:key:{own}#{own}"
    anchors, test = _read_list(input_file, root or [])
    now = int(time.time())
    text = build_trust_list(
        anchors,
        signer,
        issuer=url.partition("#")[0],
        key_url=url,
        names={"ja": name_ja, "en": name_en},
        sequence=sequence,
        issued_at=now,
        expires_at=now + days * DAY,
        next_update=now + next_days * DAY if next_days else None,
        test=test,
    )
    parsed = parse_trust_list(text)
    key_of_list = parse_public_jwk(signer.public_jwk())
    verify_trust_list(parsed, key_of_list, signer=parsed.signer, now=now, sandbox=True)  # what subscribers will do
    part = output.with_name(f"{output.name}.part")
    part.write_text(text + "\n", encoding="ascii")
    os.replace(part, output)
    say(f"{len(anchors.issuers)} issuers, {len(anchors.roots)} roots, no. {sequence}, signed by {parsed.signer}")


@app.command()
def show(
    list_file: Annotated[Path, typer.Argument(help="署名済みの一覧 / a signed list.", show_default=False)],
    as_json: Json = False,
) -> None:
    """一覧の中身を表示します（did:key の署名は確かめます）。 Verify a list that a did:key or did:jwk signed, and tell what is in it."""
    parsed = parse_trust_list(_read(list_file).decode("latin-1").strip())
    now = int(time.time())
    found = verify_trust_list(
        parsed, Resolver(_NoNetwork(), _Now()).key(parsed.key_url), signer=parsed.signer, now=now, sandbox=True
    )
    summary = {
        "name": dict(found.listing.name),
        "signer": found.listing.signer,
        "sequence": found.listing.sequence,
        "issued_at": found.listing.issued_at,
        "expires_at": found.expires_at,
        "next_update": found.next_update,
        "issuers": [{"identifier": one.identifier, "types": sorted(one.types)} for one in found.anchors.issuers],
        "roots": [one.subject.rfc4514_string() for one in found.anchors.roots],
    }
    if as_json:
        return print_json(summary)
    return say(json.dumps(summary, ensure_ascii=False, indent=2))


class _Now:
    """Implements common.ports.Clock."""

    def now(self) -> int:
        return int(time.time())


class _NoNetwork:
    """Implements common.ports.Fetch: this command asks nobody."""

    def get(self, url: str, **_: object) -> Fetched:
        raise Unavailable("no_network", f"this command asks nobody, and {url} would have to be asked")

    def post(self, url: str, **_: object) -> Fetched:
        raise Unavailable("no_network", f"this command asks nobody, and {url} would have to be asked")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Malformed("unreadable_file", f"{path.name}: {error.strerror}") from None


def _read_key(path: Path) -> SoftwareKey:
    return SoftwareKey.from_file_content(_read(path))


def _read_list(path: Path, roots: list[Path]) -> tuple[TrustAnchors, bool]:
    """test: where everything in it says so. Raises Malformed: here a mistake is in the input, not in our settings."""
    try:
        anchors = load_anchors(issuers=[path], roots=roots, sandbox=True)
    except Misconfigured as error:
        raise Malformed(error.code, error.detail) from error
    return anchors, bool(anchors.issuers) and all(issuer.test for issuer in anchors.issuers)
