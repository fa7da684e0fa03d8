"""What opens the applications of a My Number card. cards.md §3.

照合番号A is the individual number: it is not among them, and never asked.
"""

from __future__ import annotations

from common.cards.prompts import SecretKind

JPKI_PASSWORD = SecretKind(
    name="jpki_signature_password",
    pattern="[A-Z0-9]{6,16}",
    label_ja="署名用電子証明書の暗証番号（英大文字と数字、6〜16文字）",
    label_en="Signature certificate password (6 to 16 capitals and digits)",
)
JPKI_PIN = SecretKind(
    name="jpki_authentication_pin",
    pattern="[0-9]{4}",
    label_ja="利用者証明用電子証明書の暗証番号（4桁）",
    label_en="User authentication certificate PIN (4 digits)",
)
TEXT_PIN = SecretKind(
    name="my_number_text_pin",
    pattern="[0-9]{4}",
    label_ja="券面事項入力補助用の暗証番号（4桁）",
    label_en="Card information input PIN (4 digits)",
)
NUMBER_B = SecretKind(
    name="my_number_verification_b",
    pattern="[0-9]{14}",
    label_ja="照合番号B（生年月日6桁、有効期限の年4桁、セキュリティコード4桁）",
    label_en="Verification number B (birth date YYMMDD of the era, year of expiry, security code)",
    printed=True,
)
