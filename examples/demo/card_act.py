"""The second act: a chip becomes a certificate, which answers "20 or older, as verified by a chip"; what a copy, a card without means to
prove itself, a test card in earnest and a revoked one become.

What `Story` is for the roll, this is for cards: the same people, wallet and café, and a city that puts up a kiosk.
"""

from __future__ import annotations

import time

from common.pages.catalogue import Words
from examples.demo.city import City
from examples.demo.story import Story, StoryFailed
from examples.sandbox.counter import Visit
from examples.sandbox.findings import describe_certificates, describe_evidence, in_short
from issuer.kiosk.screen_texts import open_texts, trouble_text

QUESTION = "over_20_chip"
MY_NUMBER, LICENCE = "My Number card", "driving licence"


class CardAct:
    """Goes on where `Story` ended: Hanako's wallet is unlocked. The steps are counted on there."""

    def __init__(self, story: Story, city: City) -> None:
        self.story, self.city, self.cast = story, city, story.cast
        self._ages: dict[str, str] = {}
        """Her certificates of age, by the card that they come from."""
        self._words = Words(open_texts(), "en")

    def walk(self) -> None:
        step, verdict = self.story.step, self.story.verdict
        self.story.console.print("\n[bold]And now without a roll: what the chip of a card proves[/]")
        step("Wakaba City puts up a kiosk, and is told by whom cards are believed", self.open_city)
        step("Hanako puts her My Number card マイナンバーカード into the reader", self.visit)
        step("She takes both certificates with her phone", lambda: self.claim(MY_NUMBER))
        step("The café asks: are you 20 or older, as verified by a chip?", lambda: self.story.ask(QUESTION))
        step("She sees who asks for what, and consents", lambda: self.story.consent(self._ages[MY_NUMBER]))
        step("The café sees the verdict", lambda: verdict("passed"))
        step("Somebody else comes with a copy of her card, and knows her password", self.visit_with_copy)
        step("Hanako comes with her driving licence 運転免許証 instead", self.visit_with_licence)
        step("She takes its certificate too", lambda: self.claim(LICENCE))
        step("The café asks again, and she shows that one", lambda: self.ask_and_show(LICENCE))
        step("The café sees the verdict", lambda: verdict("undetermined", because="chip_not_offered", brief=True))
        step("The café opens in earnest: test cards count no more", lambda: self.set_cafe("production"))
        step("It asks again, and she shows what her My Number card proved", lambda: self.ask_and_show(MY_NUMBER))
        step("The café sees the verdict", lambda: verdict("failed", because="test_anchor", brief=True))
        step("Back to rehearsing, with test cards", lambda: self.set_cafe("test"))
        step("She moves house: her card's signature certificate is revoked", self.revoke)
        step("The café asks again, and she shows the same certificate", lambda: self.ask_and_show(MY_NUMBER))
        step("The café sees the verdict", lambda: verdict("failed", because="suspended", brief=True))
        step("She puts the old card into the kiosk again", self.visit_again)

    def open_city(self) -> str:
        self.city.open()
        self.story.wire.know("kiosk", file=self.city.wire_log)
        self.story.wire.know("JPKI", url=self.city.responder)
        self.story.say(
            f"issuer believes the roots in {self.city.roots}, and asks {self.city.responder} what is revoked"
        )
        return f"the kiosk has {self.city.reader.what}"

    def visit(self) -> str:
        return self._offered(self.city.counter.serve(self.city.card, wants=("identity", "age")))

    def visit_with_licence(self) -> str:
        return self._offered(self.city.counter.serve(self.city.licence, wants=("age",)))

    def visit_with_copy(self) -> str:
        return self._refused(self.city.counter.serve(self.city.copy_of_card()), "chip_not_genuine")

    def visit_again(self) -> str:
        return self._refused(self.city.counter.serve(self.city.card), "revoked")

    def claim(self, card: str) -> str:
        """Takes what the kiosk offers, and finds which of it tells the age."""
        student = self.story.student
        done = student.accept(student.receive(self.story.facts["link"])["id"], None)
        if done["state"] != "done":
            raise StoryFailed(f"the offer ended as {done['state']}")
        held = [one for one in student.cards() if one["id"] in done["card_ids"]]
        ages = [one["id"] for one in held if one["names"].get("en") == "Proof of Age"]
        if len(ages) != 1:
            raise StoryFailed(f"{len(ages)} certificates of age arrived")
        self._ages[card] = ages[0]
        names = " and ".join(sorted(one["names"].get("ja", "?") for one in held))
        return f"her wallet holds {names} of her {card}, {sum(one['copies'] for one in held)} unlinkable copies"

    def ask_and_show(self, card: str) -> str:
        self.story.ask(QUESTION)
        return self.story.consent(self._ages[card])

    def set_cafe(self, environment: str) -> str:
        """Started anew with the setting that says whose chips it believes."""
        verifier = self.cast.verifier
        verifier.stop()
        verifier.environment["TEGATA_VERIFIER_CARD_ENVIRONMENT"] = environment
        verifier.start()
        verifier.wait()
        return f"the verifier was started anew with card_environment={environment}"

    def revoke(self) -> str:
        """JPKI is told; the issuer asks JPKI again, as it does once a day, and suspends what rests on the certificate."""
        self.city.revoke_card()
        self.cast.issuer.command("jobs")
        time.sleep(2.1)  # a status list may be cached for its ttl, a second here
        student = self.story.student
        standing = student.ask("POST", f"{student.base}/cards/{self._ages[MY_NUMBER]}/check")["standing"]
        if standing != "suspended":
            raise StoryFailed(f"expected the certificate to be suspended, it is {standing}")
        return "the issuer heard of it, and suspended both certificates; her wallet shows that to her"

    def _offered(self, visit: Visit) -> str:
        self._tell(visit)
        if visit.accepted is None or visit.offer is None:
            raise StoryFailed(f"the visit ended with {visit.trouble}")
        self.story.facts["link"] = visit.offer.link
        return f"offered: {', '.join(visit.types)}. {in_short(visit.accepted.evidence)}"

    def _refused(self, visit: Visit, why: str) -> str:
        self._tell(visit)
        if visit.offer is not None or visit.trouble is None or why not in visit.trouble.refusals:
            raise StoryFailed(f"expected to be refused because of {why}, got {visit.trouble}")
        said = trouble_text(visit.trouble, self._words)
        return " ".join((f"{said.title}.", *said.reasons))

    def _tell(self, visit: Visit) -> None:
        tell = self.story.say
        for line in visit.seen:
            tell(f"kiosk {line}")
        if visit.accepted is not None:
            for line in (*describe_evidence(visit.accepted.evidence), *describe_certificates(visit.accepted)):
                tell(f"  {line}")
