"""A passage → what it adds to the lexicon."""

import pytest
from memory_snapshot import passage

from assistant.index.words import BRACKETED, entries


@pytest.mark.parametrize("text", ["어텐션(attention)은 핵심이다.", "The attention (어텐션) reads."])
def test_words_in_brackets_stand_for_each_other(text: str) -> None:
    pairs = {pair for pair in entries(passage(text)) if pair[0].startswith(BRACKETED)}
    assert pairs == {(f"{BRACKETED}어텐션", "attent"), (f"{BRACKETED}attent", "어텐션")}


@pytest.mark.parametrize("text", ["(attention)", "어텐션 (2017)", "attention [어텐션]", "", "2017"])
def test_other_brackets_say_nothing(text: str) -> None:
    assert not [key for key, _ in entries(passage(text)) if key.startswith(BRACKETED)]


def test_words_of_both_languages_are_known_by_their_sound() -> None:
    korean = {key.removeprefix("ko ") for key, _ in entries(passage("트랜스포머")) if key.startswith("ko ")}
    english = {key.removeprefix("en ") for key, _ in entries(passage("transformer")) if key.startswith("en ")}
    assert korean & english
