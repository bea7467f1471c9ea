"""The notes' own sentences as an answer: few, ordered, each in its language."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Sentence, Strip
from assistant.answering.quote import quote, quoted
from assistant.messages.said import ACROSS
from assistant.search.question import read
from assistant.search.relevance import logit
from assistant.text.language import Language

KO, EN = Language.KO, Language.EN
ASKED = read("?")
KOREAN = Strip("a.md", "차", "온도", "", "- 녹차는 70도의 물에 우린다.", 0, 18, relevance=0.9, number=2)
ENGLISH = Strip("b.md", "Bread", "", "", "Bake at 250 degrees.", 5, 25, relevance=0.7, number=1)


def test_quotes_keep_their_words_and_say_once_that_they_are_in_the_other_language() -> None:
    cold = replace(ENGLISH, text="Cool it on a rack.", number=3, start=30, end=48, relevance=0.6)
    hot, cool = quote(ASKED, KO, [cold, ENGLISH])
    assert (hot.before, hot.text) == (" 노트에는 영어로 이렇게 적혀 있습니다: ", "Bake at 250 degrees.")
    assert cool.text == "Cool it on a rack."
    assert [sentence.citations for sentence in (hot, cool)] == [(1,), (3,)]
    assert quote(ASKED, KO, [KOREAN])[0].text == "녹차는 70도의 물에 우린다."
    assert quote(ASKED, EN, [KOREAN])[0].before == " Your notes say, in Korean: "
    assert quote(ASKED, KO, []) == []


@pytest.mark.parametrize(
    ("asked", "before"),
    [
        ("차 온도는?", " (온도) "),
        ("녹차는 몇 도에 우려?", " "),
        ("what temperature is green tea?", " Your notes say, in Korean: (온도) "),
    ],
)
def test_a_heading_stands_before_a_quote_that_needs_it(asked: str, before: str) -> None:
    question = read(asked)
    assert quote(question, question.language, [replace(KOREAN, text="- 녹차는 70℃의 물에 우린다.")])[0].before == before


@given(st.lists(st.floats(-0.9, 0.9), min_size=1, max_size=6, unique=True))
def test_the_best_strip_comes_first_and_one_more_if_it_comes_near(grades: list[float]) -> None:
    strips = [Strip("a.md", "", "", "", f"Words of {n}.", n, n + 1, grade, n) for n, grade in enumerate(grades)]
    said = [sentence.citations[0] for sentence in quote(ASKED, EN, strips)]
    best, *others = sorted(range(len(grades)), key=lambda n: -grades[n])
    near = [n for n in others[:1] if logit(grades[best]) - logit(grades[n]) <= 2]
    assert said == [best, *near]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("4. `Default GC`: Parallel → G1", "`Default GC`: Parallel → G1"),
        ("> Nothing is returned.", "Nothing is returned."),
        ("- 70도에 우린다. [3]", "70도에 우린다."),
        ("2024 was warm.", "2024 was warm."),
        ("-5 degrees is cold.", "-5 degrees is cold."),
        ("**Tea** is hot.", "**Tea** is hot."),
        ("| A10 | 24 GB |", "| A10 | 24 GB |"),
    ],
)
def test_a_quote_stands_without_the_marks_of_its_list(text: str, said: str) -> None:
    assert quoted(text) == said


def test_a_row_with_one_cell_filled_is_quoted_only_if_there_is_nothing_else() -> None:
    empty = replace(ENGLISH, text="| Li-Ion NMC622 | | |", relevance=0.75, number=5)
    assert [s.citations for s in quote(ASKED, EN, [empty, ENGLISH])] == [(1,)]
    assert len(quote(ASKED, EN, [empty])) == 1


def row(text: str, number: int, columns: str = "Bread | Price", relevance: float = 0.9) -> Strip:
    return replace(
        ENGLISH, text=text, start=number, end=number + len(text), number=number, columns=columns, relevance=relevance
    )


def said(sentences: Sequence[Sentence]) -> str:
    return "".join(sentence.before + sentence.text for sentence in sentences).strip()


def test_a_row_is_quoted_in_its_table() -> None:
    first, second = row("| Rye | 4 |", 1), row("| Oat | 5 |", 2, relevance=0.89)
    assert said(quote(ASKED, EN, [first, second])) == "| Bread | Price |\n| --- | --- |\n| Rye | 4 |\n| Oat | 5 |"
    assert [sentence.text for sentence in quote(ASKED, EN, [first])] == ["| Rye | 4 |"]


def test_what_is_quoted_after_a_row_stands_outside_its_table() -> None:
    other = replace(row("Oat bread is cheap today.", 2, columns=""), relevance=0.89)
    assert said(quote(ASKED, EN, [row("| Rye | 4 |", 1), other])).endswith("| Rye | 4 |\n\nOat bread is cheap today.")


def test_a_row_in_the_other_language_is_announced_before_its_table() -> None:
    words = said(quote(ASKED, EN, [row("| 호밀빵 | 사천 원 |", 1)]))
    assert words.startswith(ACROSS[EN]) and "\n\n| Bread | Price |\n| --- | --- |\n| 호밀빵" in words
