"""Graded passages → strips with exact offsets, of which twins give one."""

from collections.abc import Sequence

import pytest
from fakes import HashEmbedding
from memory_snapshot import passage

from assistant.answer import Passage, Question, Scored, Strip, Verdict
from assistant.config import Settings
from assistant.index.store import Snapshot
from assistant.index.units import estimate_tokens
from assistant.search.evidence import gathered, refine, twins
from assistant.search.graders import Grader
from assistant.search.ladder import grade
from assistant.search.question import embedded, read
from assistant.search.relevance import TermsGrader
from assistant.search.retrieve import hybrid
from assistant.search.strips import of_sentences


def strips_for(text: str, notes: Snapshot, embed_model: HashEmbedding, tokens: int = 350) -> list[Strip]:
    grader = TermsGrader(notes)
    question = embedded(read(text), embed_model)
    graded = grade(grader, question, [item.passage for item in hybrid(notes, question, 6)])
    return refine(question, graded, grader, tokens, embed_model)


MODEL = HashEmbedding()


def refined(text: str, found: list[Scored], grader: Grader) -> list[Strip]:
    return refine(embedded(read(text), MODEL), found, grader, 350, MODEL)


def test_strips_are_verbatim_pieces_of_their_notes(
    indexed: Snapshot, embed_model: HashEmbedding, settings: Settings
) -> None:
    for question in ("녹차는 몇 도의 물에 우려?", "At how many degrees is the loaf baked?"):
        strips = strips_for(question, indexed, embed_model)
        assert strips
        for strip in strips:
            text = (settings.notes / strip.source).read_text(encoding="utf-8")
            assert text[strip.start : strip.end] == strip.text


def test_strips_are_few_numbered_and_the_best_passage_comes_last(indexed: Snapshot, embed_model: HashEmbedding) -> None:
    strips = strips_for("At how many degrees is the loaf baked under a lid?", indexed, embed_model)
    assert [strip.number for strip in strips] == list(range(1, len(strips) + 1))
    assert strips[-1].source == "sourdough.md"
    assert any("250 degrees" in strip.text for strip in strips)


def test_nothing_found_gives_no_strips(indexed: Snapshot, embed_model: HashEmbedding) -> None:
    assert refined("tea", [], TermsGrader(indexed)) == []


class Liking:
    """Grades a text by how many of its letters are in one alphabet, so that the other language's half is liked less."""

    def __init__(self, hangul: bool) -> None:
        self.hangul = hangul

    def grade(self, question: Question, passages: Sequence[object]) -> list[float]:
        raise NotImplementedError

    def grade_sentences(self, question: Question, passages: Sequence[Passage]) -> list[tuple[float, ...]]:
        return [tuple(map(self._liked, of_sentences(passage))) for passage in passages]

    def _liked(self, strip: Strip) -> float:
        return sum(("가" <= char <= "힣") is self.hangul for char in strip.shown) / 100

    def keeps(self, passage: float, sentence: float) -> bool:
        return sentence > -1

    def verdict(self, question: Question, grades: Sequence[float]) -> Verdict:
        raise NotImplementedError


@pytest.mark.parametrize("hangul", [True, False])
@pytest.mark.parametrize(
    ("question", "kept"),
    [("OLMo가 뭐야?", "OLMo는 파라미터가 7B인"), ("What is OLMo?", "OLMo is a language model of 7B")],
)
def test_of_a_bilingual_notes_halves_the_askers_stays_whichever_is_graded_higher(
    question: str, kept: str, hangul: bool
) -> None:
    text = "OLMo는 파라미터가 7B인 언어 모델(language model)이다. OLMo is a language model of 7B parameters."
    strips = refined(question, [Scored(passage(text, heading="h"), 0.5)], Liking(hangul))
    assert [strip.text.startswith(kept) for strip in strips] == [True]
    assert strips[0].relevance > 0


@pytest.mark.parametrize("tokens", [1, 20, 60, 1000])
def test_the_strips_fit_into_the_tokens_but_the_best_one_is_always_there(
    indexed: Snapshot, embed_model: HashEmbedding, tokens: int
) -> None:
    strips = strips_for("At how many degrees is the loaf baked under a lid?", indexed, embed_model, tokens)
    sections = {(strip.source, strip.heading): len(strip.headed) - len(strip.shown) for strip in strips}
    headings = 0.27 * sum(sections.values())  # each is read once
    assert len(strips) == 1 or sum(estimate_tokens(strip.shown) for strip in strips) + headings <= tokens
    assert any("250 degrees" in strip.text for strip in strips)


