"""The peers written in Python. Run by the interpreter of their own environment, so it imports nothing of Tegata.

run.py INPUTS.json → one JSON object on standard output: {raw: {operation: microseconds}, versions: {name: version}, results: [{job, peer,
leaves_out, count, microseconds, ratio}, or with ``why`` instead of the times]}. ratio: to ``count`` raw signature operations of the job's
kind, by ``cryptography`` in the same process.
"""

from __future__ import annotations

import base64
import gc
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import badge_jobs
import mdoc_jobs
import token_jobs
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

ROUNDS = 20
LONGEST_SECONDS = 4.0
"""A slow peer has fewer rounds than the others, three at least."""
PACKAGES = ("openvc-core", "sd-jwt", "pymdoccbor", "isomdoc", "PyLD", "rfc8785", "joserfc", "pyjwt", "jwcrypto")
BARE = "hashes and signature alone: no rules of proofs or credentials"

Job = Callable[[Any], object]

JOBS: dict[str, tuple[tuple[str, Callable[[dict[str, Any]], Job], str, int], ...]] = {
    "jwt verify": (
        ("PyJWT", token_jobs.jwt_pyjwt, "", 1),
        ("joserfc", token_jobs.jwt_joserfc, "", 1),
        ("jwcrypto", token_jobs.jwt_jwcrypto, "", 1),
    ),
    "sd-jwt vc verify": (
        ("openvc-core", token_jobs.sd_jwt_verify_openvc, "", 2),
        ("sd-jwt", token_jobs.sd_jwt_verify_sd_jwt, "no times, no type", 2),
    ),
    "sd-jwt vc issue": (
        ("openvc-core", token_jobs.sd_jwt_issue_openvc, "", 1),
        ("sd-jwt", token_jobs.sd_jwt_issue_sd_jwt, "", 1),
    ),
    "mdoc verify": (
        ("openvc-core", mdoc_jobs.mdoc_verify_openvc, "", 3),
        ("isomdoc", mdoc_jobs.mdoc_verify_isomdoc, "no chain, no times: over two signatures", 2),
        ("pymdoccbor", mdoc_jobs.mdoc_verify_pymdoccbor, "no device signature: over two signatures", 2),
    ),
    "mdoc issue": (
        ("isomdoc", mdoc_jobs.mdoc_issue_isomdoc, "", 1),
        ("pymdoccbor", mdoc_jobs.mdoc_issue_pymdoccbor, "", 1),
    ),
    "eddsa-rdfc-2022 verify": (
        ("openvc-core", badge_jobs.rdfc_verify_openvc, "", 1),
        ("PyLD", badge_jobs.rdfc_verify_pyld, BARE, 1),
    ),
    "eddsa-rdfc-2022 issue": (
        ("openvc-core", badge_jobs.rdfc_issue_openvc, "", 1),
        ("PyLD", badge_jobs.rdfc_issue_pyld, BARE, 1),
    ),
    "eddsa-jcs-2022 verify": (
        ("openvc-core", badge_jobs.jcs_verify_openvc, "", 1),
        ("rfc8785", badge_jobs.jcs_verify_rfc8785, BARE, 1),
    ),
    "ecdsa-sd-2023 base verify": (("openvc-core", badge_jobs.no_base_verification, "", 1),),
    "ecdsa-sd-2023 derive": (("openvc-core", badge_jobs.selective_derive_openvc, "", 1),),
    "ecdsa-sd-2023 derived verify": (("openvc-core", badge_jobs.selective_verify_openvc, "", 0),),
}
"""Job → (peer, how it is set up, what it leaves out, how many raw operations are in it; 0: as many as the job's inputs say)."""


class Raw:
    """Raw signature operations of ``cryptography``, over as many bytes as the jobs sign."""

    def __init__(self) -> None:
        p256, edwards = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
        p256_public, edwards_public, scheme = p256.public_key(), edwards.public_key(), ec.ECDSA(hashes.SHA256())
        text, short = b"s" * 1200, b"h" * 64
        signature, other = p256.sign(text, scheme), edwards.sign(short)
        self.operations: dict[str, Callable[[], object]] = {
            "P-256 verify": lambda: p256_public.verify(signature, text, scheme),
            "P-256 sign": lambda: p256.sign(text, scheme),
            "Ed25519 verify": lambda: edwards_public.verify(other, short),
            "Ed25519 sign": lambda: edwards.sign(short),
        }

    def seconds(self, operation: str, times: int) -> float:
        """Of one operation, in a round of so many."""
        call = self.operations[operation]
        began = time.perf_counter()
        for _ in range(times):
            call()
        return (time.perf_counter() - began) / times


def measure(call: Job, inputs: list[Any], raw: Raw, operation: str) -> tuple[float, float]:
    """(least seconds of one input's work in a round, least seconds of one raw operation in the rounds in between)."""
    least = least_raw = float("inf")
    began = time.perf_counter()
    for number in range(ROUNDS):
        if number >= 3 and time.perf_counter() - began > LONGEST_SECONDS:
            break
        gc.collect()
        gc.disable()
        least_raw = min(least_raw, raw.seconds(operation, len(inputs)))
        started = time.perf_counter()
        for each in inputs:
            call(each)
        least = min(least, (time.perf_counter() - started) / len(inputs))
        gc.enable()
    return least, least_raw


def read_inputs(given: dict[str, Any], job: str) -> tuple[dict[str, Any], list[Any]]:
    """(what a job is set up with, its inputs)."""
    setting = given[given["jobs"][job]["setting"]]
    inputs = setting[given["jobs"][job]["inputs"]]
    if job.startswith("mdoc"):
        inputs = [base64.b64decode(each) for each in inputs]
    return {**setting, "contexts": given["badge"]["contexts"]}, inputs


def run(given: dict[str, Any], raw: Raw) -> list[dict[str, Any]]:
    results = []
    for job, peers in JOBS.items():
        setting, inputs = read_inputs(given, job)
        stated = given["jobs"][job]
        for peer, prepare, leaves_out, own_count in peers:
            print(f"· {peer}: {job}", file=sys.stderr)
            count = own_count or stated["count"]
            result: dict[str, Any] = {"job": job, "peer": peer, "leaves_out": leaves_out, "count": count}
            try:
                call = prepare(setting)
                call(inputs[0])
                took, took_raw = measure(call, inputs, raw, stated["operation"])
                result |= {"microseconds": took * 1e6, "ratio": took / (took_raw * count)}
            except Exception as error:  # whatever a peer fails with is what is told about it
                lines = str(error).strip().splitlines()
                result["why"] = f"{type(error).__name__}: {lines[0][:160] if lines else ''}"
            results.append(result)
    return results


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    raw = Raw()
    results = run(json.loads(Path(sys.argv[1]).read_text()), raw)
    least = {name: min(raw.seconds(name, 50) for _ in range(20)) * 1e6 for name in raw.operations}
    versions = {name: version(name) for name in (*PACKAGES, "cryptography")}
    print(json.dumps({"raw": least, "versions": versions, "results": results}))


if __name__ == "__main__":
    main()
