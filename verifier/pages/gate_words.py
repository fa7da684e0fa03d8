"""What a gate says of a code, in the same words on the scanner's page and in the terminal. Texts: ``messages``, and the rules."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from common.pages.catalogue import read_messages
from common.pages.language import Language
from verifier.checks.ticket_admits import RULE
from verifier.checks.verdict import Mender

PREFIX = "gate_scanner."
_MENDERS = {
    "wrong_event": Mender.HOLDER,
    "unknown_issuer": Mender.ISSUER,
    "bad_issuer_signature": Mender.NOBODY,
    "bad_holder_proof": Mender.HOLDER,
    "malformed": Mender.HOLDER,
    "expired": Mender.ISSUER,
    "not_yet_valid": Mender.HOLDER,
    "revoked": Mender.ISSUER,
    "status_stale": Mender.VERIFIER,
    "status_stale_document": Mender.VERIFIER,
}
"""Of what the shared rules say in words for a credential, and a gate in words for a ticket."""


def gate_words(texts: Mapping[str, str], language: Language) -> dict[str, str]:
    """texts: of the catalogue, in that language. For each word of the rule ``sentence.…`` and, where somebody can, who mends it."""
    found = {key.removeprefix(PREFIX): text for key, text in texts.items() if key.startswith(PREFIX)}
    menders = dict(_MENDERS)
    for word, (_, mender, sentence) in RULE.reasons.items():
        found[f"sentence.{word}"] = sentence.ja if language == "ja" else sentence.en
        menders[word] = mender
    mends = {f"mends.{word}": found[f"mender.{who}"] for word, who in menders.items() if who is not Mender.NOBODY}
    return {**found, **mends}


@cache
def terminal_words(language: Language) -> Mapping[str, str]:
    """The same for a terminal, which has no other pages."""
    return gate_words(read_messages(Path(__file__).parent / "messages" / f"{language}.toml"), language)
