"""Graded passages → strips with exact offsets."""

import pytest
from fakes import HashEmbedding
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.answer import Strip
from assistant.config import Settings
from assistant.index.local import Index
from assistant.search.evidence import KEEP, refine
from assistant.search.relevance import RelevanceGrader
from assistant.search.retrieve import HybridRetriever


def strips_for(question: str, index: Index, embed_model: HashEmbedding) -> list[Strip]:
    grader = RelevanceGrader(index, embed_model)
    query = QueryBundle(question)
    graded = grader.postprocess_nodes(list(HybridRetriever(index, embed_model, 6).retrieve(query)), query)
    return refine(query, graded, grader)


def test_strips_are_verbatim_pieces_of_their_notes(
    indexed: Index, embed_model: HashEmbedding, settings: Settings
) -> None:
    for question in ("녹차는 몇 도의 물에 우려?", "At how many degrees is the loaf baked?"):
        strips = strips_for(question, indexed, embed_model)
        assert strips
        for strip in strips:
            text = (settings.notes / strip.source).read_text(encoding="utf-8")
            assert text[strip.start : strip.end] == strip.text


def test_strips_are_few_numbered_and_the_best_passage_comes_last(indexed: Index, embed_model: HashEmbedding) -> None:
    strips = strips_for("At how many degrees is the loaf baked under a lid?", indexed, embed_model)
    assert [strip.number for strip in strips] == list(range(1, len(strips) + 1))
    assert len(strips) <= KEEP
    assert strips[-1].source == "sourdough.md"
    assert any("250 degrees" in strip.text for strip in strips)


def test_nothing_found_gives_no_strips(indexed: Index, embed_model: HashEmbedding) -> None:
    assert refine(QueryBundle("tea"), [], RelevanceGrader(indexed, embed_model)) == []


class Liking:
    """Grades a text by how many of its letters are in one alphabet, so that the other language's half is liked less."""

    def __init__(self, hangul: bool) -> None:
        self.hangul = hangul

    def grade(self, query: QueryBundle, texts: list[str]) -> list[float]:
        return [sum(("가" <= char <= "힣") is self.hangul for char in text) / 100 for text in texts]


@pytest.mark.parametrize("hangul", [True, False])
@pytest.mark.parametrize(
    ("question", "kept"),
    [("OLMo가 뭐야?", "OLMo는 파라미터가 7B인"), ("What is OLMo?", "OLMo is a language model of 7B")],
)
def test_of_a_bilingual_notes_halves_the_askers_stays_whichever_is_graded_higher(
    question: str, kept: str, hangul: bool
) -> None:
    text = "OLMo는 파라미터가 7B인 언어 모델(language model)이다. OLMo is a language model of 7B parameters."
    meta = {"source": "p.md", "title": "", "heading": "h", "url": ""}
    node = TextNode(text=text, metadata=meta, start_char_idx=0, end_char_idx=len(text))
    strips = refine(QueryBundle(question), [NodeWithScore(node=node, score=0.5)], Liking(hangul))  # type: ignore[arg-type]
    assert [strip.text.startswith(kept) for strip in strips] == [True]
    assert strips[0].relevance > 0
