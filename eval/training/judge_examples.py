"""What the judge learns from: a text with all that is asked about it, and what is known of each.

In: our labels on strangers' passages, with the passages' texts. Out: examples. A passage, or a part of it, meets its
own questions, questions that only sound as if it answered them, questions of the passages beside it and near it, and
of other subjects; and statements that it bears out or does not. The tenth that is held out is chosen by page, a page
and its translation together, so that nothing of a held-out page is learned.
"""

import random
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from assistant.answer import Vectors
from assistant.models.judge import Text
from assistant.text.language import Language
from eval.training.judge_labels import Asked, Label, LabelledPassage, Shown

NEAR = 24
"""Questions of other passages are taken from so many that are nearest to a passage."""
BESIDE, NEARBY, FAR = 3, 4, 2
"""How many questions a passage meets of other passages of its file, of near ones, and of any."""
WHOLE, AROUND_GOLD = 0.45, 0.75
"""How often a passage is read whole; how often a part of it is a part around what answers a question."""
_LENGTH = 6
"""Sentences at most in a part."""
_UNDER = 0.12
"""How often a passage stands under a heading that asks one of its questions, which says nothing for or against it."""
_TWINS = {
    "reactjs/ko.react.dev": "reactjs/react.dev",
    "vuejs-translations/docs-ko": "vuejs/docs",
    "rust-kr/doc.rust-kr.org": "rust-lang/book",
}
"""Repositories that hold the translation of another's pages, under the same paths."""
_LANGUAGE_FOLDER = re.compile(r"(?:^|/)(?:ko|en)/")


@dataclass(frozen=True)
class Ask:
    """A question or a statement beside a text. `source` says how it was come by, `language` what it is written in.

    `helps` is known for a question, and `answers`, one for each sentence of the text, where it is known which of them
    answer; `supports` is known for a statement.
    """

    text: str
    language: Language
    source: str
    helps: bool | None = None
    answers: tuple[bool, ...] = ()
    supports: bool | None = None

    @property
    def answering(self) -> list[int]:
        """The numbers of the sentences that answer."""
        return [number for number, answers in enumerate(self.answers) if answers]


@dataclass(frozen=True)
class Example:
    """A text in a language, and its asks."""

    text: Text
    language: Language
    asks: tuple[Ask, ...]
    held_out: bool = False


@dataclass(frozen=True)
class Taught:
    """A labelled passage with its text and what was said of it."""

    passage: LabelledPassage
    text: Shown
    labels: tuple[Label, ...]

    @property
    def page(self) -> str:
        """The page that the passage stands on, the same for a translation."""
        repository = _TWINS.get(self.passage.repository, self.passage.repository)
        return f"{repository}/{_LANGUAGE_FOLDER.sub('/', self.passage.path)}"

    @property
    def file(self) -> tuple[str, str]:
        """The file that the passage stands in; its translation is another one."""
        return self.passage.repository, self.passage.path

    @property
    def held_out(self) -> bool:
        """Whether the page belongs to the tenth that is measured on."""
        return int(sha256(self.page.encode()).hexdigest(), 16) % 10 == 0

    @property
    def questions(self) -> list[Asked]:
        """Everything that was asked about it and is answered by it."""
        return [question for label in self.labels for question in label.questions]

    def headed(self, heading: str, kept: Collection[int] | None = None) -> Text:
        """Return the text under a heading, or its sentences of the given numbers."""
        pieces, spans, at = [f"{heading}\n"] if heading else [], [], len(heading) + 1 if heading else 0
        for number, (gap, words) in enumerate(self.text.sentences):
            if kept is not None and number not in kept:
                continue
            gap = gap or " "
            pieces += [gap, words]
            spans.append((at + len(gap), at + len(gap) + len(words)))
            at = spans[-1][1]
        return Text("".join(pieces), tuple(spans))


