"""What the judge learns from: two texts, and which of its three answers is known for them.

In: our labels on strangers' passages, with the passages' texts. Out: examples. A passage that answers a question, one
that only sounds like it, one that our own search brings for it though it is another passage's question; and sentences
with the evidence that bears them out, or does not. The tenth that is held out is chosen by page, a page and its
translation together, so that nothing of a held-out page is learned.
"""

import random
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from assistant.answer import Vectors
from assistant.text.blocks import Span
from assistant.text.language import Language
from eval.training.judge_labels import Asked, Label, LabelledPassage, Shown

NEAR = 8
"""Negatives are taken from so many of the passages that are nearest to a question."""
FAR, SAME_PAGE, LEFT_OUT, ASKED = 0.15, 0.5, 0.2, 0.15
"""How often a question also meets a passage of any other kind, another of its page, its own without the sentences that
answer, and its own under a heading that asks it: such a heading says nothing for or against the words below."""
WHOLE = 0.4
"""How often a passage is read whole."""
_TWINS = {
    "reactjs/ko.react.dev": "reactjs/react.dev",
    "vuejs-translations/docs-ko": "vuejs/docs",
    "rust-kr/doc.rust-kr.org": "rust-lang/book",
}
"""Repositories that hold the translation of another's pages, under the same paths."""
_LANGUAGE_FOLDER = re.compile(r"(?:^|/)(?:ko|en)/")


@dataclass(frozen=True)
class Example:
    """A pair of texts. `first` is a question or a statement; `second` has its sentences at `parts`.

    `helps` and `answers` (one for each part) are known for a question, `supports` for a statement. `source` says how
    the example was made, `direction` the languages of the second and the first text ("ko>en").
    """

    first: str
    second: str
    parts: tuple[Span, ...]
    source: str
    direction: str
    helps: bool | None = None
    answers: tuple[bool, ...] = ()
    supports: bool | None = None
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

    def headed(self, heading: str, left_out: Collection[int] = ()) -> tuple[str, tuple[Span, ...]]:
        """Return the text under a heading, and where its sentences stand, without those of the given numbers."""
        pieces, spans, at = [f"{heading}\n"] if heading else [], [], len(heading) + 1 if heading else 0
        for number, (gap, words) in enumerate(self.text.sentences):
            if number in left_out:
                continue
            gap = gap or " "
            pieces += [gap, words]
            spans.append((at + len(gap), at + len(gap) + len(words)))
            at = spans[-1][1]
        return "".join(pieces), tuple(spans)


def asked_examples(taught: Sequence[Taught], near: Mapping[str, Sequence[int]], luck: random.Random) -> list[Example]:
    """Return the examples of questions; `near` gives for each question the places of the passages nearest to it."""
    return [example for item in taught for label in item.labels for example in _asked(taught, item, label, near, luck)]


def _asked(
    taught: Sequence[Taught], item: Taught, label: Label, near: Mapping[str, Sequence[int]], luck: random.Random
) -> Iterator[Example]:
    """Yield examples of one label: for each question what answers it and what does not."""
    for question in label.questions:
        text, language = question.text, question.language
        yield _read(item, item, text, language, "answered", question.sentences, luck)
        if luck.random() < ASKED:
            yield _under_its_question(item, question, luck)
        others = [taught[place] for place in near[text] if taught[place].page != item.page][:NEAR]
        yield _read(item, luck.choice(others), text, language, "near passage", (), luck)
        beside = [other for other in taught if other.file == item.file and other is not item]
        if beside and luck.random() < SAME_PAGE:
            yield _read(item, luck.choice(beside), text, language, "same page", (), luck)
        if luck.random() < FAR:
            yield _read(item, luck.choice(taught), text, language, "far passage", (), luck)
        if luck.random() < LEFT_OUT and len(question.sentences) < len(item.passage.sentences):
            shown, spans = item.headed(_heading(item, luck), question.sentences)
            yield _silent(item, text, language, "answer left out", shown, spans)
    for language, text in label.near_misses:
        yield _read(item, item, text, language, "near miss", (), luck)
    if label.trap:
        heading, text, language = label.trap
        # A heading that repeats the question word for word answers no more than another one.
        heading = luck.choice([f"{item.text.title} > {heading}", heading, text, f"{item.text.title} > {text}"])
        shown, spans = luck.choice([item, item, luck.choice(taught)]).headed(heading)
        yield _silent(item, text, language, "heading asks", shown, spans)


