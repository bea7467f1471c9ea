"""An index and a question → passages, best first."""

from pathlib import Path
from random import Random

import pytest
from fakes import HashEmbedding
from hypothesis import example, given
from hypothesis import strategies as st
from memory_snapshot import MemorySnapshot, passage

from assistant.answer import Question, Scope, Scored
from assistant.config import Settings
from assistant.index.local import LocalStore
from assistant.index.store import Hit, Snapshot
from assistant.index.update import update
from assistant.search.question import embedded, read
from assistant.search.retrieve import dense, fuse, hybrid, keyword, scored

MODEL = HashEmbedding()


def asked(text: str, *places: str) -> Question:
    return embedded(read(text, scope=Scope(places)), MODEL)


def sources(found: list[Scored]) -> list[str]:
    return [item.passage.source for item in found]


def by_words(notes: Snapshot, text: str, k: int = 3) -> list[str]:
    return sources(scored(notes, keyword(notes, asked(text), k)))


def test_dense_scores_are_cosines_in_falling_order(indexed: Snapshot) -> None:
    hits = dense(indexed, asked("How often is the sourdough starter fed?"), 5)
    scores = [hit.score for hit in hits]
    assert sources(scored(indexed, hits))[0] == "sourdough.md"
    assert scores == sorted(scores, reverse=True)
    assert all(-1 <= score <= 1.0001 for score in scores)


def test_keyword_search_finds_a_korean_note_behind_particles(indexed: Snapshot) -> None:
    assert by_words(indexed, "등대에서 렌즈를 닦는 사람은?")[0] == "등대.txt"


def test_keyword_search_finds_a_borrowed_word_in_the_other_languages_letters(indexed: Snapshot) -> None:
    assert by_words(indexed, "Who wipes the lens?")[0] == "등대.txt"
    assert by_words(indexed, "체인링은 무엇인가요?")[0] == "deep/bicycle.md"


def test_within_a_language_only_letters_count(indexed: Snapshot) -> None:
    found = scored(indexed, keyword(indexed, asked("체인링"), 9))
    assert found and {item.passage.language for item in found} == {"en"}


def test_keyword_search_returns_nothing_that_shares_no_term(indexed: Snapshot) -> None:
    assert by_words(indexed, "quantum chromodynamics") == []
    assert by_words(indexed, "🙂 ?!") == []


def test_a_passage_in_the_other_language_is_found_by_the_questions_own_terms_and_their_counterparts() -> None:
    """'KITE' stands in two English notes; the one that holds a counterpart of 체인링 as well goes first."""
    notes = MemorySnapshot(
        [
            passage("KITE chainring is worn.", "both.md"),
            passage("KITE belongs to nobody.", "own.md"),
            passage("체인링(chainring)은 크다.", "pair.md"),
            passage("구름은 희다.", "none.md"),
        ]
    )
    found = by_words(notes, "KITE의 체인링은?")
    assert sorted(found) == ["both.md", "own.md", "pair.md"] and found.index("both.md") < found.index("own.md")


def test_a_counterpart_counts_in_the_other_language_alone() -> None:
    notes = MemorySnapshot(
        [passage("체인링(chainring)은 크다.", "pair.md"), passage("톱니는 chainring처럼 닳는다. 그렇다.", "korean.md")]
    )
    assert by_words(notes, "체인링은 언제 갈아?") == ["pair.md"]


def test_hybrid_search_finds_either_language(indexed: Snapshot) -> None:
    assert sources(hybrid(indexed, asked("녹차는 몇 도의 물에 우려?"), 3))[0] == "녹차.md"
    assert sources(hybrid(indexed, asked("how many teeth has the large chainring"), 3))[0] == "deep/bicycle.md"


@pytest.mark.parametrize("question", ["등대의 렌즈", "the large chainring"])
def test_a_scope_holds_for_both_legs(question: str, indexed: Snapshot) -> None:
    found = hybrid(indexed, asked(question, "deep"), 6)
    assert found and all(source.startswith("deep/") for source in sources(found))


LEG = st.dictionaries(st.integers(0, 9), st.floats(-5, 5, allow_nan=False), max_size=8)


@given(LEG, LEG, st.randoms())
@example({0: 0.0, 1: 0.0, 2: 1.625}, {0: 0.0, 1: 0.0, 3: 1.0}, Random(0))  # n2 and n3 are even
def test_fusion_ignores_the_order_of_its_inputs(near: dict[int, float], said: dict[int, float], chance: Random) -> None:
    legs = [[Hit(f"n{id}", score) for id, score in leg.items()] for leg in (near, said)]
    before = fuse(legs[0], legs[1], 0.5)
    for leg in legs:
        chance.shuffle(leg)
    after = fuse(legs[0], legs[1], 0.5)
    assert [hit.id for hit in before] == [hit.id for hit in after]
    assert {hit.id for hit in before} == {f"n{id}" for id in near.keys() | said.keys()}


def test_the_legs_count_by_their_weight() -> None:
    near, said = [Hit("1", 0.9), Hit("2", 0.8)], [Hit("2", 9.0), Hit("1", 1.0)]
    assert [hit.id for hit in fuse(near, said, 0.25)] == ["1", "2"]
    assert [hit.id for hit in fuse(near, said, 0.75)] == ["2", "1"]
    assert [hit.score for hit in fuse(near, said, 0.25)] == pytest.approx([0.5, -0.5])


def test_a_leg_that_found_nothing_leaves_the_other_its_order() -> None:
    near = [Hit(id, score) for id, score in (("1", 0.9), ("2", 0.8), ("3", 0.7))]
    assert [hit.id for hit in fuse(near, [], 0.5)] == ["1", "2", "3"]
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
    notes, question = LocalStore(settings).snapshot(), asked("미라(Mira)는 며칠마다 밝기가 변해?")
    found = hybrid(notes, question, 3)
    assert sum(name.startswith("copy") for name in sources(found)) == 1
    assert {"number.md", "other.md"} < {*sources(found)}, "another number tells something else"
    assert len(hybrid(notes, question, 6)) == 6, "copies stand behind the others; none is lost"
