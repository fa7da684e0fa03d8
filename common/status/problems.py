"""The processing errors of Bitstring Status List 1.0 §3.5, as types of RFC 9457 problem documents."""

from __future__ import annotations

from typing import Literal

from common.errors import Malformed, Rejected, TegataError, Unavailable

Problem = Literal[
    "STATUS_RETRIEVAL_ERROR",
    "STATUS_VERIFICATION_ERROR",
    "STATUS_LIST_LENGTH_ERROR",
    "RANGE_ERROR",
    "MALFORMED_VALUE_ERROR",
]

_STATUS_LIST = "https://www.w3.org/ns/credentials/status-list#"
_DATA_MODEL = "https://www.w3.org/TR/vc-data-model#"
_OF_THE_DATA_MODEL = frozenset({"RANGE_ERROR", "MALFORMED_VALUE_ERROR"})
"""The text takes these two from VCDM 2.0 §7.3 and gives the others addresses of its own."""


class StatusListRejected(Rejected):
    """A list, or an entry of one, about which nothing can be said. problem: which step of §3.2 failed."""

    def __init__(self, problem: Problem, detail: str) -> None:
        super().__init__("status_unknown", detail)
        self.problem: Problem = problem


def problem_of(failure: TegataError) -> Problem:
    """The text's name for what went wrong on the way to a status."""
    if isinstance(failure, StatusListRejected):
        return failure.problem
    if isinstance(failure, Malformed):
        return "MALFORMED_VALUE_ERROR"
    return "STATUS_RETRIEVAL_ERROR" if isinstance(failure, Unavailable) else "STATUS_VERIFICATION_ERROR"


def problem_type(problem: Problem) -> str:
    """The problem's URL."""
    return (_DATA_MODEL if problem in _OF_THE_DATA_MODEL else _STATUS_LIST) + problem
