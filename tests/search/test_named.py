"""What a question names by a designation must stand in what was found, or the grades fall."""

import pytest
from memory_snapshot import passage

from assistant.answer import Scored, Strip
from assistant.search.named import lowered, rows_told_apart
from assistant.search.question import read

A10 = Scored(passage("The A10 has 24 GB of memory.", "cards.md"), 0.8)
A10G = Scored(passage("A10G는 메모리가 24GB다.", "aws.md"), 0.6)
BREAD = Scored(passage("Bake the bread at 220 degrees.", "bread.md"), 0.1)


def grades(question: str, *found: Scored) -> dict[str, float]:
    return {one.passage.source: round(one.score, 2) for one in lowered(read(question), found)}


@pytest.mark.parametrize("question", ["A10G 메모리가 몇 기가야?", "How much memory does the a10g have?"])
def test_a_near_name_is_graded_below_the_thing_itself(question: str) -> None:
    found = grades(question, A10, A10G)
    assert list(found) == ["aws.md", "cards.md"]
    assert found["aws.md"] == 0.6
    assert found["cards.md"] < 0


@pytest.mark.parametrize("question", ["A30 메모리가 몇 기가야?", "Which has more memory, the A10 or the A30?"])
def test_nothing_answers_where_a_named_thing_is_nowhere(question: str) -> None:
    assert all(grade < 0 for grade in grades(question, A10, A10G).values())


@pytest.mark.parametrize("question", ["A10과 A10G 중 뭐가 더 커?", "Compare the A10 with the A10G."])
def test_of_two_things_a_passage_may_name_one(question: str) -> None:
    assert grades(question, A10, A10G, BREAD) == {"cards.md": 0.8, "aws.md": 0.6, "bread.md": -0.89}


@pytest.mark.parametrize("question", ["빵은 몇 도에서 구워?", "At how many degrees is bread baked?"])
def test_a_question_without_such_names_changes_nothing(question: str) -> None:
    assert grades(question, BREAD, A10) == {"cards.md": 0.8, "bread.md": 0.1}


@pytest.mark.parametrize(
    "above",
    [{"source": "gpus/A10G.md"}, {"source": "x.md", "title": "A10G 정리"}, {"source": "x.md", "heading": "AWS > A10G"}],
)
def test_the_name_may_stand_above_the_words(above: dict[str, str]) -> None:
    one = Scored(passage("메모리는 24GB다.", **above), 0.6)
    assert lowered(read("A10G 메모리가 몇 기가야?"), [one]) == [one]


def row(text: str, relevance: float, heading: str = "Stock") -> Strip:
    return Strip("stock.xlsx", "Stock", heading, "", text, 0, len(text), relevance, columns="Part | Count")


@pytest.mark.parametrize("asked", ["How many M57 are there?", "M57은 몇 개야?"])
def test_of_rows_that_are_alike_the_one_that_is_named_has_the_best_ones_grade(asked: str) -> None:
    rows = [
        row("| M5 | 1 |", 0.6),
        row("| M57 | 2 |", -0.9),
        row("| M57 | 3 |", 0.5, "Sold"),
        row("| M9 | 4 |", 0.9, "Lent"),
    ]
    prose = Strip("a.md", "", "", "", "A bolt.", 0, 7, 0.1)
    grades = rows_told_apart(read(asked), [*rows, prose])
    assert grades[1:] == [0.6, 0.5, 0.9, 0.1] and grades[0] < 0
    assert rows_told_apart(read("How many bolts are there?"), rows) == [strip.relevance for strip in rows]


def test_a_row_that_alone_has_a_word_of_the_question_is_as_good_as_the_best() -> None:
    rows = [row("| memleak | 5 |", -0.8), row("| overflow | 13 |", 0.4), row("| xss | 283 |", 0.1)]
    assert rows_told_apart(read("How many memleak flaws were there in 2005?"), rows) == [0.4, 0.4, 0.1]
    assert rows_told_apart(read("How many flaws were 283?"), rows) == [-0.8, 0.4, 0.1]
    assert rows_told_apart(read("How many memleak flaws?"), rows[:2]) == [-0.8, 0.4]
