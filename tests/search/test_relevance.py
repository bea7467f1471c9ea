"""A question and passages → grades of passages and sentences, and a verdict."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from memory_snapshot import passage

from assistant.answer import Action, Passage
from assistant.index.store import Snapshot
from assistant.models.judge import Judge, Reading, Text, limits
from assistant.search.question import read
from assistant.search.relevance import RelevanceGrader, TermsGrader, as_read, graded, logit
from assistant.text.language import Language

LIBRARY = "How long may a book be kept at the Willow Street library?"


class SharedWords:
    """Reads a text as the number of words that it shares with the question, less one."""

    def read(self, first: str, texts: Sequence[Text]) -> list[Reading]:
        asked = set(first.lower().split())

        def shared(words: str) -> float:
            return len(asked & set(words.lower().split())) - 1.0

        return [
            Reading(shared(text.text), tuple(shared(text.text[a:b]) for a, b in text.sentences), 0.0) for text in texts
        ]


def by_words() -> RelevanceGrader:
    return RelevanceGrader(cast(Judge, SharedWords()))


def test_a_passage_and_its_sentences_are_graded_by_their_logits() -> None:
    tea = passage("tea is hot. Milk is cold.", title="Kitchen")
    grader, question = by_words(), read("tea is hot.")
    assert grader.grade(question, [tea]) == [pytest.approx(np.tanh(1.0))]
    assert grader.grade_sentences(question, [tea]) == [(pytest.approx(np.tanh(1.0)), pytest.approx(0.0))]
    assert grader.grade(question, []) == [] and grader.grade_sentences(question, []) == []


def test_the_judge_reads_what_a_reader_sees_under_title_heading_and_table_head() -> None:
    text = "| a | 1 |<!-- secret -->\n| b | 2 |"
    hidden = ((9, 24),)
    row = passage(text, title="Rates", heading="Spring", hidden=hidden, sentences=((0, 9), (25, 34)), columns="x | y")
    seen = as_read(row)
    assert seen.text == "Rates > Spring\nx | y\n| a | 1 |\n| b | 2 |"
    assert [seen.text[start:end] for start, end in seen.sentences] == ["| a | 1 |", "| b | 2 |"]


@pytest.mark.parametrize("text", ["차는 몇 도에서 우리나요?", "How hot is the water for the tea?"])
def test_actions_follow_the_best_grade(text: str) -> None:
    grader, question = by_words(), read(text)
    own = limits()[question.language]
    assert grader.verdict(question, [-1.0, own["upper"] + 0.001]).action is Action.CORRECT
    assert grader.verdict(question, [-1.0, own["upper"]]).action is not Action.CORRECT
    assert grader.verdict(question, [own["lower"] - 0.001]).action is Action.INCORRECT
    assert grader.verdict(question, []).action is Action.INCORRECT


def test_confidence_is_a_probability_and_grows_with_the_grade() -> None:
    for question in ("차가 뭐야?", "What is tea?"):
        found = [by_words().verdict(read(question), [grade]).confidence for grade in np.linspace(-1, 1, 41)]
        assert found == sorted(found)
        assert 0 < found[0] < found[-1] < 1


def test_thresholds_are_in_order() -> None:
    for language in Language:
        own = limits()[language]
        assert -1 < own["lower"] <= own["upper"] < 1 and own["slope"] > 0
    assert all(-1 <= limits()["evidence"][name] < 1 for name in ("passage", "sentence"))


@pytest.mark.parametrize("value", [-5.0, -0.5, 0.0, 0.5, 5.0])
def test_a_grade_is_a_logit_between_one_and_minus_one(value: float) -> None:
    assert -1 < graded(value) < 1 and logit(graded(value)) == pytest.approx(value)


def library(notes: Snapshot) -> Passage:
    return notes.of("deep/library.txt")[0]


def test_without_the_judge_a_passage_that_holds_the_words_is_graded_above_one_that_does_not(indexed: Snapshot) -> None:
    grader, question = TermsGrader(indexed), read(LIBRARY)
    own, other = grader.grade(question, [library(indexed), passage("Cheese is made of milk.", "other.md")])
    assert -1 <= other < own <= 1
    assert grader.verdict(question, [other, own]).action is Action.CORRECT
    assert grader.verdict(question, [other]).action is Action.INCORRECT
    assert grader.verdict(question, []).action is Action.INCORRECT
    [sentences] = grader.grade_sentences(question, [library(indexed)])
    assert len(sentences) == len(library(indexed).sentences) and max(sentences) <= own


def test_without_the_judge_a_translation_counts_as_the_word(indexed: Snapshot) -> None:
    korean = passage("도서관 책은 2주 동안 빌린다.", "ko.md")
    [grade] = TermsGrader(indexed).grade(read("library book"), [korean])
    assert grade > -1
