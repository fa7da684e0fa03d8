"""``tegata vc``: secure a W3C document from a file with a key from a file, and open one again. No program, no database, no settings.

It stands beside the adapters because it touches files and nothing else; what it does is ``common/formats/vc_jose_cose``. One key in
one's hand proves one envelope: so *verify* works by the profile `PROOF_ONLY` unless told otherwise, and says on standard error what it
did not judge. The answer goes to a file: ``{"result": "success" | "failure" | "indeterminate", "data": "…"}``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from common.adapters.terminal import complaints
from common.encoding import compact_json, parse_json, parse_json_object
from common.errors import Malformed, TegataError, Unsupported
from common.formats.vc_jose_cose.claims_path import parse_path
from common.formats.vc_jose_cose.enveloped import decode_base64, encode_base64
from common.formats.vc_jose_cose.media_type import (
    VC_COSE,
    VC_JWT,
    VC_SD_JWT,
    VP_COSE,
    VP_JWT,
    VP_SD_JWT,
    MediaType,
)
from common.formats.vc_jose_cose.parse_secured import parse_secured
from common.formats.vc_jose_cose.profile import Profile
from common.formats.vc_jose_cose.secure import secure
from common.formats.vc_jose_cose.verify_secured import verify_secured
from common.keys.verification_method import VerificationMethod, parse_verification_method

FEATURES = {
    "credential_jose": VC_JWT,
    "credential_sdjwt": VC_SD_JWT,
    "credential_cose": VC_COSE,
    "presentation_jose": VP_JWT,
    "presentation_sdjwt": VP_SD_JWT,
    "presentation_cose": VP_COSE,
}
MAX_FILE = 1 << 20

app = typer.Typer(
    no_args_is_help=True,
    help="W3C の証明書を、ファイルの鍵で JOSE・SD-JWT・COSE に封じ、また確かめます。\n\n"
    "Secure W3C credentials and presentations with JOSE, SD-JWT or COSE, by a key from a file, and verify them.",
)
Input = Annotated[Path, typer.Option("--input", help="入力ファイル / what to secure, or to verify.")]
Key = Annotated[Path, typer.Option("--key", help="検証方法の文書（JWK・Multikey）/ a verification method document.")]
Feature = Annotated[str, typer.Option("--feature", help=" ".join(FEATURES))]
Output = Annotated[Path, typer.Option("--output", help="結果を書くファイル / where the answer goes.")]


@app.command()
def issue(
    input_file: Input,
    key: Key,
    feature: Feature,
    output: Output,
    sd: Annotated[
        str, typer.Option("--sd", help='選択開示の経路 / disclosure paths: ["credentialSubject.name"]')
    ] = "[]",
) -> None:
    """署名して封じます。 Sign a document: its key file holds the secret half."""

    def work() -> str:
        kind, method = _media_type(feature), _read_key(key)
        paths = parse_json(sd)
        if not isinstance(paths, list):
            raise Malformed("bad_path", "--sd is a JSON array of disclosure paths")
        if method.secret is None:
            raise Malformed("bad_verification_method", "the key file holds no secret key")
        secured = secure(
            parse_json_object(_read(input_file), max_bytes=MAX_FILE),
            kind,
            method.secret,
            key_id=method.id,
            issued_at=int(time.time()),
            disclosable=[parse_path(path) for path in paths],
        )
        return encode_base64(secured) if isinstance(secured, bytes) else secured

    _answer(work, output)


@app.command()
def verify(
    input_file: Input,
    key: Key,
    feature: Feature,
    output: Output,
    profile: Annotated[
        Profile, typer.Option("--profile", help="strict: 期限と鍵の持ち主も判定 / judges times and key names too.")
    ] = Profile.PROOF_ONLY,
) -> None:
    """確かめて中身を取り出します。 Verify a secured document by the public key; the data are the document as JSON."""

    def work() -> str:
        kind, method = _media_type(feature), _read_key(key)
        try:
            text = _read(input_file).decode("utf-8").strip()
        except UnicodeDecodeError:
            raise Malformed("bad_encoding", "the input is no text") from None
        parsed = parse_secured(decode_base64(text) if kind.securing == "cose" else text, kind)
        verified = verify_secured(parsed, method.public, now=int(time.time()), profile=profile)
        for warning in verified.warnings:
            complaints.print(f"not judged / 判定外: {warning}", markup=False, highlight=False)
        return compact_json(dict(verified.document)).decode("utf-8")

    _answer(work, output)


def _media_type(feature: str) -> MediaType:
    if feature not in FEATURES:
        raise Unsupported("unknown_feature", known=tuple(FEATURES))
    return FEATURES[feature]


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise Malformed("unreadable_file", f"{path.name}: {error.strerror}") from None
    if len(content) > MAX_FILE:
        raise Malformed("too_large", f"{path.name} has more than {MAX_FILE} bytes")
    return content


def _read_key(path: Path) -> VerificationMethod:
    return parse_verification_method(parse_json_object(_read(path)))


def _answer(work: Callable[[], str], output: Path) -> None:
    """Writes the answer; exit status 1 where it is no success, so that a script cannot overlook it."""
    try:
        result, data = "success", work()
    except Unsupported as error:
        result, data = "indeterminate", str(error)
    except TegataError as error:
        result, data = "failure", str(error)
    output.write_text(json.dumps({"result": result, "data": data}, ensure_ascii=False) + "\n", encoding="utf-8")
    if result != "success":
        complaints.print(f"{result}: {data}", markup=False, highlight=False)
        raise typer.Exit(1)
