"""The presentations together answer the question: one option of every required credential set is there (OpenID4VP 1.0 §6.4.2).

Not a rule of the registry, since it looks at the whole answer and not at one presentation.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from verifier.checks.verdict import Answer, Check, Mender, Sentence

CredentialSets = tuple[tuple[tuple[str, ...], ...], ...]
"""Required credential sets → options → query ids."""

_TITLE = Sentence(ja="回答のそろい", en="Answer complete")
_YES = Sentence(ja="質問に必要な証明書がそろっています。", en="Every credential that the question needs was shown.")
_NO = Sentence(ja="質問に必要な証明書がそろっていません。", en="A credential that the question needs was not shown.")


def check_question_answered(sets: CredentialSets, shown: Collection[str]) -> Check:
    """sets: from the question; shown: query ids that were answered. No sets at all: failed, nothing was asked."""
    complete = bool(sets) and all(_any_option(options, shown) for options in sets)
    return Check(
        name="question_answered",
        title=_TITLE,
        answer=Answer.PASSED if complete else Answer.FAILED,
        reason="complete" if complete else "incomplete",
        sentence=_YES if complete else _NO,
        mender=Mender.NOBODY if complete else Mender.HOLDER,
    )


def _any_option(options: Sequence[Sequence[str]], shown: Collection[str]) -> bool:
    return any(option and all(query_id in shown for query_id in option) for option in options)
