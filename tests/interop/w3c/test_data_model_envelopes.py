"""What the W3C's data model suite asks of envelopes, on envelopes as VC-JOSE-COSE 1.0 makes them. VCDM 2.0 §4.13.1, §4.13.2.

The suite asks it of implementations that it is told to; its presentation is one that the text forbids, see the README.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from common.formats.vc_jose_cose.enveloped import envelop
from common.formats.vc_jose_cose.media_type import media_type
from common.formats.vc_jose_cose.secure import secure
from tests.interop.w3c.model_doors import (
    ABSENT,
    CHALLENGE,
    DI,
    DOMAIN,
    HOLDER,
    HOLDER_METHOD,
    V2,
    ModelDoors,
    changed,
    presented,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enveloped:
    """judge: (document, code of the rule by which the verifier says no). unsecured: what stands inside. other: the other envelope.

    lacking: the rule that an envelope breaks first where it passes for what is in it.
    """

    document: dict[str, Any]
    unsecured: str
    other: str
    lacking: str
    judge: Callable[..., Any]


@pytest.fixture(params=["credential", "presentation"])
def enveloped(request: pytest.FixtureRequest, model: ModelDoors) -> Enveloped:
    credential = model.secure(model.credential(issuer=model.did_web), {"mediaType": "application/vc+jwt"})
    if request.param == "credential":
        return Enveloped(
            document=credential,
            unsecured="VerifiableCredential",
            other="EnvelopedVerifiablePresentation",
            lacking="bad_issuer",
            judge=model.verify,
        )
    shown = changed(presented(credential), proof=ABSENT)
    kind, extra = media_type("vp+jwt"), {"aud": DOMAIN, "nonce": CHALLENGE}
    made = secure(shown, kind, HOLDER, key_id=HOLDER_METHOD, issued_at=model.school.clock.now(), extra=extra)
    return Enveloped(
        document=envelop(made, kind),
        unsecured="VerifiablePresentation",
        other="EnvelopedVerifiableCredential",
        lacking="bad_proof",
        judge=model.verify_presentation,
    )


def test_the_context_of_an_envelope_is_the_base_context(enveloped: Enveloped) -> None:
    assert enveloped.document["@context"] == V2
    enveloped.judge(enveloped.document)
    enveloped.judge(changed(enveloped.document, context=[V2]))
    for wrong in (ABSENT, [], DI, [DI], None, 20260401):
        enveloped.judge(changed(enveloped.document, context=wrong), "bad_context")


def test_the_id_of_an_envelope_is_a_data_url(enveloped: Enveloped) -> None:
    address = str(enveloped.document["id"])
    enveloped.judge(enveloped.document)
    for wrong in (
        ABSENT,
        address.rpartition(",")[2],
        address.removeprefix("data:"),
        f"https://a.example/{address}",
        None,
    ):
        enveloped.judge(changed(enveloped.document, id=wrong), "bad_envelope")
    forged = f"{address[:-3]}{'AAA' if address[-3:] != 'AAA' else 'AAQ'}"
    enveloped.judge(changed(enveloped.document, id=forged), "bad_signature")


def test_the_type_of_an_envelope_says_that_it_is_one(enveloped: Enveloped) -> None:
    enveloped.judge(enveloped.document)
    for wrong in (ABSENT, None, []):
        enveloped.judge(changed(enveloped.document, type=wrong), "bad_type")
    for plain in (
        enveloped.unsecured,
        [enveloped.unsecured],
    ):  # then it is read as one, and what has to be there is not
        enveloped.judge(changed(enveloped.document, type=plain), enveloped.lacking)
    enveloped.judge(changed(enveloped.document, type=enveloped.other), "bad_type")
