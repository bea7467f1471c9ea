"""Which search terms a text has."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.terms import terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SliceGPT는", ["slicegpt"]),
        ("SliceGPT(슬라이스)는", ["slicegpt", *terms("슬라이스")]),
        ('"BERT"은', ["bert"]),
        ("**BERT**를", ["bert"]),
        ("`softmax`가", ["softmax"]),
        ("망원경은 망원경을 망원경의", ["망원경"] * 3),
        ("The models were trained", ["model", "train"]),
        ("이것은 무엇이고 왜 쓰나요?", []),
        ("café Müller naïve", ["café", "müller", "naïve"]),
        ("state_of_the_art", ["state", "art", "stateoftheart"]),
        ("GPT-3.5", ["gpt", "3.5", "gpt3.5"]),
        ("the author's", ["author"]),
        ("12,000 or 12000; 1,2", ["12000", "12000", "1", "2"]),
        ("U.S.", ["us"]),
        ("漢字", ["漢字"]),
        ("🙂 — …", []),
        ("", []),
    ],
)
def test_terms_are_stems_without_particles_and_stop_words(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize("spelling", ["GPT4", "gpt-4", "GPT-4는", "gpt_4", "ＧＰＴ－４"])
def test_each_spelling_of_a_name_with_a_number_gives_the_same_terms(spelling: str) -> None:
    assert terms(spelling) == terms("GPT-4") == ["gpt", "4", "gpt4"]


@pytest.mark.parametrize("text", ["미리내 망원경의 거울은 알루미늄이다", "café", "GPT-4는 크다"])
def test_decomposed_text_gives_the_same_terms(text: str) -> None:
    assert terms(unicodedata.normalize("NFD", text)) == terms(text) != []


def test_terms_keep_the_order_of_the_text() -> None:
    assert terms("Mirinae는 초신성을 찾는다") == ["mirina", "초신성", "찾"]


@given(st.text(max_size=80))
def test_terms_of_any_text_are_words_without_white_space(text: str) -> None:
    assert all(word and not any(char.isspace() for char in word) for word in terms(text))