def _under_its_question(item: Taught, question: Asked, luck: random.Random) -> Example:
    """Return a question beside what answers it, under a heading that asks it in the same words."""
    shown, spans = item.headed(luck.choice([f"{item.text.title} > {question.text}", question.text]))
    answers = tuple(number in question.sentences for number in range(len(spans)))
    direction = f"{item.passage.language}>{question.language}"
    source = "answered under its question"
    return Example(question.text, shown, spans, source, direction, True, answers, held_out=item.held_out)


def _read(
    owner: Taught,
    item: Taught,
    question: str,
    language: Language,
    source: str,
    gold: Sequence[int],
    luck: random.Random,
) -> Example:
    """Return a question beside a passage, or beside a part of it, which is read faster."""
    left_out = _outside(item, gold, luck)
    text, spans = item.headed(_heading(item, luck), left_out)
    kept = [number for number in range(len(item.passage.sentences)) if number not in left_out]
    answers = tuple(number in gold for number in kept)
    direction = f"{item.passage.language}>{language}"
    return Example(question, text, spans, source, direction, bool(gold), answers, held_out=owner.held_out)


def _outside(item: Taught, gold: Sequence[int], luck: random.Random) -> set[int]:
    """Return the sentences outside a window around the gold; none in two of five cases."""
    count = len(item.passage.sentences)
    if luck.random() < WHOLE:
        return set()
    first, last = (min(gold), max(gold)) if gold else (luck.randrange(count),) * 2
    first, last = max(0, first - luck.randrange(4)), min(count - 1, last + luck.randrange(4))
    return {number for number in range(count) if not first <= number <= last}


def _silent(
    item: Taught, question: str, language: Language, source: str, text: str, spans: tuple[Span, ...]
) -> Example:
    """Return a question beside a text that says nothing to it."""
    direction = f"{item.passage.language}>{language}"
    return Example(question, text, spans, source, direction, False, (False,) * len(spans), held_out=item.held_out)


def _heading(item: Taught, luck: random.Random) -> str:
    """Return title and heading, now and then less of it: notes may have neither."""
    heading = f"{item.text.title} > {item.text.heading}" if item.text.heading else item.text.title
    return luck.choices([heading, item.text.title, ""], [0.8, 0.12, 0.08])[0]


def support_examples(taught: Sequence[Taught], luck: random.Random) -> list[Example]:
    """Return the examples of statements and the evidence for them."""
    return [
        example
        for item in taught
        for label in item.labels
        for question in label.questions
        for example in _stated(item, question, luck)
    ]


def _stated(item: Taught, question: Asked, luck: random.Random) -> Iterator[Example]:
    evidence, spans = _evidence(item, question, luck)
    yield _statement(item, question, question.answer, True, "answer", evidence, spans)
    yield _statement(item, question, question.wrong, False, question.error, evidence, spans)
    lacking, left = item.headed(_heading(item, luck), question.sentences)
    if left and luck.random() < LEFT_OUT:
        yield _statement(item, question, question.answer, False, "not in the evidence", lacking, left)


def _evidence(item: Taught, question: Asked, luck: random.Random) -> tuple[str, tuple[Span, ...]]:
    """Return the sentences that answer, alone, with their neighbours, or the whole passage."""
    every = range(len(item.passage.sentences))
    around = luck.choices([0, 1, 2, len(every)], [0.3, 0.3, 0.25, 0.15])[0]
    kept = {place for number in question.sentences for place in range(number - around, number + around + 1)}
    return item.headed(_heading(item, luck), [number for number in every if number not in kept])


def _statement(
    item: Taught, question: Asked, text: str, supports: bool, source: str, evidence: str, spans: tuple[Span, ...]
) -> Example:
    direction = f"{item.passage.language}>{question.language}"
    return Example(text, evidence, spans, source, direction, supports=supports, held_out=item.held_out)


def nearest(questions: Sequence[str], of_questions: Vectors, of_passages: Vectors) -> dict[str, list[int]]:
    """Return for each question the places of the passages nearest to it, from unit vectors, nearest first."""
    order = np.argsort(-(of_questions @ of_passages.T), axis=1)[:, : 4 * NEAR]
    return {question: row.tolist() for question, row in zip(questions, order, strict=True)}
