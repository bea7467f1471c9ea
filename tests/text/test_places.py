"""Offsets into a block's content → offsets into the note."""

import pytest

from assistant.text.places import of_cell, of_lines


@pytest.mark.parametrize(
    ("text", "lines", "content"),
    [
        ("one\ntwo", [0, 4], "one\ntwo"),
        ("> one\n> two", [0, 6], "one\ntwo"),
        ("- 녹차는\n  70도", [0, 6], "녹차는\n70도"),
    ],
)
def test_every_character_of_a_paragraph_is_found_again(text: str, lines: list[int], content: str) -> None:
    places = of_lines(text, lines, content, marked=False)
    assert places and all(text[places(at)] == char for at, char in enumerate(content) if char != "\n")


def test_the_words_of_a_heading_are_not_taken_for_its_marks() -> None:
    places = of_lines("# # #", [0], "#", marked=True)
    assert places and places(0) == 2


def test_what_is_not_there_has_no_places() -> None:
    assert of_lines("one", [0], "other", marked=False) is None
    assert of_lines("one", [0], "one\ntwo", marked=False) is None
    assert of_cell("| a |", 0, 5, "b") is None and of_cell("| a |", 0, 5, "") is None


@pytest.mark.parametrize(("row", "content"), [("| a | 차 |", "차"), ("| a\\|b | c |", "a|b"), ("| x\\|y\\|z |", "y|z")])
def test_a_cell_is_found_though_its_bars_are_escaped(row: str, content: str) -> None:
    places = of_cell(row, 0, len(row), content)
    assert places and [row[places(at)] for at in range(len(content))] == list(content)
