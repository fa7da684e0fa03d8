"""The JSON shapes of the staff API. Times are seconds since 1970, days ISO texts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(max_length=400)]
Id = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._/-]+$")]


class Asked(BaseModel):
    """Base of request bodies: unknown members are refused, so that a misspelt option is no silent default."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class PersonOut(BaseModel):
    id: str
    student_number: str
    family_name: str
    given_name: str
    family_name_kana: str
    given_name_kana: str
    family_name_latin: str
    given_name_latin: str
    birth_date: str
    email: str
    faculty: str
    department: str
    degree: str
    enrolled_on: str
    graduated_on: str
    status: str
    withdrawn_on: str
    language: str


class CertificateOut(BaseModel):
    id: str
    type: str
    configuration: str
    state: Literal["valid", "suspended", "revoked", "expired"]
    reason: str
    received: str
    copies: int
    issued_at: int
    valid_until: int


class OfferOut(BaseModel):
    id: str
    person_id: str
    types: list[str]
    reason: str
    state: Literal["open", "redeemed", "issued", "cancelled", "dead", "expired"]
    needs_tx_code: bool
    wrong_codes: int
    mail: str
    created_at: int
    expires_at: int


class PersonDetail(BaseModel):
    person: PersonOut
    certificates: list[CertificateOut]
    offers: list[OfferOut]


class PeopleOut(BaseModel):
    people: list[PersonOut]
    page: int
    pages: int
    total: int


class OffersOut(BaseModel):
    offers: list[OfferOut]
    page: int
    pages: int
    total: int


class MadeOfferOut(BaseModel):
    """link: for a QR code. tx_code: tell it to the student by another way than the link."""

    id: str
    person_id: str
    configurations: list[str]
    link: str
    link_by_value: str
    claim_url: str
    tx_code: str | None
    expires_at: int
    wallet_link: str


class ProblemOut(BaseModel):
    row: int
    field: str
    code: str
    ja: str
    en: str


class ImportOut(BaseModel):
    dry_run: bool
    rows: int
    added: int
    changed: int
    same: int
    wrong: int
    revoked: int
    problems: list[ProblemOut]
    more: int


class MakeOffer(Asked):
    types: Annotated[list[Text], Field(min_length=1, max_length=8)] = ["enrolment"]
    formats: Annotated[list[Text], Field(max_length=8)] = []
    tx_code: bool = True
    mail: bool = False


class OfferMany(Asked):
    type: Text
    mail: bool = True
    tx_code: bool = True
    dry_run: bool = False


class ManyOut(BaseModel):
    people: int
    offered: int
    mailed: int
    without_mail: int


class Correct(Asked):
    changes: Annotated[dict[Text, Text], Field(min_length=1, max_length=20)]
    tx_code: bool = True
    mail: bool = False


class CorrectedOut(BaseModel):
    changed: list[str]
    problems: list[ProblemOut]
    offer: MadeOfferOut | None


class Reissue(Asked):
    tx_code: bool = True
    mail: bool = False


class WithdrawnOut(BaseModel):
    revoked: int
    offers: int


class ChangeStatus(Asked):
    to: Literal["valid", "suspended", "revoked"]


class MovedOut(BaseModel):
    copies: int


class QueuedOut(BaseModel):
    mail_id: str


class ClaimOut(BaseModel):
    """What the student's page shows; the links are empty unless the offer is open."""

    institution_ja: str
    institution_en: str
    seal: str
    family_name: str
    language: str
    types: list[str]
    state: Literal["open", "redeemed", "issued", "cancelled", "dead", "expired"]
    link: str
    link_by_value: str
    needs_tx_code: bool
    expires_at: int
    wallet_link: str
    tries_left: int


class AskCode(Asked):
    """birth_date: as people write it, e.g. 2005-11-03, 2005年11月3日, 平成17年11月3日."""

    birth_date: str = Field(min_length=1, max_length=40)


class CodeOut(BaseModel):
    """tx_code: the transaction code that the wallet asks for."""

    tx_code: str
