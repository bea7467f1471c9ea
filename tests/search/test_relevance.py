"""A question and passages → grades and a verdict."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from fakes import HashEmbedding
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.answer import Action
from assistant.index.local import Index
from assistant.models.fitted import shipped
from assistant.models.reader import Reader
from assistant.search.relevance import READ, RelevanceGrader
from assistant.search.retrieve import HybridRetriever
from assistant.search.strips import cut, shown
from assistant.text.language import detect


def test_a_covered_question_is_graded_above_an_uncovered_one(indexed: Index, embed_model: HashEmbedding) -> None:
    grader = RelevanceGrader(indexed, embed_model)
    found = HybridRetriever(indexed, embed_model, 6).retrieve(
        "How long may a book be kept at the Willow Street library?"
    )
    graded = grader.postprocess_nodes(
        list(found), QueryBundle("How long may a book be kept at the Willow Street library?")
    )
    grades = [item.score or 0.0 for item in graded]
    assert graded[0].node.metadata["source"] == "deep/library.txt"
    assert grades == sorted(grades, reverse=True)
    assert all(-1 <= grade <= 1 for grade in grades)
    assert grades[0] - grades[-1] > 0.1


def test_a_passage_that_is_not_in_the_index_is_graded_too(indexed: Index, embed_model: HashEmbedding) -> None:
    grader = RelevanceGrader(indexed, embed_model)
    stranger = TextNode(text="The ferry to Solsom leaves at noon.", metadata={"language": "en"})
    other = TextNode(text="Cheese is made of milk.", metadata={"language": "en"})
    question = QueryBundle("When does the ferry to Solsom leave?")
    graded = grader.postprocess_nodes([NodeWithScore(node=node) for node in (other, stranger)], question)
    assert graded[0].node is stranger


def test_a_strip_is_embedded_once(indexed: Index, embed_model: HashEmbedding) -> None:
    grader = RelevanceGrader(indexed, embed_model)
    before = len(embed_model.embedded)
    first = grader.grade(QueryBundle("tea"), ["a strip", "another", "a strip"])
    again = grader.grade(QueryBundle("tea"), ["another", "a strip"])
    assert len(embed_model.embedded) == before + 2
    assert first == [again[1], again[0], again[1]]
    assert grader.grade(QueryBundle("tea"), []) == []


class ReaderThatCounts:
    """Reads a pair as the number of the words that both hold, less one; remembers what it was given."""

    def __init__(self) -> None:
        self.read: list[tuple[str, str]] = []

    def answers(self, question: str, texts: Sequence[str]) -> np.ndarray:
        self.read += [(question, text) for text in texts]
        shared = [len(set(question.lower().split()) & set(text.lower().split())) for text in texts]
        return np.array(shared, np.float32) - 1


def test_what_is_hardly_likely_is_not_read(
    indexed: Index, embed_model: HashEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, question = ReaderThatCounts(), QueryBundle("How long may a book be kept at the Willow Street library?")
    found = HybridRetriever(indexed, embed_model, 20).retrieve(question)
    monkeypatch.setattr("assistant.search.relevance._WORTH", 1.1)
    graded = RelevanceGrader(indexed, embed_model, cast(Reader, reader)).postprocess_nodes(list(found), question)
    assert reader.read == [] and len(graded) == len(found)


def test_the_likeliest_passages_are_read_whole_and_strip_by_strip_and_the_rest_stay_below(
    indexed: Index, embed_model: HashEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.search.relevance._WORTH", 0.0)
    reader = ReaderThatCounts()
    grader = RelevanceGrader(indexed, embed_model, cast(Reader, reader))
    question = QueryBundle("How long may a book be kept at the Willow Street library?")
    found = HybridRetriever(indexed, embed_model, 20).retrieve(question)
    graded = grader.postprocess_nodes(list(found), question)
    assert len(found) > READ
    strips = {shown(strip) for item in graded[:READ] for strip in cut(item.node)}
    texts = [text for _, text in reader.read]
    assert strips < set(texts)
    assert len(texts) == len(strips) + READ
    for item in graded[:READ]:
        assert any(item.node.get_content() in text for text in texts)
    for item in graded[READ:]:
        assert not any(item.node.get_content() in text for text in texts)
    assert graded[0].node.metadata["source"] == "deep/library.txt"
    assert len(graded) == len(found)


def test_a_strips_grade_follows_the_reader(indexed: Index, embed_model: HashEmbedding) -> None:
    grader = RelevanceGrader(indexed, embed_model, cast(Reader, ReaderThatCounts()))
    far, near = grader.grade(QueryBundle("tea is hot"), ["cold milk", "tea is hot"])
    assert -1 <= far < near <= 1
    assert not embed_model.embedded or "cold milk" not in embed_model.embedded


@pytest.mark.parametrize("question", ["차는 몇 도에서 우리나요?", "How hot is the water for the tea?"])
@pytest.mark.parametrize("reader", [None, ReaderThatCounts()])
def test_actions_follow_the_best_grade(
    question: str, reader: ReaderThatCounts | None, indexed: Index, embed_model: HashEmbedding
) -> None:
    grader = RelevanceGrader(indexed, embed_model, cast(Reader | None, reader))
    limits = grader.limits[detect(question)]
    assert grader.verdict(question, [-1.0, limits["upper"] + 0.001]).action is Action.CORRECT
    assert grader.verdict(question, [-1.0, limits["upper"]]).action is not Action.CORRECT
    assert grader.verdict(question, [limits["lower"] - 0.001]).action is Action.INCORRECT
    assert grader.verdict(question, []).action is Action.INCORRECT


def test_confidence_is_a_probability_and_grows_with_the_grade(indexed: Index, embed_model: HashEmbedding) -> None:
    grader = RelevanceGrader(indexed, embed_model)
    for question in ("차가 뭐야?", "What is tea?"):
        found = [grader.verdict(question, [grade]).confidence for grade in np.linspace(-1, 1, 41)]
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
