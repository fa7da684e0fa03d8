"""The wallet agent's tables. Every row carries its holder (``tenant``); ids are random and say nothing.

In clear stand only times, states, counters and random ids, as far as conditional UPDATEs and retention need them. ``sealed`` columns
are JSON objects under the vault key (``vault.open_vault``), bound to holder, table and row id. Keys are (tenant, id): a backup restored
into another wallet keeps its ids.
"""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, CompositeKey, IntegerField, TextField

from common.adapters.card_attempts import attempt_table
from wallet_agent.store.base import WalletRow


class Holder(WalletRow):
    """One person's wallet. wrapping: the vault key under the passphrase, as JSON; key_file_wrapping: under a key file."""

    vault_id = TextField()
    created_at = BigIntegerField()
    wrapping = TextField()
    key_file_wrapping = BlobField(null=True)
    failures = IntegerField(default=0)
    next_try_at = BigIntegerField(default=0)

    class Meta:
        table_name = "holder"
        primary_key = CompositeKey("tenant")


class GuessedName(WalletRow):
    """Wrong passphrases at a name that no wallet has, counted as a holder's are. tenant: "-". id: hash of the name."""

    id = TextField()
    failures = IntegerField()
    next_try_at = BigIntegerField(index=True)

    class Meta:
        table_name = "guessed_name"
        primary_key = CompositeKey("tenant", "id")


class UnlockSession(WalletRow):
    """An unlocked vault, for whoever has the token. id: hash of the token; sealed_key: the vault key under the token."""

    id = TextField()
    sealed_key = BlobField()
    created_at = BigIntegerField()
    expires_at = BigIntegerField(index=True)

    class Meta:
        table_name = "unlock_session"
        primary_key = CompositeKey("tenant", "id")


class Card(WalletRow):
    """One certificate. state: held, superseded or deleted. sealed: `holder.cards.CardFace`; sealed_status: last known status."""

    id = TextField()
    created_at = BigIntegerField()
    state = TextField()
    sealed = BlobField()
    sealed_status = BlobField(null=True)

    class Meta:
        table_name = "card"
        primary_key = CompositeKey("tenant", "id")


class CardCopy(WalletRow):
    """One copy of a card, with a holder key of its own. uses: how many presentations showed this copy."""

    id = TextField()
    card_id = TextField(index=True)
    uses = IntegerField(default=0)
    last_used_at = BigIntegerField(default=0)
    sealed = BlobField()

    class Meta:
        table_name = "card_copy"
        primary_key = CompositeKey("tenant", "id")


class Offer(WalletRow):
    """An offer on its way to a card: see ``holder.offer_states``. digest: recognises the same offer, read twice.

    link: hash of the text it was read from, to find it again when its issuer does not serve it any more.

    revision: counts the transitions; each is an UPDATE on the revision that was read, so that two processes cannot both make it.
    lease_until: until when one process works on it.
    """

    id = TextField()
    digest = TextField()
    link = TextField(default="")
    state = TextField()
    revision = IntegerField(default=0)
    created_at = BigIntegerField(index=True)
    lease_until = BigIntegerField(default=0)
    sealed = BlobField()

    class Meta:
        table_name = "offer"
        primary_key = CompositeKey("tenant", "id")
        indexes = ((("tenant", "digest"), True),)


class PresentationRequest(WalletRow):
    """A verifier's question: see ``holder.request_states``. digest: recognises the same question, read twice.

    link, revision: as in `Offer`.
    """

    id = TextField()
    digest = TextField()
    link = TextField(default="")
    state = TextField()
    revision = IntegerField(default=0)
    created_at = BigIntegerField(index=True)
    sealed = BlobField()

    class Meta:
        table_name = "presentation_request"
        primary_key = CompositeKey("tenant", "id")
        indexes = ((("tenant", "digest"), True),)


class History(WalletRow):
    """What happened to the holder's cards, for the holder alone. at: when; what and who are sealed."""

    id = TextField()
    at = BigIntegerField(index=True)
    sealed = BlobField()

    class Meta:
        table_name = "history"
        primary_key = CompositeKey("tenant", "id")


class Pass(WalletRow):
    """A ticket's gate pass: see ``holder.passes``. card_id: the ticket beside it. revision, lease_until: as in `Offer`."""

    id = TextField()
    card_id = TextField(index=True)
    revision = IntegerField(default=0)
    created_at = BigIntegerField()
    lease_until = BigIntegerField(default=0)
    sealed = BlobField()

    class Meta:
        table_name = "gate_pass"
        primary_key = CompositeKey("tenant", "id")


TABLES = (Holder, GuessedName, UnlockSession, Card, CardCopy, Offer, PresentationRequest, History)

CardAttempt = attempt_table(WalletRow)
"""Wrong numbers of cards at this machine's reader, by their kind. tenant: "-"."""