def test_a_strip_has_the_grade_of_its_best_sentence() -> None:
    class Second(Liking):
        def _liked(self, strip: Strip) -> float:
            return 0.9 if strip.text == "Yes, it does." else 0.1

    short = passage("Does the red kite fly? Yes, it does. The wind is steady on the shore in the autumn.")
    joined, other = refined("what?", [Scored(short, 0.0)], Second(hangul=False))
    assert joined.text.startswith("Does the red kite fly? Yes, it does.") and joined.relevance > other.relevance
    surer, _ = refined("what?", [Scored(short, 0.5)], Second(hangul=False))
    assert surer.relevance > joined.relevance


class Even(Liking):
    def _liked(self, strip: Strip) -> float:
        return 0.1


@pytest.mark.parametrize(
    ("question", "text", "best"),
    [
        (
            "등대는 언제 세워졌어?",
            "그 작은 섬에는 소나무가 아주 많이 자라고 있다고 어른들이 말한다. 등대는 1931년에 세워졌다고 적혀 있다.",
            "등대는",
        ),
        (
            "When was the tower built?",
            "Many pines grow on the small island. The tower was built in 1931 by two men.",
            "The t",
        ),
        (
            "모델의 파라미터는 몇 개야?",
            "Many pines grow on the small island. The model has seven billion parameters.",
            "The m",
        ),
    ],
)
def test_of_strips_that_are_judged_alike_the_one_with_the_questions_words_comes_first(
    question: str, text: str, best: str
) -> None:
    ranked = sorted(refined(question, [Scored(passage(text), 0.5)], Even(hangul=False)), key=lambda one: -one.relevance)
    assert len(ranked) == 2 and ranked[0].text.startswith(best)


KO = [
    "몬순은 파라미터를 30%까지 줄인다.",
    "몬순의 tokenizer는 BPE이며 vocabulary는 32,000개다.",
    "몬순의 저자는 지침서를 곧 낸다고 한다.",
]
EN = [
    "Monsun removes up to 30% of the parameters.",
    "The tokenizer of Monsun is BPE with a vocabulary of 32,000.",
]


def strips(*texts: str, heading: str = "결과 / Results") -> list[Strip]:
    return [Strip("monsun.md", "Monsun", heading, "", text, 0, len(text), 0.5) for text in texts]


def test_the_halves_of_a_statement_are_paired_in_any_order() -> None:
    assert set(twins(strips(*KO, *reversed(EN)))) == {(0, 4), (1, 3)}


def test_different_numbers_make_different_statements() -> None:
    assert list(twins(strips(KO[0], EN[0].replace("30", "25")))) == []


def test_one_language_has_no_twins() -> None:
    assert list(twins(strips(*KO))) == [] and list(twins([])) == []


def test_sections_are_kept_apart() -> None:
    assert list(twins([*strips(KO[0]), *strips(EN[0], heading="Other")])) == []


@pytest.mark.parametrize("tokens", [150, 400, 6000])
def test_a_writer_that_reads_much_is_handed_whole_passages_best_last(indexed: Snapshot, tokens: int) -> None:
    grader, question = TermsGrader(indexed), embedded(read("At how many degrees is the loaf baked?"), MODEL)
    found = grade(grader, question, [item.passage for item in hybrid(indexed, question, 2)])
    few = refine(question, found, grader, tokens, MODEL)
    strips = gathered(question, found, tokens, grader, MODEL, indexed)
    assert gathered(question, found, tokens, grader, MODEL, None) == few
    assert [strip.number for strip in strips] == list(range(1, len(strips) + 1))
    if sum(estimate_tokens(item.passage.headed) for item in found) > tokens:
        assert strips == few
        return
    assert strips[-1].source == found[0].passage.source
    assert {(strip.source, strip.start) for strip in few} <= {(strip.source, strip.start) for strip in strips}
    assert {strip.source for strip in strips} > {item.passage.source for item in found} or tokens < 6000
    for item in found:
        own = [strip for strip in strips if strip.start >= item.passage.start and strip.source == item.passage.source]
        assert "".join("".join(strip.text for strip in own).split()) == "".join(item.passage.text.split())
    graded = {(strip.source, strip.start): strip.relevance for strip in few}
    assert all(strip.relevance == graded.get((strip.source, strip.start), -1.0) for strip in strips)
