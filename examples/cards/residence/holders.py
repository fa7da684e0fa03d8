"""Who holds a residence card, and the sample holders. Nobody of them exists.

The agency publishes no list of the status codes of tag C9: the codes here are made up, and begin with T for that reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from examples.cards.people import PEOPLE, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidenceHolder:
    """What the card says of one person, in the card's own forms: dates YYYYMMDD, sex 1 2 3, period YYMM (0000: indefinite).

    number: the twelve printed characters, the secret that opens the card. special: a special permanent resident's certificate.
    photo: under 16 there is none, nor a signature. municipality: the code of six digits. permission: kind (two digits) and date.
    """

    number: str = field(repr=False)
    name: str
    birth: str
    sex: str
    nationality: str
    status: str
    status_code: str
    period: str
    expires: str
    stay_until: str = "00000000"
    permission: tuple[str, str] = ("00", "00000000")
    work: str = "9"
    address: str = "東京都千代田区霞が関１丁目１－１"
    address_date: str = "20240401"
    municipality: str = "131016"
    comprehensive: str = "0"
    comprehensive_until: str = "00000000"
    individual: str = "0"
    pending: str = "0"
    note: str = "0"
    remarks: str = ""
    special: bool = False
    photo: bool = True

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Z]{2}[0-9]{8}[A-Z]{2}", self.number):
            raise ValueError("a number is two letters, eight digits, two letters")

    @property
    def secret(self) -> bytes:
        """The number as the chip compares it."""
        return self.number.encode("ascii")


ENGINEER = ResidenceHolder(
    number="AB12345678CD",
    name="TURNER ELIZABETH",
    birth="19851231",
    sex="2",
    nationality="USA",
    status="ENGINEER/SPECIALIST",
    status_code="T100000001",
    period="0500",
    expires="20290520",
    stay_until="20290520",
    permission=("02", "20240520"),
    work="2",
)
STUDENT = ResidenceHolder(
    number="CD23456789EF",
    name="NGUYEN THI MAI",
    birth="20020100",  # a passport may leave the day out
    sex="2",
    nationality="VNM",
    status="STUDENT",
    status_code="T200000001",
    period="0203",
    expires="20280901",
    stay_until="20280901",
    permission=("01", "20260601"),
    work="9",
    comprehensive="1",
    comprehensive_until="20280901",
    pending="1",
    remarks="更新許可申請中",
)
PERMANENT = ResidenceHolder(
    number="EF34567890GH",
    name="SILVA O'BRIEN JOAO",
    birth="19790704",
    sex="1",
    nationality="BRA",
    status="PERMANENT RESIDENT",
    status_code="T300000001",
    period="0000",
    expires="20310704",
    permission=("04", "20240704"),
    work="1",
    address="静岡県浜松市中央区元城町１０３番地の２　コーポ髙𠮷３０１号",
    municipality="221309",
)
CHILD = ResidenceHolder(
    number="GH45678901JK",
    name="KIM MIN JUN",
    birth="20150310",
    sex="1",
    nationality="KOR",
    status="DEPENDENT",
    status_code="T400000001",
    period="0300",
    expires="20290310",
    stay_until="20290310",
    permission=("02", "20260310"),
    photo=False,
)
SPECIAL = ResidenceHolder(
    number="JK56789012LM",
    name="李　明哲",
    birth="19601115",
    sex="1",
    nationality="KOR",
    status="SPECIAL PERMANENT RESIDENT",
    status_code="T900000001",
    period="0000",
    expires="20311115",
    work="1",
    special=True,
)
SPECIAL_CHILD = ResidenceHolder(
    number="LM67890123NP",
    name="李　美咲",
    birth="20160805",
    sex="2",
    nationality="KOR",
    status="SPECIAL PERMANENT RESIDENT",
    status_code="T900000001",
    period="0000",
    expires="20320805",
    work="1",
    special=True,
    photo=False,
)


def resident(person: Person, *, number: str, status: str, status_code: str, period: str, until: str) -> ResidenceHolder:
    """Somebody of `people`: the same name, birth date, nationality and address as on their other cards."""
    return ResidenceHolder(
        number=number,
        name=" ".join(part for part in person.latin if part),
        birth=person.birth,
        sex=person.sex,
        nationality=person.nationality,
        status=status,
        status_code=status_code,
        period=period,
        expires=until,
        stay_until=until,
        permission=("01", "20250401"),
        work="2",
        address=person.address,
        municipality=f"{person.municipality}0",
    )


NGUYEN = resident(
    PEOPLE["nguyen"],
    number="KL67890123MN",
    status="ENGINEER",
    status_code="T100000002",
    period="0300",
    until="20280331",
)
SULASTRI = resident(
    PEOPLE["mononym"],
    number="MN78901234PQ",
    status="NURSING CARE",
    status_code="T500000001",
    period="0100",
    until="20270331",
)
SAMPLES = {
    "engineer": ENGINEER,
    "student": STUDENT,
    "permanent": PERMANENT,
    "child": CHILD,
    "special": SPECIAL,
    "special_child": SPECIAL_CHILD,
    "nguyen": NGUYEN,
    "mononym": SULASTRI,
}
EXAMPLE_NUMBER = "AA12345678BB"
"""The number of the specifications' own examples (別添2 of both)."""
