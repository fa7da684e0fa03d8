"""What may be done next about an error of ``tegata gate``, beside what it says: programs' words alone help no steward."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

from common.adapters.terminal import SaysErrors
from common.errors import TegataError

_NEXT = {
    "unknown_signer": "give the organiser's key, as its page shows it: --signer KEY; or --trust, if it came from the organiser's hands",
    "unknown_event": "tegata gate pack load FILE --signer KEY, or pack fetch EVENT --hub ADDRESS; what is loaded: tegata gate pack show",
    "wrong_code": "each code is good once and for a while: ask the organiser for a new one",
    "unknown_entrance": "tegata gate pack show names the entrances; the organiser says at which of them a device may stand",
    "device_locked": "the organiser has locked this device: enrol another key, --device NAME",
    "no_answer": "look at the address, the network, and --root for a hub with a certificate of its own",
}


class _AddsNext(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except TegataError as error:
            if (step := _NEXT.get(error.code)) is not None:
                error.detail = f"{error.detail}\n  {step}"
            raise


class SaysNext(SaysErrors, _AddsNext):
    """The ``cls`` of the gate's commands: an error is one sentence, and what to do about it one more."""
