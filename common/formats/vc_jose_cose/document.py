"""Content → the document that a JWT secures. What every way of securing shares stands in ``common/formats/vcdm``.

Status: a JWT-based referenced token carries the ``status`` claim of Token Status List draft-20 §6.2 at the top of its claims set. In
``vc+jwt`` the claims set *is* the document, so ``status`` stands beside ``credentialSubject``; there is no registered W3C
``credentialStatus`` type for a Token Status List. Entries of Bitstring Status Lists go where W3C credentials keep them.
"""

from __future__ import annotations

from typing import Any

from common.formats.bitstring_entry import build_credential_status
from common.formats.credential import CredentialContent
from common.formats.status_claim import build_status_claim
from common.formats.vcdm import document as vcdm_document
from common.formats.vcdm.holder_key import did_of_holder


def build_document(content: CredentialContent) -> dict[str, Any]:
    """VCDM 2.0 §4. Raises ValueError for a claim named ``id`` (the holder's DID goes there)."""
    holder = content.holder_did or (did_of_holder(content.holder_jwk) if content.holder_jwk is not None else None)
    document = vcdm_document.build_document(content, holder=holder)
    entries = [one for one in content.statuses if one.purpose != "status_list"]
    if entries:
        document["credentialStatus"] = build_credential_status(entries)
    for one in content.statuses:
        if one.purpose == "status_list":
            document["status"] = build_status_claim(one)
    return document
