"""Which copy of a card is shown: the one shown least, so that two verifiers cannot compare keys or signatures as long as copies last."""

from __future__ import annotations

from common.errors import Unavailable
from wallet_agent.store.cards import list_copies, use_copy
from wallet_agent.store.tables import CardCopy
from wallet_agent.vault.open_vault import OpenVault

_MEETINGS = 5


def take_copy(vault: OpenVault, card_id: str, *, now: int) -> CardCopy:
    """Counted as shown, inside the caller's transaction. Raises Unavailable when others keep taking the same one at this moment."""
    for _ in range(_MEETINGS):
        for row in list_copies(vault.tenant, card_id):
            if use_copy(row, now=now):
                return row
    raise Unavailable("card_busy", "this card is being shown elsewhere at this moment", retry_after=1)
