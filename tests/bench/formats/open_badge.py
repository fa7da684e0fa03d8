"""One Open Badge of 47 quads with 12 claims about its holder: the document over which the Data Integrity figures are measured."""

from __future__ import annotations

import secrets
from typing import Any

from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey

QUADS = 47
NOW = 1_790_000_000
_OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"


def open_badge(issuer: str) -> dict[str, Any]:
    """A fresh one: its id, its holder's DID and its numbers are new, so that no memory of an earlier one helps."""
    token = secrets.token_hex(16)
    holder = f"did:key:{encode_did_key(SoftwareKey.generate('EdDSA').public_jwk())}"
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", _OPEN_BADGES],
        "id": f"urn:uuid:{token[:8]}-{token[8:12]}-4{token[13:16]}-8{token[17:20]}-{token[20:]}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "学位記 Bachelor of Engineering",
        "description": "The degree of Bachelor of Engineering, conferred on the holder.",
        "image": {"id": "https://sakuragawa.example/badges/engineering.png", "type": "Image", "caption": "School seal"},
        "issuer": {
            "id": issuer,
            "type": ["Profile"],
            "name": "Sakuragawa University",
            "url": "https://sakuragawa.example",
            "email": "registrar@sakuragawa.example",
        },
        "validFrom": "2026-03-25T00:00:00Z",
        "validUntil": "2046-03-25T00:00:00Z",
        "credentialSubject": {
            "id": holder,
            "type": ["AchievementSubject"],
            "activityStartDate": "2022-04-01T00:00:00Z",
            "activityEndDate": "2026-03-25T00:00:00Z",
            "creditsEarned": 128,
            "licenseNumber": token[:10],
            "role": "student",
            "term": "2025-2",
            "result": [
                {"type": ["Result"], "value": "3.42", "status": "Completed"},
            ],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": f"sha256${token}{token}",
                    "identityType": "emailAddress",
                    "salt": token[:8],
                }
            ],
            "achievement": {
                "id": "https://sakuragawa.example/achievements/beng",
                "type": ["Achievement"],
                "achievementType": "BachelorDegree",
                "name": "Bachelor of Engineering",
                "description": "Four years of study in information engineering.",
                "criteria": {"narrative": "128 credits and a thesis."},
                "fieldOfStudy": "Information engineering",
                "humanCode": "ENG-B",
                "inLanguage": "ja",
                "alignment": [
                    {
                        "type": ["Alignment"],
                        "targetName": "ISCED 0714",
                        "targetUrl": "https://isced.example/0714",
                        "targetType": "ext:isced",
                    }
                ],
            },
        },
    }
