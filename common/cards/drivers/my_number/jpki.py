"""The JPKI application: certificates, and a challenge signed by a key that never leaves the chip. cards.md §3.2, §3.9.

The card's copies of the CA certificates are not read: they prove nothing. A possession is signed, never a document.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.cards.channel import CardChannel
from common.cards.drivers.my_number.challenge import sign
from common.cards.drivers.my_number.named_files import read_named_file
from common.cards.drivers.my_number.secret_kinds import JPKI_PASSWORD, JPKI_PIN
from common.cards.files import select_application, select_file
from common.cards.possession import build_possession
from common.cards.present import present_secret
from common.cards.prompts import Progress, ReadRequest, SecretKind
from common.cards.reading import Exchange, Reading
from common.errors import CardError, Malformed, Refused, Unsupported
from common.x509.jpki import MAX_CERTIFICATE_BYTES
from common.x509.jpki_profile import JpkiPurpose

AID = bytes.fromhex("D392F000260100000001")
TOKEN_FILE = "jpki/0006"  # noqa: S105  # the name of a file
TOKENS = ("JPKIAPICCTOKEN2",)
"""Labels of the tokens that are taken: the plastic My Number card. Not the older 住基カード (JPKIAPICCTOKEN); phones have certificates of
their own policy (JPKIAPGPSETOKEN, JPKIAPIOSTOKEN)."""
_TOKEN_EF, _TOKEN_BYTES, _LABEL_BYTES = 0x0006, 160, 32
PRESENT_EF = 0x0008
"""Which of the two certificates there are."""
_PRESENT_BYTES, _BOTH = 3, b"\x8f\x8f"
_NO_FILE = 0x6A82
_NAMED = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """One of the card's two certificates with its key. Numbers are elementary files; the key is named in P2 by its short identifier.

    scheme: of trust anchors and revocation sources. source: its name in evidence. holder: what the secret is called there.
    """

    source: str
    scheme: str
    purpose: JpkiPurpose
    certificate: int
    key: int
    pin: int
    secret: SecretKind
    holder: str

    @property
    def file(self) -> str:
        return f"jpki/{self.certificate:04X}"


SIGNATURE = KeyPair(
    source="jpki_signature",
    scheme="jpki_signature",
    purpose=JpkiPurpose.SIGNATURE,
    certificate=0x0001,
    key=0x001A,
    pin=0x001B,
    secret=JPKI_PASSWORD,
    holder="password",
)
AUTHENTICATION = KeyPair(
    source="jpki_authentication",
    scheme="jpki_authentication",
    purpose=JpkiPurpose.AUTHENTICATION,
    certificate=0x000A,
    key=0x0017,
    pin=0x0018,
    secret=JPKI_PIN,
    holder="pin",
)


def read_jpki(channel: CardChannel, request: ReadRequest, pairs: tuple[KeyPair, ...]) -> Reading:
    """The token's label, and for each pair its certificate and a signed possession.

    Raises Unsupported("unknown_token_kind"), Refused("no_signature_certificate") before anybody is asked for its password, CardError,
    Malformed, Refused.
    """
    select_application(channel, AID, what="open the JPKI application")
    token = read_named_file(
        channel, _TOKEN_EF, max_bytes=_TOKEN_BYTES, size=_TOKEN_BYTES, what="read the kind of token"
    )
    if read_label(token) not in TOKENS:
        raise Unsupported("unknown_token_kind", "a card of another kind than those taken here", known=TOKENS)
    if SIGNATURE in pairs:
        _require_signature(channel)
    files, exchanges, accepted = {TOKEN_FILE: token}, {}, set()
    challenge = build_possession(request.challenge)
    for pair in pairs:
        request.progress(Progress(step=pair.source))
        select_file(channel, pair.pin, what=f"ask for {pair.secret.name}")
        present_secret(channel, request, pair.secret)
        accepted.add(pair.secret.name)
        files[pair.file] = read_named_file(
            channel,
            pair.certificate,
            max_bytes=MAX_CERTIFICATE_BYTES,
            tlv=True,
            tag_bytes=1,
            what="read a certificate",
        )
        exchanges[pair.source] = Exchange(challenge=challenge, answer=sign(channel, challenge, _NAMED | pair.key))
    return Reading(card="my_number", files=files, exchanges=exchanges, accepted=frozenset(accepted))


def _require_signature(channel: CardChannel) -> None:
    """A child's card has no signature certificate, and others gave theirs up. Raises Refused("no_signature_certificate").

    [P] ``8F 8F 00`` where there are both. [I] Which byte is whose is told nowhere, so where one is missing the certificate is looked for;
    a card that does not tell is read on.
    """
    try:
        told = read_named_file(
            channel, PRESENT_EF, max_bytes=_PRESENT_BYTES, size=_PRESENT_BYTES, what="ask which certificates there are"
        )
    except CardError as error:
        if error.code != "card_refused":
            raise
        return
    if told[:2] == _BOTH:
        return
    try:
        select_file(channel, SIGNATURE.certificate, what="look for the signature certificate")
    except CardError as error:
        if error.sw != _NO_FILE:
            raise
        raise Refused(
            "no_signature_certificate",
            "this card has no signature certificate, as a child's; at a kiosk "
            "its text application (part text, with the 4-digit PIN) tells who it is",
        ) from error


def read_label(token: bytes) -> str:
    """The label of PKCS #11 token information (file 0006). Raises Malformed."""
    label = token[:_LABEL_BYTES].rstrip(b" \0")
    if len(token) < _LABEL_BYTES or not label.isalnum():
        raise Malformed("token_malformed", "the kind of token is not told as it should be")
    return label.decode("ascii")
