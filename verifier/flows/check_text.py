"""Check one credential or presentation that somebody has as a text, without asking anybody a question."""

from __future__ import annotations

from common.errors import Malformed
from common.formats.detect import format_of
from common.formats.open_badges.unbake import is_picture, unbake
from verifier.checks.contract import Wanted
from verifier.checks.registry import CHECKS
from verifier.checks.verdict import Verdict
from verifier.flows.examine import Examined, Shown, examine, examine_credential, open_credential, open_presentation
from verifier.flows.gather_facts import FactGatherer
from verifier.flows.judge import Asked, Facts, judge
from verifier.flows.policy import Policy
from verifier.flows.reach_verdict import gather_facts
from verifier.flows.read_shown import examine_shown, read_shown

OF_A_CREDENTIAL = (
    "format_valid",
    "issuer_trusted",
    "issuer_signature",
    "within_validity",
    "not_revoked",
    "schema_kept",
)
OF_A_PRESENTATION = (*OF_A_CREDENTIAL, "holder_bound", "not_replayed")


def read_file(data: bytes) -> str:
    """A file → the text in it: of a PNG or SVG the badge that is baked into it, else the text itself. Raises Malformed."""
    if is_picture(data):
        return unbake(data)
    try:
        return data.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise Malformed("bad_text", "neither a text in UTF-8 nor a picture with a badge in it") from None


def check_text(
    text: str, *, audience: str = "", nonce: str = "", gatherer: FactGatherer, max_status_age: int, now: int
) -> Verdict:
    """audience and nonce given: a presentation, checked with its holder; else a bare credential. Never raises for the text."""
    is_presentation = bool(audience and nonce)
    text = text.strip()
    shown = Shown(query_id="text", format=format_of(text), text=text)
    opened = open_presentation(shown) if is_presentation else open_credential(shown)
    sought = gatherer.seek_key(opened.hint, now=now)
    key = sought.found.key if sought.found else None
    if is_presentation:
        examined = examine(opened, key, audience=audience, nonce=nonce, now=now)
    else:
        examined = examine_credential(opened, key, now=now)
    required = OF_A_PRESENTATION if is_presentation else OF_A_CREDENTIAL
    facts = gather_facts(gatherer, sought, examined, now=now)
    return _judge(examined, facts, required=required, max_status_age=max_status_age, now=now)


def check_shown(code: str, *, gatherer: FactGatherer, max_status_age: int, now: int) -> Verdict:
    """What is shown in person, scanned or pasted. It is not written down, so whether it was accepted before is not known here.

    Raises Malformed: nothing that a wallet shows.
    """
    shown = read_shown(code)
    opened = open_presentation(Shown(query_id="text", format=shown.format, text=shown.text))
    sought = gatherer.seek_key(opened.hint, now=now)
    key = sought.found.key if sought.found else None
    examined = examine_shown(opened, key, shown, wanted=(), now=now)
    facts = gather_facts(gatherer, sought, examined, now=now)
    return _judge(examined, facts, required=OF_A_PRESENTATION, max_status_age=max_status_age, now=now)


def _judge(examined: Examined, facts: Facts, *, required: tuple[str, ...], max_status_age: int, now: int) -> Verdict:
    asked = Asked(
        question="check",
        wanted=(Wanted(query_id="text", format=examined.shown.format, types=(), claims=()),),
        sets=((("text",),),),
    )
    policy = Policy(required=required, max_status_age=max_status_age)
    return judge((examined,), CHECKS, (facts,), now, asked=asked, policy=policy)
