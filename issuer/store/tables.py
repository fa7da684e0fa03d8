"""The issuer's tables. Times are whole seconds since 1970, days are ISO texts, lists are JSON texts.

Life-cycles are a text column with the state's name; flows move a row by one conditional UPDATE, so that two processes cannot both.
No secret stands here in the clear: codes and tokens are SHA-256 hashes of random values, private keys are sealed with the key file.
"""

from __future__ import annotations

from peewee import (
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    CompositeKey,
    IntegerField,
    TextField,
)

from common.adapters.card_attempts import attempt_table
from issuer.store.base import Row


class Institution(Row):
    """A tenant. id equals its slug. seal: two to four characters that its seal shows."""

    id = CharField(primary_key=True, max_length=64)
    name_ja = CharField(max_length=200)
    name_en = CharField(max_length=200)
    seal = CharField(max_length=8)
    created_at = BigIntegerField()


class SigningKey(Row):
    """A key that signs for a tenant. id: its kid. purpose: credentials (and status lists).

    state: next (published, not yet used) → active → retired (its signatures still hold). At most one *next* and one *active* key for
    each algorithm and purpose: the database sees to it. active_from: when it signs or began to; a *next* key whose time has come signs.
    compromised_since: from then on strangers may have signed with it; such a key is retired.
    backend: where the private half is. software: ``sealed`` holds it, sealed for (tenant, kid); pkcs11: in the token under the CKA_ID
    ``token_object`` (hex). x5c: JSON array, leaf first, or empty; document_signer: the same for signing mdocs.
    """

    id = CharField(primary_key=True, max_length=64)
    alg = CharField(max_length=16)
    purpose = CharField(max_length=16, default="credentials")
    state = CharField(max_length=16, default="active")
    public_jwk = TextField()
    backend = CharField(max_length=16, default="software")
    token_object = CharField(max_length=64, default="")
    sealed = BlobField(default=b"")
    x5c = TextField(default="[]")
    document_signer = TextField(default="[]")
    created_at = BigIntegerField()
    published_at = BigIntegerField(default=0)
    active_from = BigIntegerField(default=0)
    retired_at = BigIntegerField(null=True)
    compromised_since = BigIntegerField(null=True)


ONE_OF_A_STATE = ("next", "active")


class DidLog(Row):
    """An institution's did:webvh. id: the tenant. number: the published version. log: its did.jsonl.

    pending: the log with one entry more that awaits its witnesses, or empty. witness_file: did-witness.json. keys: sealed, the private
    JWKs that will write the next entry and the one after it.
    """

    id = CharField(primary_key=True, max_length=64)
    did = CharField(max_length=512)
    number = IntegerField()
    log = TextField()
    pending = TextField(default="")
    witness_file = TextField(default="[]")
    keys = BlobField()
    deactivated = BooleanField(default=False)
    changed_at = BigIntegerField()


class SigningChoice(Row):
    """The algorithm with which an institution signs one type of certificate from now on; without a row it is the format's first."""

    type_name = CharField(max_length=64)
    alg = CharField(max_length=16)
    changed_at = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("tenant", "type_name")


class Person(Row):
    """A row of the roll. fingerprint: hash of all that the registrar said, to tell changed rows from unchanged ones."""

    id = CharField(primary_key=True, max_length=32)
    student_number = CharField(max_length=32)
    family_name = CharField(max_length=100)
    given_name = CharField(max_length=100)
    family_name_kana = CharField(max_length=100)
    given_name_kana = CharField(max_length=100)
    family_name_latin = CharField(max_length=100)
    given_name_latin = CharField(max_length=100)
    birth_date = CharField(max_length=10)
    email = CharField(max_length=320)
    faculty = CharField(max_length=100)
    department = CharField(max_length=100)
    degree = CharField(max_length=100)
    enrolled_on = CharField(max_length=10)
    graduated_on = CharField(max_length=10)
    status = CharField(max_length=16)
    withdrawn_on = CharField(max_length=10)
    language = CharField(max_length=8)
    search = CharField(max_length=700)
    fingerprint = CharField(max_length=64)
    created_at = BigIntegerField()
    updated_at = BigIntegerField()

    class Meta:
        indexes = ((("tenant", "student_number"), True), (("tenant", "status"), False))


