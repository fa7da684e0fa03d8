"""ISO mdocs by the peers: each function takes what the job is set up with and gives what works on one input."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

Job = Callable[[Any], object]


def _certificate(given: dict[str, Any], name: str) -> Any:
    from cryptography.x509 import load_der_x509_certificate

    return load_der_x509_certificate(base64.b64decode(given[name]))


def mdoc_verify_openvc(given: dict[str, Any]) -> Job:
    from openvc.mdoc import verify_device_response

    root, transcript = _certificate(given, "root"), base64.b64decode(given["transcript"])

    def verify(data: bytes) -> object:
        (found,) = verify_device_response(data, trust_anchors=[root], session_transcript=transcript)
        assert len(found.namespaces[given["doctype"]]) == len(given["claims"])
        return found

    return verify


def mdoc_verify_isomdoc(given: dict[str, Any]) -> Job:
    import cbor2
    from isomdoc import verify_device_response

    transcript = cbor2.loads(base64.b64decode(given["transcript"]))

    def verify(data: bytes) -> object:
        found = verify_device_response(data, transcript).documents
        assert len(found[0].issuer_signed.namespaces[given["doctype"]]) == len(given["claims"])
        return found

    return verify


def mdoc_verify_pymdoccbor(given: dict[str, Any]) -> Job:
    from pymdoccbor.mdoc.verifier import MdocCbor

    root = _certificate(given, "root")

    def verify(data: bytes) -> object:
        found = MdocCbor()
        found.loads(data)
        assert found.verify([root]), found.documents_invalid
        return found

    return verify


def mdoc_issue_isomdoc(given: dict[str, Any]) -> Job:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from isomdoc import create_mdoc

    certificate, key = _certificate(given, "certificate"), load_pem_private_key(given["private_pem"].encode(), None)
    holder = ec.generate_private_key(ec.SECP256R1()).public_key()

    def issue(_: object) -> object:
        made = create_mdoc(given["doctype"], [certificate], key)
        for name, value in given["claims"].items():
            made.add_data_item(given["doctype"], name, value)
        return made.generate_credential(holder)

    return issue


def mdoc_issue_pymdoccbor(given: dict[str, Any]) -> Job:
    from pymdoccbor.mdoc.issuer import MdocCborIssuer

    certificate = _certificate(given, "certificate")
    private = {"KTY": "EC2", "CURVE": "P_256", "ALG": "ES256", "KID": b"key-1", "D": _octets(given["private"]["d"])}
    holder = {"KTY": "EC2", "CURVE": "P_256", "X": _octets(given["holder"]["x"]), "Y": _octets(given["holder"]["y"])}
    today = datetime.now(UTC)
    validity = {
        "issuance_date": today.strftime("%Y-%m-%d"),
        "expiry_date": (today + timedelta(days=365)).strftime("%Y-%m-%d"),
    }

    def issue(_: object) -> object:
        maker = MdocCborIssuer(private_key=private, alg="ES256")
        maker.new(
            doctype=given["doctype"],
            data={given["doctype"]: given["claims"]},
            devicekeyinfo=holder,
            validity=validity,
            x509_chain=[certificate],
        )
        return maker.dump()

    return issue


def _octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
