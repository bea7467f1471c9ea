"""Each written sentence is kept with what bears it out, or marked, or dropped; the trace says which."""

from collections.abc import Sequence

import pytest

from assistant.answer import Did, Strip
from assistant.answering.check import Checked, as_evidence, check
from assistant.models.judge import Text
from assistant.text.language import Language

KO, EN = Language.KO, Language.EN


def strips(*texts: str) -> list[Strip]:
    return [Strip(f"{n}.md", "", "", "", text, 0, len(text), 0.5, n) for n, text in enumerate(texts, start=1)]


TEA = "녹차는 70도의 물에 2분 동안 우린다."
LIGHT = "솔섬 등대는 1931년에 세워졌다."
BREAD = "The rye loaf is baked at 250 degrees for 20 minutes."


def did(found: Checked) -> list[Did]:
    return [step.did for step in found.steps]


def test_a_sentence_that_holds_is_kept_without_a_step() -> None:
    found = check("녹차는 70도의 물에 우린다. [1]", strips(TEA, LIGHT), KO)
    assert [(s.text, s.citations) for s in found.sentences] == [("녹차는 70도의 물에 우린다.", (1,))]
    assert (found.borne_out, found.steps) == (1, ())


def test_a_wrong_mark_is_repaired_and_traced() -> None:
    found = check("녹차는 70도의 물에 우린다. [2]", strips(TEA, LIGHT), KO)
    assert found.sentences[0].citations == (1,)
    assert did(found) == [Did.REPAIRED] and found.borne_out == 1


@pytest.mark.parametrize(
    ("written", "language", "quote"),
    [
        ("녹차는 80도의 물에 우린다. [1]", KO, TEA),
        ("The rye loaf is baked at 350 degrees. [1]", EN, BREAD),
    ],
)
def test_a_wrong_number_is_marked_and_nothing_takes_its_place(written: str, language: Language, quote: str) -> None:
    found = check(written, strips(quote), language)
    assert [(s.text, s.citations, s.support) for s in found.sentences] == [(written.removesuffix(" [1]"), (), 0.0)]
    assert did(found) == [Did.DOUBTED] and found.borne_out == 0


@pytest.mark.parametrize(
    ("written", "language"), [("커피는 에티오피아에서 왔다. [1]", KO), ("The moon is made of cheese. [1]", EN)]
)
def test_what_no_note_says_cites_nothing_and_is_traced(written: str, language: Language) -> None:
    found = check(written, strips(TEA, BREAD), language)
    assert [s.citations for s in found.sentences] == [()] and did(found) == [Did.DOUBTED]


@pytest.mark.parametrize(
    ("written", "language", "note"),
    [
        ("녹차는 70도의 물에 우리나요? [1]", KO, TEA),
        ("The rye loaf is baked at 250 degrees for 20 minutes? [1]", EN, BREAD),
    ],
)
def test_a_sentence_that_asks_is_dropped(written: str, language: Language, note: str) -> None:
    found = check(written, strips(note), language)
    assert found.sentences == () and did(found) == [Did.DROPPED]


@pytest.mark.parametrize(
    ("loop", "language", "note"),
    [
        ("녹차는 70도의 물에 우린다, ", KO, TEA),
        ("the rye loaf is baked at 250 degrees, ", EN, BREAD),
    ],
)
def test_a_sentence_that_goes_round_in_a_loop_is_dropped(loop: str, language: Language, note: str) -> None:
    assert check(f"{loop.strip(', ')}. [1]", strips(note), language).borne_out == 1
    found = check(f"{(loop * 3).strip(', ')}. [1]", strips(note), language)
    assert found.sentences == () and did(found) == [Did.DROPPED]


def test_words_that_are_no_terms_go_round_in_a_loop_too() -> None:
    found = check(f"녹차는 70도{'/분/초' * 9}. [1]", strips(TEA), KO)
    assert found.sentences == () and did(found) == [Did.DROPPED]


def test_a_sentence_in_the_wrong_language_is_dropped() -> None:
    found = check("The rye loaf is baked at 250 degrees. [1]", strips(BREAD), KO)
    assert found.sentences == () and did(found) == [Did.DROPPED]


def test_a_sentence_that_is_said_twice_is_shown_once() -> None:
    said = "녹차는 70도의 물에 우린다."
    assert [s.text for s in check(f"{said} [1] {said} [1]", strips(TEA), KO).sentences] == [said]


def test_a_translated_sentence_stands_on_learned_words_numbers_and_names() -> None:
    note = "BERT의 토크나이저는 WordPiece(워드피스)이고 어휘 크기는 30K이다."
    found = check("The tokenizer of BERT is WordPiece. [1]", strips(note), EN)
    assert found.borne_out == 1 and found.sentences[0].citations == (1,)


def test_a_scorer_that_is_handed_in_decides() -> None:
    found = check("녹차는 70도의 물에 우린다. [1]", strips(TEA), KO, lambda evidence, said: [0.1] * len(evidence))
    assert found.borne_out == 0


def test_what_two_claimed_strips_say_together_cites_both() -> None:
    def together(evidence: Sequence[Text], said: str) -> list[float]:
        return [0.9 if "녹차" in one.text and "등대" in one.text else 0.1 for one in evidence]

    said = "녹차는 70도, 등대는 1931년."
    (sentence,) = check(f"{said} [1] [2]", strips(TEA, LIGHT), KO, together).sentences
    assert (sentence.citations, sentence.support) == ((1, 2), 0.9)
    (sentence,) = check(f"{said} [1]", strips(TEA, LIGHT), KO, together).sentences
    assert sentence.citations == ()


def test_claimed_strips_that_bear_out_are_cited_and_others_are_not_read() -> None:
    read: list[str] = []

    def supports(evidence: Sequence[Text], said: str) -> list[float]:
        read.extend(one.text for one in evidence)
        return [0.5 + len(one.text) / 1000 for one in evidence]

    (sentence,) = check("녹차는 70도의 물에 우린다. [2]", strips(BREAD, TEA, TEA), KO, supports).sentences
    assert sentence.citations == (2,) and all("녹차" in text for text in read) and len(read) == 1


def test_strips_are_read_together_each_under_its_headings_with_the_places_of_its_sentences() -> None:
    one = Strip("a.md", "Tea", "Brewing", "", "**Hot** water. Two minutes.", 0, 27, 0.5, 1, ((0, 2), (5, 7)))
    other = Strip("b.md", "", "", "", "Milk.", 0, 5, 0.5, 2)
    read = as_evidence([one, other])
    assert read.text == f"{one.headed}\n{other.headed}" and "*" not in read.text
    assert [read.text[start:end] for start, end in read.sentences] == ["Hot water.", "Two minutes.", "Milk."]
