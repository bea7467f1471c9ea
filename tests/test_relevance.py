"""A question and passages → grades and a verdict."""

import numpy as np
import pytest
from conftest import HashEmbedding
from hypothesis import given
from hypothesis import strategies as st
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.answer import Action
from assistant.index import Index
from assistant.relevance import RelevanceGrader, TermWeights, fitted, verdict
from assistant.retrieve import HybridRetriever

MODEL = "multilingual-e5-small"


def test_a_covered_question_is_graded_above_an_uncovered_one(indexed: Index, embed_model: HashEmbedding) -> None:
    grader = RelevanceGrader(indexed, embed_model, "hash")
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
    grader = RelevanceGrader(indexed, embed_model, "hash")
    stranger = TextNode(text="The ferry to Solsom leaves at noon.", metadata={"language": "en"})
    other = TextNode(text="Cheese is made of milk.", metadata={"language": "en"})
    question = QueryBundle("When does the ferry to Solsom leave?")
    graded = grader.postprocess_nodes([NodeWithScore(node=node) for node in (other, stranger)], question)
    assert graded[0].node is stranger


def test_a_strip_is_embedded_once(indexed: Index, embed_model: HashEmbedding) -> None:
    grader = RelevanceGrader(indexed, embed_model, "hash")
    before = len(embed_model.embedded)
    first = grader.grade(QueryBundle("tea"), ["a strip", "another", "a strip"])
    again = grader.grade(QueryBundle("tea"), ["another", "a strip"])
    assert len(embed_model.embedded) == before + 2
    assert first == [again[1], again[0], again[1]]
    assert grader.grade(QueryBundle("tea"), []) == []


def test_coverage_weighs_rare_terms_more() -> None:
    weights = TermWeights({"common": 0.1, "rare": 0.9}, 2.0)
    assert weights.coverage(["common", "rare"], ["rare"]) == pytest.approx(0.9)
    assert weights.coverage(["rare", "unseen"], ["rare"]) == pytest.approx(0.9 / 2.9)
    assert weights.coverage([], ["rare"]) == 0.0


def test_actions_follow_the_best_grade() -> None:
    limits = fitted()[MODEL]["thresholds"]
    assert verdict([-1.0, limits["upper"] + 0.01], MODEL).action is Action.CORRECT
    assert verdict([-1.0, limits["upper"]], MODEL).action is Action.AMBIGUOUS
    assert verdict([limits["lower"]], MODEL).action is Action.AMBIGUOUS
    assert verdict([limits["lower"] - 0.01], MODEL).action is Action.INCORRECT
    assert verdict([], MODEL).action is Action.INCORRECT


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_confidence_is_a_probability_and_grows_with_the_grade(one: float, other: float) -> None:
    low, high = (verdict([grade], MODEL).confidence for grade in sorted((one, other)))
    assert 0 < low <= high < 1


def test_thresholds_are_in_order_and_coefficients_finite() -> None:
    for model in fitted().values():
        assert -1 < model["thresholds"]["lower"] <= model["thresholds"]["upper"] < 1
        assert np.isfinite([*model["weights"], model["bias"]]).all()
