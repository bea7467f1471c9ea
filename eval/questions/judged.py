"""What the judge says of the passages that search brings for a question, beside what is known of them.

In: an assistant over notes, and questions with the places in the notes that answer them. Out: a record for each
question, from which thresholds are fitted and figures are taken.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import Assistant
from assistant.answer import Passage, Scored
from assistant.index.units import estimate_tokens
from assistant.models.judge import Judge
from assistant.search.named import lowered
from assistant.search.question import embedded, read
from assistant.search.relevance import as_read, graded, logit
from assistant.search.retrieve import hybrid
from assistant.text.language import Language
from eval.questions.dataset import Question
from eval.questions.strangers import StrangersQuestion

Place = tuple[str, int, int]
"""A note's source, and where in its text something begins and ends."""
_HALF = 0.5
"""A sentence holds a piece of gold if it covers this share of the shorter one of the two."""


@dataclass(frozen=True)
class Asked:
    """A question; each piece of `gold` is a choice of places, of which an answer needs one.

    `near` is True for an unanswerable question that only sounds as if the notes answered it.
    """

    id: str
    language: Language
    text: str
    answerable: bool
    near: bool
    gold: tuple[tuple[Place, ...], ...]


@dataclass(frozen=True)
class ReadSentence:
    """A sentence with the judge's logit, its estimated tokens, and the numbers of the pieces of gold that it holds."""

    answers: float
    tokens: float
    gold: frozenset[int]


@dataclass(frozen=True)
class ReadPassage:
    """A passage with the judge's logit and its sentences."""

    helps: float
    sentences: tuple[ReadSentence, ...]

    @property
    def held(self) -> frozenset[int]:
        """The pieces of gold that the passage holds."""
        return frozenset().union(*(sentence.gold for sentence in self.sentences))


@dataclass(frozen=True)
class Judged:
    """A question with the passages that search brought and the judge read, in search's order."""

    asked: Asked
    passages: tuple[ReadPassage, ...]

    @property
    def best(self) -> float:
        """The logit of the passage that helps most."""
        return max((passage.helps for passage in self.passages), default=-10.0)


def of_strangers(questions: Sequence[StrangersQuestion]) -> Iterator[Asked]:
    """Yield the questions about strangers' notes; those that a note's name alone answers are left out."""
    for item in questions:
        gold = tuple(((place.source, place.start, place.end),) for place in item.gold if place.end)
        if bool(gold) == item.answerable:
            yield Asked(item.id, item.language, item.question, item.answerable, item.kind == "near-miss", gold)


def of_ours(questions: Sequence[Question], notes: Path) -> Iterator[Asked]:
    """Yield the questions about the shipped notes that need no conversation."""
    for item in questions:
        if not item.history:
            gold = tuple(tuple(_place(notes, span.note, span.quote) for span in choice) for choice in item.gold)
            yield Asked(item.id, item.language, item.question, item.answerable, bool(item.near), gold)


def _place(notes: Path, source: str, quote: str) -> Place:
    start = (notes / source).read_text(encoding="utf-8").index(quote)
    return source, start, start + len(quote)


def judged(
    assistant: Assistant, judge: Judge, questions: Sequence[Asked], progress: Callable[[int, int], None]
) -> list[Judged]:
    """Search for each question and have the judge read what is found."""
    found = []
    for done, item in enumerate(questions, start=1):
        ready = assistant.ready
        question = embedded(read(item.text), ready.embed_model)
        passages = [hit.passage for hit in hybrid(ready.notes, question, ready.settings.top_k)]
        readings = judge.read(item.text, [as_read(passage) for passage in passages])
        scored = [Scored(one, graded(reading.helps)) for one, reading in zip(passages, readings, strict=True)]
        helps = {one.passage.id: logit(one.score) for one in lowered(question, scored)}
        found.append(
            Judged(
                item,
                tuple(
                    ReadPassage(helps[passage.id], tuple(_sentences(passage, reading.sentences, item.gold)))
                    for passage, reading in zip(passages, readings, strict=True)
                ),
            )
        )
        progress(done, len(questions))
    return found


def _sentences(passage: Passage, answers: Sequence[float], gold: Sequence[Sequence[Place]]) -> Iterator[ReadSentence]:
    for (start, end), odds in zip(passage.sentences, answers, strict=True):
        place = (passage.source, passage.start + start, passage.start + end)
        held = frozenset(number for number, choice in enumerate(gold) if any(_holds(place, one) for one in choice))
        yield ReadSentence(odds, estimate_tokens(passage.text[start:end]), held)


def _holds(sentence: Place, gold: Place) -> bool:
    shared = min(sentence[2], gold[2]) - max(sentence[1], gold[1])
    shorter = min(sentence[2] - sentence[1], gold[2] - gold[1])
    return sentence[0] == gold[0] and shorter > 0 and shared >= _HALF * shorter
