"""The columns of a file of buyers, as ticket shops export them. One line is one order."""

from __future__ import annotations

from issuer.connectors.csv_file import Layout

BUYERS = Layout(
    headers={
        "reference": ("注文番号", "予約番号", "受付番号"),
        "name": ("氏名", "名前", "購入者", "購入者名"),
        "email": ("メールアドレス", "メール", "電子メール"),
        "class": ("券種", "席種", "区分"),
        "quantity": ("枚数", "数量"),
        "language": ("言語", "連絡言語"),
    },
    required=("reference", "class"),
)
