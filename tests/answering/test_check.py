"""Each written sentence is kept, repaired once or dropped; the trace says which."""

import pytest

from assistant.answer import Did, Strip
from assistant.answering.check import Checked, check
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
    assert (found.own, found.steps) == (1, ())


def test_a_wrong_mark_is_repaired_and_traced() -> None:
    found = check("녹차는 70도의 물에 우린다. [2]", strips(TEA, LIGHT), KO)
    assert found.sentences[0].citations == (1,)
    assert did(found) == [Did.REPAIRED] and found.own == 1


@pytest.mark.parametrize(
    ("written", "language", "quote"),
    [
        ("녹차는 80도의 물에 우린다. [1]", KO, TEA),
        ("녹차는 70도의 물에 우리지 않는다. [1]", KO, TEA),
        ("The rye loaf is baked at 350 degrees. [1]", EN, BREAD),
        # A clause that no note says must not ride on a true one.
        ("녹차는 70도의 물에 우리며, 오래 볶은 잎일수록 향이 깊어진다. [1]", KO, TEA),
        ("The rye loaf is baked at 250 degrees, especially when the flour comes from old mills. [1]", EN, BREAD),
        ("The rye loaf is baked at 250 degrees because steam from hot stones opens its crust. [1]", EN, BREAD),
    ],
)
def test_a_wrong_claim_gives_way_to_the_notes_own_sentence(written: str, language: Language, quote: str) -> None:
    found = check(written, strips(quote), language)
    assert [s.text for s in found.sentences] == [quote]
    assert did(found) == [Did.REPAIRED] and found.own == 0


@pytest.mark.parametrize(
    ("written", "language", "quote"),
    [
        ("녹차는 70도의 물에 우리며, 2분 동안 우린다. [1]", KO, TEA),
        ("The rye loaf is baked for 20 minutes, and the oven is at 250 degrees. [1]", EN, BREAD),
    ],
)
def test_two_clauses_that_the_note_says_are_kept(written: str, language: Language, quote: str) -> None:
    assert check(written, strips(quote), language).own == 1


@pytest.mark.parametrize(
    ("written", "language"), [("커피는 에티오피아에서 왔다. [1]", KO), ("The moon is made of cheese. [1]", EN)]
)
def test_what_no_note_says_is_dropped_and_traced(written: str, language: Language) -> None:
    found = check(written, strips(TEA, BREAD), language)
    assert found.sentences == () and did(found) == [Did.DROPPED]


@pytest.mark.parametrize(
    ("written", "language", "note"),
    [
        ("녹차는 70도의 물에 우리나요? [1]", KO, TEA),
        ("The rye loaf is baked at 250 degrees for 20 minutes? [1]", EN, BREAD),
    ],
)
def test_a_sentence_that_asks_is_none_of_the_models_own(written: str, language: Language, note: str) -> None:
    found = check(written, strips(note), language)
    assert found.own == 0 and all("?" not in sentence.text for sentence in found.sentences)


@pytest.mark.parametrize(
    ("loop", "language", "note"),
    [
        ("녹차는 70도의 물에 우린다, ", KO, TEA),
        ("the rye loaf is baked at 250 degrees, ", EN, BREAD),
    ],
)
def test_a_sentence_that_goes_round_in_a_loop_is_none_of_the_models_own(
    loop: str, language: Language, note: str
) -> None:
    assert check(f"{loop.strip(', ')}. [1]", strips(note), language).own == 1
    found = check(f"{(loop * 3).strip(', ')}. [1]", strips(note), language)
    assert found.own == 0 and [sentence.text for sentence in found.sentences] == [note]


def test_a_sentence_in_the_wrong_language_is_quoted_in_the_notes_language() -> None:
    found = check("The rye loaf is baked at 250 degrees. [1]", strips(BREAD), KO)
    assert found.own == 0
    assert found.sentences[0].text == f"노트에는 영어로 이렇게 적혀 있습니다: “{BREAD}”"


def test_a_translated_sentence_stands_on_learned_words_numbers_and_names() -> None:
    note = "BERT의 토크나이저는 WordPiece(워드피스)이고 어휘 크기는 30K이다."
    found = check("The tokenizer of BERT is WordPiece. [1]", strips(note), EN)
    assert found.own == 1 and found.sentences[0].citations == (1,)


def test_a_scorer_that_is_handed_in_decides() -> None:
    found = check("녹차는 70도의 물에 우린다. [1]", strips(TEA), KO, lambda evidence, said: [0.1] * len(said))
    assert found.own == 0
