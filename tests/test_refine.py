"""Graded passages → strips with exact offsets."""

from conftest import HashEmbedding
from llama_index.core.schema import QueryBundle

from assistant.answer import Strip
from assistant.config import Settings
from assistant.index import Index
from assistant.refine import KEEP, refine
from assistant.relevance import RelevanceGrader
from assistant.retrieve import HybridRetriever


def strips_for(question: str, index: Index, embed_model: HashEmbedding) -> list[Strip]:
    grader = RelevanceGrader(index, embed_model, "hash")
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
    assert refine(QueryBundle("tea"), [], RelevanceGrader(indexed, embed_model, "hash")) == []
