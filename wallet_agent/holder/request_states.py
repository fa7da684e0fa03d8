"""The life of a verifier's question, as types; stored like ``offer_states``.

    Asked ──answer──▶ Answering ──▶ Answered | Refused (the verifier said no) | Uncertain (sent, and no answer came)
       └──decline──▶ Declined                                                      └──again: the very same bytes──▶ Answering

The answer is built, and the consent written into the history, in the transaction that makes it Answering; only then is it sent. So one
question is answered once, whatever crashes; what is sent again after a crash is the same response, which the verifier takes once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from common.oid4vp.authorization_request import AuthorizationRequest
from wallet_agent.holder.texts import Texts

Proof = Literal["certificate", "did_web", "key", "none"]
"""What is known of the asker: a trusted root vouches for its name; its domain is proven; only a key is; nothing (sandbox)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks. client_id: the full identifier. proven_name: the host or DID that is proven, "" where nothing is.

    vouched_by: subject of the trusted root. said_names: what it calls itself, its own word. response_host: where the answer goes.
    """

    client_id: str
    proof: Proof
    proven_name: str
    vouched_by: str
    said_names: Texts
    response_host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """purposes, retention: the asker's own words on why, and what becomes of the data. expires_at: seconds, None where unsaid."""

    request: AuthorizationRequest
    asker: Asker
    purposes: Texts
    retention: Texts
    expires_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    question: Question
    state: Literal["asked"] = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """body: the form to post, encrypted where the verifier wants it so. since: seconds; another process may send it after a while."""

    question: Question
    history_id: str
    body: str = field(repr=False)
    since: int
    state: Literal["answering"] = "answering"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    question: Question
    history_id: str
    body: str = field(repr=False)
    state: Literal["uncertain"] = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """redirect_uri: where the holder's browser is to go now, if the verifier said so."""

    question: Question
    history_id: str
    redirect_uri: str | None
    state: Literal["answered"] = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The verifier did not take the answer. code: its error word."""

    question: Question
    history_id: str
    code: str
    state: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    question: Question
    redirect_uri: str | None
    state: Literal["declined"] = "declined"


RequestState = Asked | Answering | Uncertain | Answered | Refused | Declined
