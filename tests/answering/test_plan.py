"""What kind a question is taken for: rarely wrongly, on questions that did not teach it."""

import json
from pathlib import Path

import numpy as np
import pytest
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.answer import Kind
from assistant.answering.plan import asks_for_summary, kind_of
from assistant.models.embedding import DEFAULT
from assistant.search.question import embedded, read
from eval.questions.dataset import read_questions
from eval.questions.strangers import read_questions as read_strangers

KINDS = Path(__file__).parent.parent.parent / "eval" / "data" / "kinds.jsonl"


def taken_for(question: str, model: BaseEmbedding) -> Kind:
    return kind_of(embedded(read(question), model), DEFAULT)


@pytest.mark.embedding
def test_small_talk_and_the_collection_are_told_from_content(real_embedding: BaseEmbedding) -> None:
    asked = [json.loads(line) for line in KINDS.read_text(encoding="utf-8").splitlines()]
    found = {
        kind: [taken_for(item["question"], real_embedding) for item in asked if item["kind"] == kind]
        for kind in ("talk", "collection", "content")
    }
    assert found["talk"].count(Kind.TALK) == len(found["talk"]) == 12
    assert found["collection"].count(Kind.COLLECTION) >= 6 and Kind.TALK not in found["collection"]
    assert found["content"].count(Kind.CONTENT) >= 10


@pytest.mark.embedding
@pytest.mark.parametrize("text", ["안녕?", "hello there", "고마워ㅎㅎ", "what can you do?", "너 누구야"])
def test_greetings_thanks_and_questions_about_the_assistant_are_talk(text: str, real_embedding: BaseEmbedding) -> None:
    assert taken_for(text, real_embedding) is Kind.TALK


TITLES = ["Coffee Size Grading in India", "Coffee", "태양광 발전의 경제성"]


@pytest.mark.embedding
@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Summarise the note “Coffee Size Grading in India”", True),
        ("give me a summary of coffee size grading in india", True),
        ("‘태양광 발전의 경제성’ 노트를 요약해 줘", True),
        ("who wrote Coffee Size Grading in India?", False),
        ("태양광 발전의 경제성은 누가 썼어?", False),
        ("Summarise the note “Tea”", False),  # there is none with that title
    ],
)
def test_a_summary_is_asked_for_whatever_the_notes_title_speaks_of(
    text: str, asks: bool, real_embedding: BaseEmbedding
) -> None:
    assert asks_for_summary(read(text), TITLES, real_embedding, DEFAULT) is asks


@pytest.mark.embedding
def test_questions_about_content_are_hardly_ever_taken_for_another_kind(real_embedding: BaseEmbedding) -> None:
    asked = [item.question for item in read_strangers()] + [item.question for item in read_questions("test")]
    kinds = {question: taken_for(question, real_embedding) for question in asked}
    searched = (Kind.CONTENT, Kind.LIST, Kind.COMPARISON)  # some of them do ask for a list, or compare
    others = [question for question, kind in kinds.items() if kind not in searched]
    assert len(others) <= 0.01 * len(asked), others
    for kind in searched[1:]:
        assert list(kinds.values()).count(kind) <= 0.1 * len(asked)


def test_with_another_models_vector_or_none_every_question_is_about_content() -> None:
    question = read("안녕?")
    assert kind_of(question, DEFAULT) is Kind.CONTENT
    assert kind_of(embedded(question, _Ones()), "embeddinggemma-300m") is Kind.CONTENT


class _Ones(BaseEmbedding):
    """Vectors of ones."""

    def _get_query_embedding(self, query: str) -> list[float]:
        return list(np.ones(384))

    def _get_text_embedding(self, text: str) -> list[float]:
        return list(np.ones(384))

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return list(np.ones(384))