def examples_of(
    taught: Sequence[Taught],
    near: Sequence[Sequence[Asked]],
    other: Sequence[tuple[Language, str]],
    luck: random.Random,
) -> Iterator[Example]:
    """Yield a reading of each passage; `near` gives for each the questions of others that are nearest to it.

    `other` are questions on other subjects than any of the passages.
    """
    of_file: dict[tuple[str, str], list[Taught]] = {}
    for item in taught:
        of_file.setdefault(item.file, []).append(item)
    for item, nearby in zip(taught, near, strict=True):
        beside = [question for one in of_file[item.file] if one is not item for question in one.questions]
        far = [luck.choice(luck.choice(taught).questions) for _ in range(FAR)]
        foreign = [
            *(("same page", question) for question in _some(beside, BESIDE, luck)),
            *(("near passage", question) for question in _some(nearby, NEARBY, luck)),
            *(("far passage", question) for question in far if question not in item.questions),
        ]
        kept = _kept(item, luck)
        asks = [*_own(item, kept), *_of_others(foreign, len(kept), luck), _silent(*luck.choice(other), "other subject")]
        luck.shuffle(asks)
        yield Example(item.headed(_heading(item, luck), kept), item.passage.language, tuple(asks), item.held_out)


def _some(found: Sequence[Asked], count: int, luck: random.Random) -> list[Asked]:
    return luck.sample(found, min(count, len(found)))


def _own(item: Taught, kept: Sequence[int]) -> Iterator[Ask]:
    """Yield what was asked and said of a passage, where it is sure whether the kept sentences hold all of it."""
    for question in item.questions:
        held = sum(number in kept for number in question.sentences)
        yield Ask(question.wrong, question.language, question.error, supports=False)
        if held == len(question.sentences):
            answers = tuple(number in question.sentences for number in kept)
            yield Ask(question.text, question.language, "answered", True, answers)
            yield Ask(question.answer, question.language, "answer", supports=True)
        elif held == 0:
            yield _silent(question.language, question.text, "answer left out")
            yield Ask(question.answer, question.language, "not in the evidence", supports=False)
    for label in item.labels:
        for language, text in label.near_misses:
            yield _silent(language, text, "near miss")
        if label.trap:
            yield _silent(label.trap[2], label.trap[1], "heading asks")


def _of_others(foreign: Sequence[tuple[str, Asked]], sentences: int, luck: random.Random) -> Iterator[Ask]:
    for source, question in foreign:
        yield _silent(question.language, question.text, source)
    if foreign:
        source, question = luck.choice(foreign)
        yield Ask(question.answer, question.language, f"said by {source}", supports=False)


def _silent(language: Language, text: str, source: str) -> Ask:
    """Return a question that no sentence answers."""
    return Ask(text, language, source, helps=False)


def _kept(item: Taught, luck: random.Random) -> list[int]:
    """Return the numbers of the sentences that are read: all, or a run of them."""
    count = len(item.passage.sentences)
    if luck.random() < WHOLE or count == 1:
        return list(range(count))
    gold = luck.choice(item.questions).sentences if luck.random() < AROUND_GOLD else (luck.randrange(count),)
    spare = max(0, min(_LENGTH, luck.randint(1, _LENGTH)) - (max(gold) - min(gold) + 1))
    before = luck.randint(0, spare)
    return list(range(max(0, min(gold) - before), min(count, max(gold) + 1 + spare - before)))


def _heading(item: Taught, luck: random.Random) -> str:
    """Return title and heading, now and then less of it, or a heading that asks: notes may have any of them."""
    traps = [text for label in item.labels if label.trap for text in label.trap[:2]]
    if luck.random() < _UNDER:
        asking = luck.choice([*traps, luck.choice(item.questions).text])
        return luck.choice([asking, f"{item.text.title} > {asking}"])
    heading = f"{item.text.title} > {item.text.heading}" if item.text.heading else item.text.title
    return luck.choices([heading, item.text.title, ""], [0.8, 0.12, 0.08])[0]


def nearest(taught: Sequence[Taught], of_questions: Vectors, of_passages: Vectors) -> list[list[Asked]]:
    """Return for each passage the questions of other pages that are nearest to it, from unit vectors.

    `of_questions` stand in the order of the passages' own questions.
    """
    owned = [(item, question) for item in taught for question in item.questions]
    pages = np.array([item.page for item, _ in owned])
    found = []
    for item, alike in zip(taught, of_passages @ of_questions.T, strict=True):
        alike[pages == item.page] = -np.inf
        places = np.argpartition(-alike, min(NEAR, len(alike) - 1))[:NEAR]
        found.append([owned[at][1] for at in places.tolist() if np.isfinite(alike[at])])
    return found
