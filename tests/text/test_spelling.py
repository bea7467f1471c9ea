"""One spelling for what Unicode writes in several ways."""

import unicodedata

import pytest

from assistant.text.language import Language, detect, hangul_share
from assistant.text.sentences import sentences
from assistant.text.spelling import composed, folded
from assistant.text.terms import names, terms, whole_words

KOREAN = "미리내 망원경의 거울은 GPT-4로 보았다.평가는 알루미늄이다."
APART = unicodedata.normalize("NFD", KOREAN)


def test_decomposed_korean_is_read_as_composed_korean_is() -> None:
    assert APART != KOREAN
    assert detect(APART) is Language.KO
    assert hangul_share(APART) == hangul_share(KOREAN) > 0.8
    for read in (terms, names, whole_words):
        assert read(APART) == read(KOREAN) != []


def test_sentences_of_decomposed_korean_are_spans_of_the_text_as_it_is() -> None:
    pieces = [APART[start:end] for start, end in sentences(APART)]
    assert [composed(piece) for piece in pieces] == [KOREAN[start:end] for start, end in sentences(KOREAN)]
    assert len(pieces) == 2


@pytest.mark.parametrize(("text", "expected"), [("ＧＰＴ－４", "GPT-4"), ("e\u0301", "é"), ("plain", "plain")])
def test_variants_of_a_character_are_folded(text: str, expected: str) -> None:
    assert folded(text) == expected


def test_a_letter_keeps_as_many_accents_as_any_language_has() -> None:
    assert composed("e\u0301\u0316x") == unicodedata.normalize("NFC", "e\u0301\u0316x")
