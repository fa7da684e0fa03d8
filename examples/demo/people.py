"""What the people of the story do, through the programs' public addresses: registrar, student, shop assistant.

Each method is one act of one person, and raises `NotDone` with the program's own words when it was refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from examples.demo.cast import SHOP, STUDENT, UNIVERSITY, Cast
from examples.demo.programs import Program


class NotDone(RuntimeError):
    """A program said no. status: HTTP; problem: its RFC 9457 document."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code', '')}: {problem.get('detail', '')}")
        self.status = status
        self.problem = problem


class Person:
    """Somebody with a token at one program."""

    def __init__(self, program: Program, *, token: str = "") -> None:
        self.http = program.client(token=token)

    def ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """The object that is answered, {} where nothing is. Raises NotDone."""
        found: dict[str, Any] = self._send(method, path, **request) or {}
        return found

    def ask_for_list(self, method: str, path: str, **request: Any) -> list[dict[str, Any]]:
        """The same where a list is answered."""
        found: list[dict[str, Any]] = self._send(method, path, **request)
        return found

    def _send(self, method: str, path: str, **request: Any) -> Any:
        answer = self.http.request(method, path, **request)
        if answer.status_code >= 400:
            told = answer.json() if "json" in answer.headers.get("content-type", "") else {"detail": answer.text[:200]}
            raise NotDone(answer.status_code, told)
        return answer.json() if answer.content else None


class Registrar(Person):
    def __init__(self, cast: Cast, institution: str = UNIVERSITY) -> None:
        super().__init__(cast.issuer, token=cast.staff_token)
        self.base = f"/{institution}/api"

    def import_roll(self, path: Path, *, dry_run: bool = False) -> dict[str, Any]:
        with path.open("rb") as file:
            return self.ask(
                "POST",
                f"{self.base}/roll",
                files={"file": (path.name, file, "text/csv")},
                data={"dry_run": str(dry_run)},
            )

    def offer(
        self, student_number: str, *types: str, formats: tuple[str, ...] = (), tx_code: bool = True
    ) -> dict[str, Any]:
        asked = {"types": list(types or ("enrolment",)), "formats": list(formats), "tx_code": tx_code}
        return self.ask("POST", f"{self.base}/people/{student_number}/offers", json=asked)

    def show_offer(self, offer_id: str) -> dict[str, Any]:
        return self.ask("GET", f"{self.base}/offers/{offer_id}")

    def withdraw(self, student_number: str) -> dict[str, Any]:
        return self.ask("POST", f"{self.base}/people/{student_number}/withdraw")

    def person(self, student_number: str) -> dict[str, Any]:
        return self.ask("GET", f"{self.base}/people/{student_number}")


class Student(Person):
    def __init__(self, cast: Cast, name: str = STUDENT) -> None:
        super().__init__(cast.wallet)
        self.base, self.name, self.passphrase = f"/{name}/api", name, cast.passphrase

    def make_wallet(self) -> None:
        self.ask("POST", "/api/holders", json={"name": self.name, "passphrase": self.passphrase})

    def unlock(self) -> None:
        token = self.ask("POST", f"{self.base}/unlock", json={"passphrase": self.passphrase})["token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def receive(self, link: str) -> dict[str, Any]:
        return self.ask("POST", f"{self.base}/offers", json={"link": link})

    def accept(self, offer_id: str, tx_code: str | None) -> dict[str, Any]:
        return self.ask("POST", f"{self.base}/offers/{offer_id}/accept", json={"tx_code": tx_code})

    def offer(self, offer_id: str) -> dict[str, Any]:
        return self.ask("GET", f"{self.base}/offers/{offer_id}")

    def resume(self) -> list[dict[str, Any]]:
        """Goes on with every offer that was interrupted."""
        return self.ask_for_list("POST", f"{self.base}/offers/resume")

    def cards(self) -> list[dict[str, Any]]:
        return self.ask_for_list("GET", f"{self.base}/cards")

    def look_at(self, link: str) -> dict[str, Any]:
        return self.ask("POST", f"{self.base}/requests", json={"link": link})

    def request(self, request_id: str) -> dict[str, Any]:
        return self.ask("GET", f"{self.base}/requests/{request_id}")

    def answer(self, request_id: str, *, cards: Mapping[str, list[str]] | None = None) -> dict[str, Any]:
        """cards: query id → ids of cards; default: what the consent page preselects."""
        return self.ask("POST", f"{self.base}/requests/{request_id}/answer", json={"cards": cards})

    def decline(self, request_id: str) -> dict[str, Any]:
        return self.ask("POST", f"{self.base}/requests/{request_id}/decline")


class Assistant(Person):
    def __init__(self, cast: Cast, shop: str = SHOP, *, token: str = "") -> None:
        super().__init__(cast.verifier, token=token or cast.operator_token)
        self.base = f"/{shop}/api"

    def put_question(self, question: str, **options: Any) -> dict[str, Any]:
        return self.ask("POST", f"{self.base}/sessions", json={"question": question, **options})

    def result(self, session_id: str) -> dict[str, Any]:
        return self.ask("GET", f"{self.base}/sessions/{session_id}")
