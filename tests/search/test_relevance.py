"""A question and passages → grades and a verdict."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from fakes import HashEmbedding
from memory_snapshot import passage

from assistant.answer import Action, Question, Scored, Strip
from assistant.index.store import Snapshot
from assistant.models.fitted import shipped
from assistant.models.reader import Reader
from assistant.search.ladder import grade
from assistant.search.question import embedded, read
from assistant.search.relevance import READ, RelevanceGrader
from assistant.search.retrieve import hybrid
from assistant.search.strips import cut

LIBRARY = "How long may a book be kept at the Willow Street library?"


def asked(text: str) -> Question:
    return embedded(read(text), HashEmbedding())


def graded(grader: RelevanceGrader, question: Question, notes: Snapshot, k: int = 20) -> list[Scored]:
    return grade(grader, question, [item.passage for item in hybrid(notes, question, k)])


def strip(text: str) -> Strip:
    return Strip("a.md", "", "", "", text, 0, len(text), 0.0)


def test_a_covered_question_is_graded_above_an_uncovered_one(indexed: Snapshot, embed_model: HashEmbedding) -> None:
    found = graded(RelevanceGrader(indexed, embed_model), asked(LIBRARY), indexed, 6)
    grades = [item.score for item in found]
    assert found[0].passage.source == "deep/library.txt"
    assert grades == sorted(grades, reverse=True)
    assert all(-1 <= grade <= 1 for grade in grades)
    assert grades[0] - grades[-1] > 0.1


def test_a_passage_that_is_not_in_the_index_is_graded_too(indexed: Snapshot, embed_model: HashEmbedding) -> None:
    grader = RelevanceGrader(indexed, embed_model)
    stranger = passage("The ferry to Solsom leaves at noon.", "stranger.md")
    other = passage("Cheese is made of milk.", "other.md")
    known = indexed.of("등대.txt")[0]
    question = asked("When does the ferry to Solsom leave?")
    embed_model.embedded.clear()
    assert grade(grader, question, [other, known, stranger])[0].passage is stranger
    assert len(embed_model.embedded) == 2  # what is in the index has its vector
    assert grader.grade(question, []) == []


def test_a_strip_is_embedded_once(indexed: Snapshot, embed_model: HashEmbedding) -> None:
    grader = RelevanceGrader(indexed, embed_model)
    before = len(embed_model.embedded)
    first = grader.grade_strips(asked("tea"), list(map(strip, ("a strip", "another", "a strip"))))
    again = grader.grade_strips(asked("tea"), list(map(strip, ("another", "a strip"))))
    assert len(embed_model.embedded) == before + 2
    assert first == [again[1], again[0], again[1]]
    assert grader.grade_strips(asked("tea"), []) == []


def test_what_is_kept_of_strips_has_an_end(
    indexed: Snapshot, embed_model: HashEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.search.relevance.REMEMBERED", 10)
    grader = RelevanceGrader(indexed, embed_model)
    for number in range(50):
        grader.grade_strips(asked("tea"), [strip(f"strip {number}"), strip("again")])
    before = len(embed_model.embedded)
    grader.grade_strips(asked("tea"), [strip("strip 0"), strip("strip 49")])
    assert embed_model.embedded[before:] == ["\nstrip 0"]


class ReaderThatCounts:
    """Reads a pair as the number of the words that both hold, less one; remembers what it was given."""

    def __init__(self) -> None:
        self.read: list[tuple[str, str]] = []

    def answers(self, question: str, texts: Sequence[str]) -> np.ndarray:
        self.read += [(question, text) for text in texts]
        shared = [len(set(question.lower().split()) & set(text.lower().split())) for text in texts]
        return np.array(shared, np.float32) - 1


def test_what_is_hardly_likely_is_not_read(
    indexed: Snapshot, embed_model: HashEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, question = ReaderThatCounts(), asked(LIBRARY)
    monkeypatch.setattr("assistant.search.relevance.WORTH", 1.1)
    found = graded(RelevanceGrader(indexed, embed_model, cast(Reader, reader)), question, indexed)
    assert reader.read == [] and len(found) == len(hybrid(indexed, question, 20))


def test_the_likeliest_passages_are_read_whole_and_strip_by_strip_and_the_rest_stay_below(
    indexed: Snapshot, embed_model: HashEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.search.relevance.WORTH", 0.0)
    reader = ReaderThatCounts()
    grader = RelevanceGrader(indexed, embed_model, cast(Reader, reader))
    found = graded(grader, asked(LIBRARY), indexed)
    assert len(found) > READ
    strips = {strip.headed for item in found[:READ] for strip in cut(item.passage)}
    texts = [text for _, text in reader.read]
    assert strips < set(texts)
    assert len(texts) == len(strips) + READ
    for item in found[:READ]:
        assert any(item.passage.shown in text for text in texts)
    for item in found[READ:]:
        assert not any(item.passage.shown in text for text in texts)
    assert found[0].passage.source == "deep/library.txt"


def test_a_strips_grade_follows_the_reader(indexed: Snapshot, embed_model: HashEmbedding) -> None:
    grader = RelevanceGrader(indexed, embed_model, cast(Reader, ReaderThatCounts()))
    far, near = grader.grade_strips(asked("tea is hot"), [strip("cold milk"), strip("tea is hot")])
    assert -1 <= far < near <= 1
    assert not any("cold milk" in text for text in embed_model.embedded)


@pytest.mark.parametrize("text", ["차는 몇 도에서 우리나요?", "How hot is the water for the tea?"])
@pytest.mark.parametrize("reader", [None, ReaderThatCounts()])
def test_actions_follow_the_best_grade(
    text: str, reader: ReaderThatCounts | None, indexed: Snapshot, embed_model: HashEmbedding
) -> None:
    grader, question = RelevanceGrader(indexed, embed_model, cast(Reader | None, reader)), read(text)
    limits = grader.limits[question.language]
    assert grader.verdict(question, [-1.0, limits["upper"] + 0.001]).action is Action.CORRECT
    assert grader.verdict(question, [-1.0, limits["upper"]]).action is not Action.CORRECT
    assert grader.verdict(question, [limits["lower"] - 0.001]).action is Action.INCORRECT
    assert grader.verdict(question, []).action is Action.INCORRECT


def test_confidence_is_a_probability_and_grows_with_the_grade(indexed: Snapshot, embed_model: HashEmbedding) -> None:
    grader = RelevanceGrader(indexed, embed_model)
    for question in ("차가 뭐야?", "What is tea?"):
        found = [grader.verdict(read(question), [grade]).confidence for grade in np.linspace(-1, 1, 41)]
        assert found == sorted(found)
        assert 0 < found[0] < found[-1] < 1


@pytest.mark.parametrize("embedding", ["multilingual-e5-small", "embeddinggemma-300m", "unknown"])
def test_thresholds_are_in_order_and_coefficients_finite(embedding: str) -> None:
    model = shipped(embedding)
    for part in ("read", "unread"):
        for limits in model[part]["limits"].values():
            assert -1 < limits["lower"] <= limits["upper"] < 1
    for logistic in (model["features"], model["read"], model["read"]["strip"]):
        assert np.isfinite([*logistic["weights"], logistic["bias"]]).all()
