"""Lesson 1. A university signs eight claims; the student shows two of them; the shop learns nothing else.

SD-JWT VC with key binding, without any server: `python -m examples.show_only_what_is_asked`.
"""

from __future__ import annotations

import time

from common.errors import Rejected
from common.formats.credential import CredentialContent
from common.formats.registry import FORMATS
from common.jose.jwk import parse_public_jwk
from common.keys.software import SoftwareKey

SHOP, NONCE = "x509_san_dns:shop.example", "a-fresh-number-for-this-question"


def main() -> None:
    now = int(time.time())
    sd_jwt = FORMATS["dc+sd-jwt"]
    university, student = SoftwareKey.generate(), SoftwareKey.generate()

    # The university issues. It binds the certificate to the student's key.
    certificate = sd_jwt.issue(
        CredentialContent(
            type_name="enrolment",
            vct="https://university.example/types/enrolment",
            issuer="https://university.example/sakuragawa",
            claims={
                "given_name": "花子",
                "family_name": "髙𠮷",
                "birthdate": "2005-11-03",
                "student_number": "24S00001",
                "faculty": "理学部",
                "department": "物理学科",
                "enrolled_on": "2024-04-01",
                "enrolment_status": "enrolled",
            },
            holder_jwk=student.public_jwk(),
            issued_at=now,
            valid_until=now + 86400,
        ),
        university,
    )
    print(f"certificate: {len(certificate)} characters, {certificate.count('~') - 1} claims that can be held back")

    # The student shows two claims, to this shop, now.
    shown = sd_jwt.present(
        certificate, paths=[("enrolment_status",), ("faculty",)], holder=student, audience=SHOP, nonce=NONCE, now=now
    )
    print(f"presentation: {len(shown)} characters")

    # The shop verifies. Claims exist only on what a verify function returned.
    key = parse_public_jwk(university.public_jwk())
    proven = sd_jwt.verify_presentation(sd_jwt.parse_presentation(shown), key, audience=SHOP, nonce=NONCE, now=now)
    print(f"the shop knows: {dict(proven.credential.subject)}")

    # Somebody copies the presentation and shows it elsewhere.
    try:
        sd_jwt.verify_presentation(
            sd_jwt.parse_presentation(shown), key, audience="x509_san_dns:other.example", nonce=NONCE, now=now
        )
    except Rejected as refusal:
        print(f"another shop says no: {refusal}")


if __name__ == "__main__":
    main()
