"""What a credential is rejected with that does not keep its schema. Apart from the evaluator, which takes a while to load."""

from __future__ import annotations

from common.errors import Rejected


class SchemaViolated(Rejected):
    """place: a JSON pointer into the credential, by names that the schema knows; never a value. Empty: the whole."""

    def __init__(self, detail: str, *, place: str = "") -> None:
        super().__init__("schema_violated", detail)
        self.place = place
