"""Terms of one language find the terms of the other that stand for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_snapshot import MemorySnapshot, passage

from assistant.search.counterparts import counterparts
from assistant.text.lexicon import BRACKETS, LEARNED, SOUND


def weights(term: str, *texts: str) -> dict[str, float]:
    """Return the counterparts of a term where passages with these texts are the notes."""
    return counterparts(term, MemorySnapshot([passage(text) for text in texts]))


def test_a_borrowed_word_is_known_by_its_sound_both_ways() -> None:
    notes = ("The transformer reads all words.", "트랜스포머는 모든 단어를 읽는다.")
    assert weights("트랜스포머", *notes) == {"transform": SOUND}
    assert weights("transformer", *notes) == {"트랜스포머": SOUND}


@pytest.mark.parametrize(
    "text", ["증류(distillation)는 작은 모델을 만든다.", "Distillation (증류) makes small models."]
)
def test_what_a_note_puts_in_brackets_stands_for_the_word_before(text: str) -> None:
    assert weights("증류", text) == {"distil": BRACKETS}
    assert weights("distil", text) == {"증류": BRACKETS}


def test_a_compound_in_brackets_is_not_guessed_at() -> None:
    notes = MemorySnapshot([passage("지식증류(knowledge-distillation)는 쉽다.")])
    assert not notes.bracketed("지식") and not notes.bracketed("distil")


def test_common_words_are_known_without_any_note() -> None:
    assert weights("정부")["govern"] == pytest.approx(LEARNED, abs=0.1)
    assert weights("govern")["정부"] == pytest.approx(LEARNED, abs=0.1)


def test_the_surest_source_counts() -> None:
    assert weights("정부", "정부(govern) 정부")["govern"] == BRACKETS


@given(st.text(max_size=20))
def test_an_unknown_word_has_no_counterpart_and_weights_are_shares(word: str) -> None:
    assert all(0 < weight <= 1 for weight in weights(word, "트랜스포머(transformer)").values())
    assert weights("ㅋ" + word + "ㅋ") == {}