class Course(Row):
    """A course that a person completed, as the registrar's transcript file says. The same course may be completed in several terms."""

    person_id = CharField(max_length=32)
    code = CharField(max_length=32)
    term = CharField(max_length=32)
    name_ja = CharField(max_length=100)
    name_en = CharField(max_length=100)
    credits = CharField(max_length=8)
    grade = CharField(max_length=16)
    completed_on = CharField(max_length=10)
    updated_at = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("tenant", "person_id", "code", "term")


class Offer(Row):
    """An invitation to claim certificates.

    states: open → redeemed → issued; or open → cancelled | dead (too many wrong transaction codes). Expiry is ``expires_at``, no state.
    The reference, claim token, code and transaction code are derived from the id and the key file; here are their hashes, to look up by.
    reason: new | correction | reissue | renewal. supersedes: the person's earlier certificates of these types fall when this one is issued.
    """

    id = CharField(primary_key=True, max_length=32)
    person_id = CharField(max_length=32)
    configurations = TextField()
    reason = CharField(max_length=16)
    supersedes = BooleanField()
    state = CharField(max_length=16)
    reference_hash = CharField(max_length=64)
    claim_hash = CharField(max_length=64)
    code_hash = CharField(max_length=64)
    needs_tx_code = BooleanField()
    tx_code_wrong = IntegerField(default=0)
    created_at = BigIntegerField()
    expires_at = BigIntegerField()
    changed_at = BigIntegerField()

    class Meta:
        indexes = (
            (("tenant", "reference_hash"), True),
            (("tenant", "claim_hash"), True),
            (("tenant", "code_hash"), True),
            (("tenant", "person_id"), False),
        )


class Grant(Row):
    """What a redeemed offer allows its holder: an access token, perhaps a refresh token. issues: credential requests answered so far.

    names_identifiers: the token response named credential identifiers, so requests must use them (§8.2).
    supersedes: copied from the offer.
    """

    id = CharField(primary_key=True, max_length=32)
    offer_id = CharField(max_length=32)
    person_id = CharField(max_length=32)
    configurations = TextField()
    names_identifiers = BooleanField()
    supersedes = BooleanField()
    access_hash = CharField(max_length=64)
    access_expires_at = BigIntegerField()
    refresh_hash = CharField(max_length=64, default="")
    refresh_expires_at = BigIntegerField(default=0)
    issues = IntegerField(default=0)
    created_at = BigIntegerField()

    class Meta:
        table_name = "access_grant"
        indexes = (
            (("tenant", "access_hash"), True),
            (("tenant", "refresh_hash"), False),
            (("tenant", "offer_id"), False),
        )


class UsedNonce(Row):
    """A c_nonce that has been used. Nonces prove their own origin, so only used ones are remembered, until they would expire."""

    nonce_hash = CharField(max_length=64)
    expires_at = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("tenant", "nonce_hash")


class Credential(Row):
    """One issued copy: where its status stands and which key holds it. No claims: the roll has those, the holder has the rest.

    batch_id: copies issued together. state: valid | suspended | revoked. ended_by: why it was revoked, a short word.
    kid: the key that signed it.
    """

    id = CharField(primary_key=True, max_length=32)
    batch_id = CharField(max_length=32)
    grant_id = CharField(max_length=32)
    offer_id = CharField(max_length=32)
    person_id = CharField(max_length=32)
    type_name = CharField(max_length=64)
    configuration = CharField(max_length=64)
    list_id = CharField(max_length=32)
    list_index = BigIntegerField()
    holder_thumbprint = CharField(max_length=64)
    state = CharField(max_length=16)
    ended_by = CharField(max_length=32, default="")
    superseded_by = CharField(max_length=32, default="")
    received = CharField(max_length=32, default="")
    issued_at = BigIntegerField()
    valid_until = BigIntegerField()
    kid = CharField(max_length=64, default="")

    class Meta:
        indexes = (
            (("tenant", "list_id", "list_index"), True),
            (("tenant", "person_id"), False),
            (("tenant", "batch_id"), False),
            (("tenant", "grant_id"), False),
        )


