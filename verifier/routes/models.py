"""The JSON of the operators' API."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from verifier.flows.open_session import OpenedSession
from verifier.flows.read_result import Result
from verifier.queries.contract import Question
from verifier.store.session_states import StateName
from verifier.store.sessions import SessionRow


class AskModel(BaseModel):
    """A question to put."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(max_length=64)
    same_device: bool = False
    response_mode: Literal["direct_post.jwt", "direct_post"] = "direct_post.jwt"
    request_method: Literal["get", "post"] = "get"


class OpenedModel(BaseModel):
    """link is also the text of the QR code. wallet_link: for a wallet that is a web page, empty where none is set."""

    id: str
    question: str
    link: str
    wallet_link: str
    expires_at: int

    @classmethod
    def of(cls, opened: OpenedSession) -> OpenedModel:
        return cls(
            id=opened.session,
            question=opened.question,
            link=opened.link,
            wallet_link=opened.wallet_link,
            expires_at=opened.expires_at,
        )


class SummaryModel(BaseModel):
    """One line of the list of sessions."""

    id: str
    question: str
    state: StateName
    created_at: int
    expires_at: int

    @classmethod
    def of(cls, row: SessionRow, now: int) -> SummaryModel:
        return cls(
            id=str(row.session),
            question=str(row.question),
            state=row.life_at(now).name,
            created_at=int(row.created_at),
            expires_at=int(row.expires_at),
        )


class ResultModel(SummaryModel):
    """verdict: the tree, null while there is none. disclosed: what was asked for and shown, while it is kept."""

    verdict: dict[str, Any] | None
    disclosed: list[dict[str, Any]] | None

    @classmethod
    def of_result(cls, result: Result) -> ResultModel:
        return cls(
            id=result.session,
            question=result.question,
            state=result.life.name,
            created_at=result.created_at,
            expires_at=result.expires_at,
            verdict=result.verdict,
            disclosed=result.disclosed,
        )


class TextModel(BaseModel):
    ja: str
    en: str


class QuestionModel(BaseModel):
    """A question that this relying party may ask. dcql: what a wallet is sent."""

    name: str
    question: TextModel
    purpose: TextModel
    dcql: dict[str, Any]

    @classmethod
    def of(cls, question: Question, vct_base: str) -> QuestionModel:
        return cls(
            name=question.name,
            question=TextModel(ja=question.question_ja, en=question.question_en),
            purpose=TextModel(ja=question.purpose_ja, en=question.purpose_en),
            dcql=question.dcql(vct_base),
        )


class QuestionsModel(BaseModel):
    questions: list[QuestionModel]


class SessionsModel(BaseModel):
    sessions: list[SummaryModel]
