"""Terms of one language find the terms of the other that stand for them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.lexicon import BRACKETS, LEARNED, SOUND, Lexicon
from assistant.text.terms import terms


def lexicon(*texts: str) -> Lexicon:
    return Lexicon.of(texts, [terms(text) for text in texts])


def test_a_borrowed_word_is_found_by_its_sound_both_ways() -> None:
    found = lexicon("The transformer reads all words.", "트랜스포머는 모든 단어를 읽는다.")
    assert found.counterparts("트랜스포머") == {"transform": SOUND}
    assert found.counterparts("transformer") == {"트랜스포머": SOUND}


@pytest.mark.parametrize(
    "text", ["증류(distillation)는 작은 모델을 만든다.", "Distillation (증류) makes small models."]
)
def test_what_a_note_puts_in_brackets_stands_for_the_word_before(text: str) -> None:
    assert lexicon(text).counterparts("증류") == {"distil": BRACKETS}
    assert lexicon(text).counterparts("distil") == {"증류": BRACKETS}


def test_a_compound_in_brackets_is_not_guessed_at() -> None:
    assert lexicon("지식증류(knowledge-distillation)는 쉽다.").bracketed == {}


def test_common_words_are_known_without_any_note() -> None:
    assert lexicon().counterparts("정부")["govern"] == pytest.approx(LEARNED, abs=0.1)
    assert lexicon().counterparts("govern")["정부"] == pytest.approx(LEARNED, abs=0.1)


def test_the_surest_source_counts() -> None:
    assert lexicon("정부(govern) 정부").counterparts("정부")["govern"] == BRACKETS


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    before = lexicon("증류(distillation)는 트랜스포머를 줄인다.", "A transformer shrinks.")
    before.write(tmp_path / "lexicon.json")
    assert Lexicon.read(tmp_path / "lexicon.json") == before


@given(st.text(max_size=20))
def test_an_unknown_word_has_no_counterpart_and_weights_are_shares(word: str) -> None:
    weights = lexicon("트랜스포머(transformer)").counterparts(word).values()
    assert all(0 < weight <= 1 for weight in weights)
    assert lexicon().counterparts("ㅋ" + word + "ㅋ") == {}
