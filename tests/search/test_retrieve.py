"""An index and a question → passages, best first."""

import math
from pathlib import Path
from random import Random

import pytest
from fakes import HashEmbedding
from hypothesis import example, given
from hypothesis import strategies as st
from llama_index.core.schema import NodeWithScore, TextNode

from assistant.config import Settings
from assistant.index.local import Index, load
from assistant.index.update import update
from assistant.search.retrieve import DenseRetriever, HybridRetriever, KeywordRetriever, fuse, keyword_scores
from assistant.text.language import terms


def sources(found: list[NodeWithScore]) -> list[str]:
    return [item.node.metadata["source"] for item in found]


def test_dense_scores_are_cosines_in_falling_order(indexed: Index, embed_model: HashEmbedding) -> None:
    found = DenseRetriever(indexed, embed_model, 5).retrieve("How often is the sourdough starter fed?")
    scores = [item.score or 0.0 for item in found]
    assert sources(found)[0] == "sourdough.md"
    assert scores == sorted(scores, reverse=True)
    assert all(-1 <= score <= 1.0001 for score in scores)


def test_keyword_search_finds_a_korean_note_behind_particles(indexed: Index) -> None:
    found = KeywordRetriever(indexed, 3).retrieve("등대에서 렌즈를 닦는 사람은?")
    assert sources(found)[0] == "등대.txt"


def test_keyword_search_finds_a_borrowed_word_in_the_other_languages_letters(indexed: Index) -> None:
    assert sources(KeywordRetriever(indexed, 3).retrieve("Who wipes the lens?"))[0] == "등대.txt"
    assert sources(KeywordRetriever(indexed, 3).retrieve("체인링은 무엇인가요?"))[0] == "deep/bicycle.md"


def test_within_a_language_only_letters_count(indexed: Index) -> None:
    scores = keyword_scores(indexed, "체인링")
    assert all(score == 0 or indexed.passages[row].metadata["language"] == "en" for row, score in enumerate(scores))


def test_keyword_search_returns_nothing_that_shares_no_term(indexed: Index) -> None:
    assert KeywordRetriever(indexed, 3).retrieve("quantum chromodynamics") == []
    assert KeywordRetriever(indexed, 3).retrieve("🙂 ?!") == []


def test_keyword_scores_are_lucenes_bm25(indexed: Index) -> None:
    """Against the formula written out: k1 = 1.5, b = 0.75, idf = ln(1 + (N - n + 0.5) / (n + 0.5))."""
    word = terms("chainring")[0]
    lengths = [len(words) for words in indexed.terms]
    holding = [row for row, words in enumerate(indexed.terms) if word in words]
    idf = math.log(1 + (len(lengths) - len(holding) + 0.5) / (len(holding) + 0.5))
    row = holding[0]
    count = indexed.terms[row].count(word)
    norm = 1.5 * (1 - 0.75 + 0.75 * lengths[row] / (sum(lengths) / len(lengths)))
    assert keyword_scores(indexed, "chainring")[row] == pytest.approx(idf * count / (count + norm), rel=1e-4)


def test_hybrid_search_finds_either_language(indexed: Index, embed_model: HashEmbedding) -> None:
    retriever = HybridRetriever(indexed, embed_model, 3)
    assert sources(list(retriever.retrieve("녹차는 몇 도의 물에 우려?")))[0] == "녹차.md"
    assert sources(list(retriever.retrieve("how many teeth has the large chainring")))[0] == "deep/bicycle.md"


def node(id: int, language: str = "en") -> TextNode:
    return TextNode(id_=f"n{id}", text=str(id), metadata={"language": language})


LEG = st.dictionaries(st.integers(0, 9), st.floats(-5, 5, allow_nan=False), max_size=8)


@given(LEG, LEG, st.randoms())
@example({0: 0.0, 1: 0.0, 2: 1.625}, {0: 0.0, 1: 0.0, 3: 1.0}, Random(0))  # n2 and n3 are even
def test_fusion_ignores_the_order_of_its_inputs(
    dense: dict[int, float], keyword: dict[int, float], chance: Random
) -> None:
    legs = [[NodeWithScore(node=node(id), score=score) for id, score in leg.items()] for leg in (dense, keyword)]
    before = [(item.node.node_id, item.score) for item in fuse(legs[0], legs[1], 0.5)]
    for leg in legs:
        chance.shuffle(leg)
    after = [(item.node.node_id, item.score) for item in fuse(legs[0], legs[1], 0.5)]
    assert [id for id, _ in before] == [id for id, _ in after]
    assert {id for id, _ in before} == {f"n{id}" for id in dense.keys() | keyword.keys()}


def test_the_legs_count_by_their_weight() -> None:
    dense = [NodeWithScore(node=node(1), score=0.9), NodeWithScore(node=node(2), score=0.8)]
    keyword = [NodeWithScore(node=node(2), score=9.0), NodeWithScore(node=node(1), score=1.0)]
    assert [item.node.node_id for item in fuse(dense, keyword, 0.25)] == ["n1", "n2"]
    assert [item.node.node_id for item in fuse(dense, keyword, 0.75)] == ["n2", "n1"]
    assert [item.score for item in fuse(dense, keyword, 0.25)] == pytest.approx([0.5, -0.5])


def test_a_leg_that_found_nothing_leaves_the_other_its_order() -> None:
    dense = [NodeWithScore(node=node(id), score=score) for id, score in ((1, 0.9), (2, 0.8), (3, 0.7))]
    assert [item.node.node_id for item in fuse(dense, [], 0.5)] == ["n1", "n2", "n3"]
    assert fuse([], [], 0.5) == []


def test_copies_of_a_passage_do_not_crowd_out_others(
    tmp_path: Path, settings: Settings, embed_model: HashEmbedding
) -> None:
    told = "고래자리의 미라는 밝기가 332일마다 변하는 붉은 별이며 맨눈에서 사라졌다가 다시 보인다."
    for number in range(4):
        (tmp_path / f"copy{number}.md").write_text(
            f"# 미라\n\n{told} 메모 {'가나다라'[number] * 3}.\n", encoding="utf-8"
        )
    (tmp_path / "other.md").write_text("# Mira\n\nMira is a red giant star in Cetus.\n", encoding="utf-8")
    (tmp_path / "number.md").write_text(f"# 미라\n\n{told.replace('332', '331')}\n", encoding="utf-8")
    update([tmp_path], settings, lambda: embed_model)
    found = HybridRetriever(load(settings), embed_model, 3).retrieve("미라(Mira)는 며칠마다 밝기가 변해?")
    assert sum(name.startswith("copy") for name in sources(found)) == 1
    assert {"number.md", "other.md"} < {*sources(found)}, "another number tells something else"
    everything = HybridRetriever(load(settings), embed_model, 6).retrieve("미라(Mira)는 며칠마다 밝기가 변해?")
    assert len(everything) == 6, "copies stand behind the others; none is lost"
