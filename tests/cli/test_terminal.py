"""What reaches a terminal, a file or a pipe."""

import io
import json
import logging
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.cli.terminal import InPlace, JsonLines, Once, harmless, line, paragraphs, print_json

COLUMNS, ROWS = 20, 12


class Screen:
    """A terminal that knows what `InPlace` needs: wide characters, wrapping, going up, clearing."""

    def __init__(self) -> None:
        self.cells: list[list[str]] = [[]]
        self.row = self.column = 0

    def write(self, text: str) -> None:
        for piece in re.findall(r"\x1b\[\d*[AJ]|.", text, re.DOTALL):
            if piece == "\r":
                self.column = 0
            elif piece == "\n":
                self._down()
            elif piece.endswith("A") and piece[0] == "\x1b":
                self.row = max(0, self.row - int(piece[2:-1]))
            elif piece == "\x1b[J":
                self.cells[self.row :] = [self.cells[self.row][: self.column]]
            else:
                self._put(piece)

    def flush(self) -> None:
        """Nothing waits."""

    def _down(self) -> None:
        self.row, self.column = self.row + 1, 0
        if self.row == len(self.cells):
            self.cells.append([])

    def _put(self, char: str) -> None:
        width = 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if self.column + width > COLUMNS:
            self._down()
        row = self.cells[self.row]
        row[self.column :] = [*" " * (self.column - len(row)), char, *[""] * (width - 1)]
        self.column += width

    @property
    def rows(self) -> list[str]:
        return ["".join(row) for row in self.cells]


def displayed(*texts: str) -> list[str]:
    screen = Screen()
    shown = InPlace(screen, COLUMNS, ROWS)  # type: ignore[arg-type]
    for text in texts:
        shown.show(text)
    shown.end()
    return screen.rows


@given(st.lists(st.text("ab 녹차\n", max_size=60), min_size=1, max_size=5))
def test_a_terminal_shows_the_last_text_alone_whatever_grew_before(texts: list[str]) -> None:
    assert displayed(*texts) == displayed(texts[-1])


def test_marks_that_are_renumbered_do_not_print_the_answer_twice() -> None:
    grew = ["녹차는 70도의", "녹차는 70도의 물에 우린다. [3]", "녹차는 70도의 물에 우린다. [1]"]
    assert "".join(displayed(*grew)) == "".join(displayed(grew[-1]))
    screen = io.StringIO()
    shown = InPlace(screen, 80, 24)
    for text in grew[:2]:
        shown.show(text)
    assert screen.getvalue() == grew[1], "what only grows is written once"


def test_lines_that_stay_are_not_written_again() -> None:
    screen = io.StringIO()
    shown = InPlace(screen, 80, 24)
    shown.show("First line.\nSecond [2]")
    shown.show("First line.\nSecond [1]")
    assert screen.getvalue().count("First line.") == 1


def test_what_is_no_terminal_gets_the_last_text_alone() -> None:
    file = io.StringIO()
    shown = Once(file)
    for text in ("녹차는", "녹차는 70도", "70도이다."):
        shown.show(text)
    shown.end()
    assert file.getvalue() == "70도이다."


OBEYED = [
    "\x1b",
    "\x07",
    "\x00",
    "\x7f",
    "\x9b",
    "\r",
    "\u202e",
    "\u2066",
    "\u200f",
    "\u2028",
    "\u2029",
    "\ud800",
    "\U000e0041",
]


@pytest.mark.parametrize("char", OBEYED, ids=ascii)
def test_what_a_terminal_would_obey_is_shown_as_its_escape(char: str) -> None:
    for printed in (harmless(f"a{char}b"), line(f"a{char}b"), paragraphs(f"a{char}b")):
        assert char not in printed and printed.startswith("a") and printed.endswith("b")
    assert re.fullmatch(r"a\\(?:x..|u....|U.{8}|r)b", harmless(f"a{char}b"))


@pytest.mark.parametrize(
    "text", ["녹차 노트.md", "Café – été.md", "노트 👩\u200d💻.md", unicodedata.normalize("NFD", "한글.md")]
)
def test_a_plain_name_stays_as_it_is(text: str) -> None:
    assert harmless(text) == line(text) == paragraphs(text) == text


def test_paragraphs_keep_their_lines_and_a_line_has_none() -> None:
    assert paragraphs("one\ntwo") == "one\ntwo" and line("one\n two") == "one two"


@given(st.text() | st.text("".join(OBEYED) + '"\\가a', max_size=20))
def test_json_says_the_same_and_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        out = io.StringIO()
        patch.setattr("sys.stdout", out)
        print_json({"name": text})
    printed = out.getvalue()
    assert json.loads(printed) == {"name": text}
    assert printed.endswith("\n") and harmless(printed[:-1]) == printed[:-1]


def test_a_line_of_the_log_is_json_whatever_its_message_holds() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        about = (type(error), error, error.__traceback__)
        record = logging.LogRecord("assistant.here", logging.ERROR, "", 0, 'a "%s"\n\x1b[2J', ("노트",), about)
    handler.emit(record)
    said = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(one["level"], one["where"], one["message"]) for one in said] == [
        ("error", "assistant.here", 'a "노트"\n\x1b[2J')
    ]
    assert "ValueError: two" in said[0]["trace"] and said[0]["time"].endswith("+00:00")