class TimeStamp(Row):
    """The time-stamp of one issued copy. digest: SHA-256 of what the issuer signed (`common/formats/time_stamped.py`), base64url.

    state: waiting → stamped. answer: the authority's, as it came; stamped_at: by when the copy existed. problem: of the last try.
    Kept after the copy's own row is deleted: a verifier asks for it when the key has become a stranger's.
    """

    digest = CharField(max_length=43)
    batch_id = CharField(max_length=32)
    state = CharField(max_length=16)
    answer = BlobField(null=True)
    stamped_at = BigIntegerField(null=True)
    attempts = IntegerField(default=0)
    not_before = BigIntegerField()
    problem = CharField(max_length=64, default="")
    created_at = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("tenant", "digest")
        indexes = ((("state", "not_before"), False),)


class StatusList(Row):
    """permutation_key: position → index. full: no position is left. next_position: first one not leased.

    version: counts changes from 0; changed_at: of the last one, or of the beginning.
    """

    id = CharField(primary_key=True, max_length=32)
    size = BigIntegerField()
    permutation_key = BlobField()
    next_position = BigIntegerField(default=0)
    full = BooleanField(default=False)
    version = BigIntegerField(default=0)
    created_at = BigIntegerField()
    changed_at = BigIntegerField(default=0)


class StatusEntry(Row):
    """An entry of a status list that was ever changed. value: as ``common/status/contract.py`` counts. version: the list's, since then."""

    list_id = CharField(max_length=32)
    list_index = BigIntegerField()
    value = IntegerField()
    version = BigIntegerField(default=0)

    class Meta:
        primary_key = CompositeKey("tenant", "list_id", "list_index")
        indexes = ((("tenant", "list_id", "version"), False),)


class OutboxMail(Row):
    """A mail to be sent about an offer. state: queued → sending → sent | bounced | failed | cancelled. The text is made when it is sent.

    Where ``person_id`` is a reading's id, it tells its holder that the card's certificate was revoked (`issuer.flows.card_notice`);
    where `TicketMail` names it, it brings links to tickets (`issuer.flows.events.mail_links`).
    """

    id = CharField(primary_key=True, max_length=32)
    offer_id = CharField(max_length=32)
    person_id = CharField(max_length=32)
    state = CharField(max_length=16)
    attempts = IntegerField(default=0)
    not_before = BigIntegerField()
    lease_until = BigIntegerField(default=0)
    problem = CharField(max_length=64, default="")
    created_at = BigIntegerField()
    changed_at = BigIntegerField()

    class Meta:
        indexes = ((("state", "not_before"), False), (("tenant", "offer_id"), False))


WAITING = ("queued", "sending")
OutboxMail.add_index(  # two people who press the button at once queue one mail
    OutboxMail.index(
        OutboxMail.tenant,
        OutboxMail.offer_id,
        unique=True,
        where=OutboxMail.state.in_(WAITING),
        name="outbox_mail_one_waiting",
    )
)


class CardReading(Row):
    """One reading of a card: what was asked of it, what it proved, what became of that. Its id stands where others say ``person_id``.

    state: open → read → offered → over, each move by one conditional UPDATE. expires_at: of the present state. nonce: of the challenge,
    there until it was answered; no two readings have one. card: the driver's name. environment: whose roots proved it (production | test).
    types: what may be issued of it, JSON. claims: sealed, what it proved, there until nothing can be issued of it any more. record: sealed,
    the evidence with its times and what was refused, there until ``forget_at``. questions: sealed, the certificates to be asked about
    again, there while something stands that was issued of it; next_question_at: when. revoked_at: since when one of them is revoked.
    contact: sealed, a mail address that the holder left to be told of that, there while it may be needed, at most as long as the record.
    """

    id = CharField(primary_key=True, max_length=32)
    state = CharField(max_length=16, default="open")
    nonce = BlobField(null=True)
    card = CharField(max_length=32, default="")
    environment = CharField(max_length=16, default="")
    types = TextField(default="[]")
    claims = BlobField(null=True)
    record = BlobField(null=True)
    questions = BlobField(null=True)
    contact = BlobField(null=True)
    offer_id = CharField(max_length=32, default="")
    next_question_at = BigIntegerField(null=True)
    revoked_at = BigIntegerField(null=True)
    created_at = BigIntegerField()
    expires_at = BigIntegerField()
    forget_at = BigIntegerField()

    class Meta:
        table_name = "card_reading"
        indexes = ((("next_question_at",), False), (("tenant", "state"), False))


CardAttempt = attempt_table(Row)
"""Numbers of cards that were wrong, by who tried them at which reader."""
