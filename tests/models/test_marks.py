"""Which words of a question a text holds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.models.marks import KINDS, Words


def marked(above: str, text: str, question: str) -> list[int]:
    """Return the mark of each word of the question between spaces."""
    return Words(above, text).marks(question, [word.span() for word in re.finditer(r"\S+", question)])


@pytest.mark.parametrize(
    ("question", "text", "marks"),
    [
        ("A10G memory?", "The A10 has MEMORY.", [1, 3]),
        ("7,200 steps", "7200 step", [3, 3]),
        ("2.5 GB", "25 GB or 2.5", [3, 3]),
        ("학습률은 얼마야", "학습률이 얼마인지", [3, 3]),
        ("모델 크기", "모델링 기법", [3, 1]),
        ("LoRA가 뭐야", "LoRA는 adapter", [3, 1]),
        ("값은", "값이", [1]),
        ("class", "clas", [1]),
    ],
)
def test_words_are_the_same_whatever_their_case_plural_or_particle(question: str, text: str, marks: list[int]) -> None:
    assert marked("", text, question) == marks
    assert marked(text, "", question) == [2 if mark == 3 else mark for mark in marks]


def test_a_word_that_stands_only_above_is_marked_so() -> None:
    assert marked("Train to Busan", "Milk and bread, no train.", "train to 부산 Busan") == [3, 2, 1, 2]


TEXTS = st.text(st.sampled_from("ab 학습률은1,.Z🍵"), max_size=40)


@given(TEXTS, TEXTS)
def test_a_text_holds_every_word_of_its_own(text: str, question: str) -> None:
    letters = [(at, at + 1) for at in range(len(question))]
    marks = Words("", text).marks(question, letters)
    assert len(marks) == len(question) and {0 < mark < KINDS for mark in marks} <= {True}
    same = Words("", question).marks(question, letters)
    assert all(mark == 3 for letter, mark in zip(question, same, strict=True) if letter.isalnum())
