"""Documents that the tests of selective disclosure share."""

from __future__ import annotations

from typing import Any

OPEN_BADGE: dict[str, Any] = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ],
    "id": "urn:uuid:8a2b6d8e-5f0a-4d53-9b3c-0f8d2f5a1c11",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {
        "id": "did:web:university.example",
        "type": ["Profile"],
        "name": "例示大学",
        "url": "https://university.example/",
        "email": "registrar@university.example",
    },
    "validFrom": "2026-03-25T00:00:00Z",
    "validUntil": "2046-03-25T00:00:00Z",
    "name": "学士(工学)",
    "credentialSubject": {
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "identityHash": "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399",
                "identityType": "emailAddress",
                "hashed": True,
                "salt": "a87ff679",
            }
        ],
        "activityStartDate": "2022-04-01T00:00:00Z",
        "activityEndDate": "2026-03-25T00:00:00Z",
        "creditsEarned": 128.5,
        "licenseNumber": "E-2026-0042",
        "role": "student",
        "term": "2025 second",
        "achievement": {
            "id": "https://university.example/achievements/beng",
            "type": ["Achievement"],
            "achievementType": "BachelorDegree",
            "name": "Bachelor of Engineering",
            "description": "Four years of engineering",
            "fieldOfStudy": "Engineering",
            "specialization": "Robotics",
            "humanCode": "BENG",
            "inLanguage": "ja",
            "creditsAvailable": 124,
            "criteria": {"narrative": "124 credits and a thesis"},
            "resultDescription": [
                {
                    "id": "urn:uuid:f6ab24cd-86e8-4eaf-b8c6-ded74e8fd41c",
                    "type": ["ResultDescription"],
                    "name": "Grade",
                    "resultType": "LetterGrade",
                    "allowedValue": ["A", "B", "C"],
                }
            ],
        },
        "result": [
            {
                "type": ["Result"],
                "resultDescription": "urn:uuid:f6ab24cd-86e8-4eaf-b8c6-ded74e8fd41c",
                "value": "A",
            }
        ],
    },
}

MANDATORY = ["/issuer", "/validFrom", "/validUntil"]
SELECTIVE = [
    "/name",
    "/credentialSubject/achievement/name",
    "/credentialSubject/achievement/criteria",
    "/credentialSubject/creditsEarned",
    "/credentialSubject/result/0/value",
]


def options(cryptosuite: str, verification_method: str) -> dict[str, Any]:
    """Proof options of an issuer."""
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": cryptosuite,
        "created": "2026-03-25T09:00:00Z",
        "verificationMethod": verification_method,
        "proofPurpose": "assertionMethod",
    }


def every_pointer(value: Any, above: str = "") -> list[str]:
    """The pointers to everything in a document, its ``@context`` and the inside of ordered lists left out."""
    found: list[str] = []
    if isinstance(value, dict):
        members = [
            (name.replace("~", "~0").replace("/", "~1"), each) for name, each in value.items() if name != "@context"
        ]
    else:
        members = [(str(number), each) for number, each in enumerate(value)]
    for name, each in members:
        pointer = f"{above}/{name}"
        found.append(pointer)
        if isinstance(each, dict | list) and name != "allowedValue":
            found += every_pointer(each, pointer)
    return found
