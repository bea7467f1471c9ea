"""Which words two texts have in common."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.models.marks import KINDS, marks


def shared(first: str, second: str) -> tuple[list[str], list[str]]:
    """Return the words between spaces of either text that hold a shared word."""
    words = [list(re.finditer(r"\S+", text)) for text in (first, second)]
    found = marks(first, second, ([word.span() for word in words[0]], [word.span() for word in words[1]]))
    return tuple(  # type: ignore[return-value]
        [word.group() for word, mark in zip(own, kinds, strict=True) if mark % 2]
        for own, kinds in zip(words, found, strict=True)
    )


@pytest.mark.parametrize(
    ("first", "second", "of_first", "of_second"),
    [
        ("A10G memory?", "The A10 has MEMORY.", ["memory?"], ["MEMORY."]),
        ("7,200 steps", "7200 step", ["7,200", "steps"], ["7200", "step"]),
        ("2.5 GB", "25 GB or 2.5", ["2.5", "GB"], ["GB", "2.5"]),
        ("학습률은 얼마야", "학습률이 얼마인지", ["학습률은", "얼마야"], ["학습률이", "얼마인지"]),
        ("모델 크기", "모델링 기법", ["모델"], ["모델링"]),
        ("LoRA가 뭐야", "LoRA는 adapter", ["LoRA가"], ["LoRA는"]),
        ("값은", "값이", [], []),
        ("class", "clas", [], []),
    ],
)
def test_words_are_shared_whatever_their_case_plural_or_particle(
    first: str, second: str, of_first: list[str], of_second: list[str]
) -> None:
    assert shared(first, second) == (of_first, of_second)
    assert shared(second, first) == (of_second, of_first)


TEXTS = st.text(st.sampled_from("ab 학습률은1,.Z🍵"), max_size=40)


@given(TEXTS, TEXTS)
def test_a_text_shares_every_word_with_itself_and_marks_tell_the_texts_apart(first: str, second: str) -> None:
    places = [(at, at + 1) for at in range(len(first))], [(at, at + 1) for at in range(len(second))]
    own, others = marks(first, second, places)
    assert (len(own), len(others)) == (len(first), len(second))
    assert set(own) <= {0, 1} and set(others) <= {2, 3} and max([*own, *others], default=0) < KINDS
    same, _ = marks(first, first, (places[0], places[0]))
    assert all(mark == 1 for letter, mark in zip(first, same, strict=True) if letter.isalnum())
