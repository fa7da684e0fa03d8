"""What status words mean, by name and as typed errors. ISO/IEC 7816-4 §5.6, and what Japanese identity cards mean by them. Pure."""

from __future__ import annotations

from common.errors import CardError, PinBlocked, PinWrong

DONE = 0x9000
END_OF_FILE = 0x6282
BEYOND_FILE = 0x6B00
NOT_VERIFIED = 0x6300
WRONG_LENGTH = 0x6700
SECURITY_NOT_SATISFIED = 0x6982
BLOCKED = 0x6983
UNUSABLE = 0x6984
NOT_FOUND = 0x6A82
REFERENCE_NOT_FOUND = 0x6A88

_NAMES = {
    DONE: "done",
    0x6281: "data_may_be_corrupt",
    END_OF_FILE: "end_of_file",
    0x6283: "file_deactivated",
    NOT_VERIFIED: "not_verified",
    0x6400: "execution_error",
    0x6581: "memory_failure",
    WRONG_LENGTH: "wrong_length",
    0x6881: "channel_not_supported",
    0x6882: "secure_messaging_not_supported",
    0x6883: "last_of_chain_expected",
    0x6884: "chaining_not_supported",
    0x6981: "incompatible_file",
    SECURITY_NOT_SATISFIED: "security_not_satisfied",
    BLOCKED: "blocked",
    UNUSABLE: "reference_data_unusable",
    0x6985: "conditions_not_met",
    0x6986: "no_current_file",
    0x6987: "secure_messaging_object_missing",
    0x6988: "secure_messaging_object_wrong",
    0x69FC: "secure_messaging_dead",
    0x6A80: "wrong_data",
    0x6A81: "function_not_supported",
    NOT_FOUND: "not_found",
    0x6A83: "record_not_found",
    0x6A86: "wrong_parameters",
    0x6A87: "wrong_length_for_parameters",
    REFERENCE_NOT_FOUND: "reference_not_found",
    BEYOND_FILE: "beyond_file",
    0x6D00: "instruction_not_supported",
    0x6E00: "class_not_supported",
    0x6F00: "no_diagnosis",
}


def name(sw: int) -> str:
    """A short word for a status word, stable; ``status_xxxx`` for what has no name here."""
    if sw >> 8 == 0x61:
        return "more_data"
    if sw >> 8 == 0x6C:
        return "wrong_le"
    if sw & 0xFFF0 == 0x63C0:
        return "wrong_value"
    return _NAMES.get(sw, f"status_{sw:04x}")


def attempts_left(sw: int) -> int | None:
    """How many tries a status word says are left: 63Cx tells, 6983 and 6984 mean none. None for words that say nothing of it."""
    if sw & 0xFFF0 == 0x63C0:
        return sw & 0x0F
    return 0 if sw in (BLOCKED, UNUSABLE) else None


def raise_for(sw: int, what: str = "", *, pin: bool = False) -> None:
    """Raises what a status word means; nothing for 9000. what: English words for what was asked of the card, without secrets.

    pin: the command presented a secret (VERIFY, a mutual authentication): 63Cx and 6300 are PinWrong, 63C0, 6983 and 6984 PinBlocked.
    Else the same words are a CardError like every other: CardError(code="card_refused", sw).
    """
    if sw == DONE:
        return
    if pin:
        left = attempts_left(sw)
        if left == 0:
            raise PinBlocked(sw=sw)
        if left is not None or sw == NOT_VERIFIED:
            raise PinWrong(left, sw=sw)
    asked = f" to {what}" if what else ""
    raise CardError("card_refused", f"the card refused{asked}: {name(sw)} ({sw:04X})", sw=sw)
