"""Trust lists for tests: a ministry that signs, and what it says."""

from __future__ import annotations

from typing import Any

from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from common.trust.anchors import TrustAnchors, TrustedIssuer
from common.trust.lists import build_trust_list
from common.x509.sandbox_ca import make_ca

NOW = 1_790_000_000
DAY = 86_400
ISSUER = "https://issuer.example/sakuragawa"
ADDRESS = "https://ministry.example/trust-list.jwt"
MINISTRY, STRANGER = SoftwareKey.generate(), SoftwareKey.generate()
ROOT = make_ca("Root of a ministry", now=NOW)
ENTRY = TrustedIssuer(
    identifier=ISSUER, types=frozenset({"EnrolmentCredential"}), names={"ja": "桜川大学"}, key_paths=frozenset({"x5c"})
)
ANCHORS = TrustAnchors(roots=(ROOT.certificate,), issuers=(ENTRY,))


def did_of(key: SoftwareKey) -> str:
    return f"did:key:{encode_did_key(key.public_jwk())}"


SIGNER = did_of(MINISTRY)


def signed(key: SoftwareKey = MINISTRY, *, anchors: TrustAnchors = ANCHORS, now: int = NOW, **change: Any) -> str:
    name = encode_did_key(key.public_jwk())
    values: dict[str, Any] = {
        "issuer": f"did:key:{name}",
        "key_url": f"did:key:{name}#{name}",
        "names": {"ja": "大学一覧", "en": "Universities"},
        "sequence": 7,
        "issued_at": now,
        "expires_at": now + 30 * DAY,
    }
    return build_trust_list(anchors, key, **{**values, **change})
