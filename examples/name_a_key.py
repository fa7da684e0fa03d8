"""Lesson 2. Three ways to name a key: did:key and did:jwk hold the key in the name, did:web says where to look.

`python -m examples.name_a_key`
"""

from __future__ import annotations

import time

from common.did.document import build_document
from common.did.resolve import Resolver
from common.encoding import b64url_encode, compact_json
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch


def main() -> None:
    key = SoftwareKey.generate("ES256", kid="signing-2026")
    jwk = key.public_jwk()

    # The network of this lesson has one page: the university's DID document.
    university = "did:web:university.example:sakuragawa"
    page = compact_json(build_document(university, [jwk]))
    fetch = FakeFetch({"https://university.example/sakuragawa/did.json": page})
    resolver = Resolver(fetch, FixedClock(int(time.time())), sandbox=False)

    multikey = encode_did_key(jwk)
    public = {name: jwk[name] for name in ("kty", "crv", "x", "y")}
    names = [
        f"did:key:{multikey}#{multikey}",
        f"did:jwk:{b64url_encode(compact_json(public))}#0",
        f"{university}#signing-2026",
    ]
    signature = key.sign(b"the same key signed this")
    for name in names:
        resolver.key(name).verify(signature, b"the same key signed this")
        print(f"{name[:60]:<60}  holds")
    print(f"asked of the network: {fetch.requests}")


if __name__ == "__main__":
    main()
