"""Lesson 3. Withdrawing a certificate flips one entry of a signed list; nobody learns which certificate a shop asked about.

`python -m examples.take_it_back`
"""

from __future__ import annotations

import time

from common.jose.jwk import parse_public_jwk
from common.keys.software import SoftwareKey
from common.status.allocation import ListShape
from common.status.bits import StatusList
from common.status.token_status_list import build_status_list_token, parse_status_list_token, verify_status_list_token

ISSUER = "https://university.example/sakuragawa"
ADDRESS = f"{ISSUER}/status/1"


def main() -> None:
    now = int(time.time())
    university = SoftwareKey.generate()
    key = parse_public_jwk(university.public_jwk())

    # Indices are handed out in an order that nobody can guess, and never twice.
    shape = ListShape(size=1 << 16)
    order = [shape.index(position, b"a secret of the university's own") for position in range(1000)]
    print(f"the first certificates got {order[:4]}; {len(set(order))} of {len(order)} are different")

    entries = StatusList.of_size(shape.size, bits=2, statuses={order[2]: 1})  # 1: withdrawn
    token = build_status_list_token(entries, university, uri=ADDRESS, issued_at=now, expires_at=now + 86400, ttl=300)
    print(f"{shape.size} entries travel in {len(token)} characters")

    parsed = parse_status_list_token(token)
    listed = verify_status_list_token(parsed, key, uri=ADDRESS, issuer=ISSUER, now=now)
    for position in (1, 2):
        print(f"certificate {position}: {['valid', 'withdrawn', 'suspended'][listed.get(order[position])]}")


if __name__ == "__main__":
    main()
