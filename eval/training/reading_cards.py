"""Cards that the reader learns from: a made-up name as heading and a line for each thing that is known of it.

In: `eval/data/cards.json`, names in both spellings, and what can be said and asked of a name in both languages. Out:
examples. Study notes are full of such lists; what they do not say of a name stands beside what they do. No name or
value is true.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.models.reader import ANSWERS, SUPPORTS
from eval.training.reading_example import Example, held_out
from eval.training.reading_own import as_typed

CARDS = Path(__file__).parent.parent / "data" / "cards.json"
COUNT = 420
_KNOWN = 4, 7
"""Things that a card says, at least and at most."""
_LANGUAGES = "ko", "en"
_TITLES = {"ko": ("모델 정리", "논문 메모", "스터디 노트"), "en": ("Model notes", "Reading list", "Study notes")}
_ORGANISATIONS = "Hansol", "Northgate", "Dodam", "Bluefin"
_PARTICLES = {"은": "는", "이": "가", "을": "를"}
"""Particles behind a consonant, and behind a vowel."""
_JOINT = {"ko": " 또한 ", "en": " Also, "}


def cards(luck: random.Random) -> Iterator[Example]:
    """Yield examples: what a card says, what it does not say, what another says, and sentences about it."""
    data = json.loads(CARDS.read_text(encoding="utf-8"))
    for number in range(COUNT):
        card, held = Card(data, luck), held_out(f"card {number}")
        other = Card(data, luck, unlike=card.name)
        for at in luck.sample(range(len(card.known)), 3):
            known, beside = card.known[at], (at + 1) % len(card.known)
            for _ in range(2):
                yield Example(card.question(known), card.strip(at), ANSWERS, True, "card+", held)
            yield Example(card.question(known), card.strip(beside), ANSWERS, False, "card-un", held)
            if known in other.known:
                theirs = other.strip(other.known.index(known))
                yield Example(card.question(known), theirs, ANSWERS, False, "card-un", held)
            yield Example(card.sentence(at), card.strip(at), SUPPORTS, True, "card-sup", held)
            yield Example(card.wrong(at, other), card.strip(at), SUPPORTS, False, "card-sup", held)
            yield Example(
                card.opposite(at) or card.joined(at, beside), card.strip(at), SUPPORTS, False, "card-sup", held
            )
        for missing in luck.sample(card.missing, 4):
            near = [at for at, known in enumerate(card.known) if known["group"] == missing["group"]]
            strip = card.strip(luck.choice(near or range(len(card.known))))
            yield Example(card.question(missing), strip, ANSWERS, False, "card-un", held)
        yield Example(card.question(card.known[0]), other.strip(-1), ANSWERS, False, "card-un", held)


class Card:
    """A name, what is known of it, each with a value, and what is not, that of the same groups first."""

    def __init__(self, data: dict[str, Any], luck: random.Random, unlike: "tuple[str, str] | None" = None) -> None:
        """Draw a card; `unlike` is a name that it must not have."""
        self._luck, self._language = luck, luck.choice(_LANGUAGES)
        latin, hangul = luck.choice([name for name in data["names"] if tuple(name) != unlike])
        self.name: tuple[str, str] = (latin, hangul)
        attributes = luck.sample(data["attributes"], len(data["attributes"]))
        count = luck.randint(*_KNOWN)
        self.known: list[dict[str, Any]] = attributes[:count]
        groups = {known["group"] for known in self.known}
        self.missing = sorted(attributes[count:], key=lambda left: left["group"] not in groups)[:8]
        self._values: list[list[str]] = [luck.choice(known["values"]) for known in self.known]
        made = f"{latin} ({luck.choice(_ORGANISATIONS)}, {luck.randint(2018, 2024)})"
        self._where = f"{luck.choice(_TITLES[self._language])} > {luck.choice((latin, latin, made))}"

    def strip(self, at: int) -> str:
        """Return the line of what is known at a place, under the heading."""
        said = self._said(self.known[at], self._values[at], self._language, self.name[0])
        return f"{self._where}\n{said}"

    def question(self, attribute: dict[str, Any]) -> str:
        """Ask something of the name, in either language; Koreans spell half of the names in Hangul."""
        language = self._luck.choice(_LANGUAGES)
        asked = self._luck.choice(attribute[language]["asks"])
        return as_typed(self._filled(asked, self._spelled(language), ""), self._luck)

    def sentence(self, at: int, language: str | None = None) -> str:
        """Say what is known at a place, in either language."""
        language = language or self._luck.choice(_LANGUAGES)
        return self._said(self.known[at], self._values[at], language, self._spelled(language)).lstrip("- ")

    def wrong(self, at: int, other: "Card") -> str:
        """Say it with another value or of another name."""
        language, known = self._luck.choice(_LANGUAGES), self.known[at]
        values = [value for value in known["values"] if value != self._values[at]]
        if self._luck.random() < 0.7:
            return self._said(known, self._luck.choice(values), language, self._spelled(language)).lstrip("- ")
        return self._said(known, self._values[at], language, other.name[0]).lstrip("- ")

    def opposite(self, at: int) -> str:
        """Say it the wrong way round, or nothing where it has no direction."""
        language, known = self._luck.choice(_LANGUAGES), self.known[at]
        if "opposite" not in known:
            return ""
        value = self._values[at][_LANGUAGES.index(language)]
        return self._filled(self._luck.choice(known["opposite"][language]), self._spelled(language), value)

    def joined(self, at: int, beside: int) -> str:
        """Say it, and something else behind it that the line does not say."""
        language = self._luck.choice(_LANGUAGES)
        return self.sentence(at, language) + _JOINT[language] + self.sentence(beside, language)

    def _spelled(self, language: str) -> str:
        return self.name[1] if language == "ko" and self._luck.random() < 0.5 else self.name[0]

    def _said(self, attribute: dict[str, Any], value: list[str], language: str, name: str) -> str:
        return self._filled(self._luck.choice(attribute[language]["says"]), name, value[_LANGUAGES.index(language)])

    def _filled(self, text: str, name: str, value: str) -> str:
        """Fill in name and value, with the particles that go with the name as it is spoken."""
        open_syllable = (ord(self.name[1][-1]) - ord("가")) % 28 == 0
        particles = {behind: vowel if open_syllable else behind for behind, vowel in _PARTICLES.items()}
        return text.format(name=name, value=value.replace("{slug}", name.lower()), **particles)
