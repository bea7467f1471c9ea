"""How words reach a terminal, a file or a pipe: in UTF-8, without what a terminal would obey, each answer once.

In: text, much of it from file names and notes. Out: what is written. It does not know what the words mean.
"""

import json
import logging
import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, TextIO

_OBEYED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Categories of what a terminal obeys or nobody sees: controls, marks of direction, half surrogate pairs, breaks."""
_JOINERS = "\u200c\u200d"
"""They only join letters, as in an emoji of several people."""


def speak_utf8() -> None:
    r"""Make the standard streams take and give any text, whatever the console's code page is.

    A terminal keeps its own encoding and gets what it lacks as `\u…`; files and pipes are UTF-8.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            own = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=own, errors="backslashreplace")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")


def harmless(text: str, breaks: str = "") -> str:
    r"""Return the text with each character that a terminal would obey written as its escape: U+202E as `\u202e`.

    `breaks` are those that stay.
    """
    return "".join(_escaped(char) if _is_obeyed(char) and char not in breaks else char for char in text)


def line(text: str) -> str:
    """Return a note's words on one harmless line."""
    return harmless(" ".join(text.split()))


def paragraphs(text: str) -> str:
    """Return the text as it may be printed, with its lines."""
    return harmless(text.expandtabs(4), breaks="\n")


def print_json(value: object) -> None:
    """Print one line of JSON; what a terminal would obey stands in it as JSON escapes it."""
    said = json.dumps(value, ensure_ascii=False)
    if any(map(_is_obeyed, said)):
        said = "".join(json.dumps(char)[1:-1] if _is_obeyed(char) else char for char in said)
    print(said, flush=True)


def print_exactly(text: str) -> None:
    """Write a text to stdout, character for character; a terminal gets it harmless."""
    if sys.stdout.isatty():
        print(paragraphs(text), flush=True)
        return
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(newline="\n")
    sys.stdout.write(text)
    sys.stdout.flush()


class Harmless(logging.Formatter):
    """Formats a record on one line, without what a terminal would obey."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line."""
        return harmless(super().format(record), breaks="\n" if record.exc_info else "")


class Once:
    """Shows the last text alone, for what is no terminal."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._text = out, ""

    def show(self, text: str) -> None:
        """Keep the text."""
        self._text = text

    def end(self) -> None:
        """Write the last text."""
        self._out.write(self._text)


class InPlace:
    """Shows a text on a terminal of a given size as it grows; of one that changes, only what changed is written anew.

    For example "Two weeks. [3]" that becomes "Two weeks. [1]": the line is cleared and written once more.
    """

    def __init__(self, out: TextIO, columns: int, rows: int) -> None:
        self._out, self._columns, self._rows, self._shown = out, columns, rows, ""

    def show(self, text: str) -> None:
        """Write what is new, after clearing from the first line that differs."""
        if not text.startswith(self._shown):
            same = len(os.path.commonprefix([self._shown, text]))
            kept = self._shown[: self._shown.rfind("\n", 0, same) + 1]
            up = sum(_rows(line, self._columns) for line in self._shown[len(kept) :].split("\n")) - 1
            # What has scrolled away cannot be cleared; it is left above.
            self._out.write("\r" + (f"\x1b[{min(up, self._rows - 1)}A" if up else "") + "\x1b[J")
            self._shown = kept
        self._out.write(text[len(self._shown) :])
        self._out.flush()
        self._shown = text

    def end(self) -> None:
        """Leave the text as it stands."""


@contextmanager
def growing() -> Iterator[Once | InPlace]:
    """Give what shows a growing text on stdout: in place on a terminal that can, else once."""
    # Old consoles of Windows print escape sequences; its newer terminal says what it is.
    able = os.environ.get("TERM") != "dumb" and (os.name != "nt" or "WT_SESSION" in os.environ)
    shown: Once | InPlace = Once(sys.stdout)
    if sys.stdout.isatty() and able:
        size = os.get_terminal_size(sys.stdout.fileno())
        shown = InPlace(sys.stdout, size.columns or 80, size.lines or 24)
    yield shown
    shown.end()


def _rows(line: str, columns: int) -> int:
    """Return how many rows a terminal takes for a line; a Hangul syllable takes two columns."""
    at, rows = 0, 1
    for char in line:
        width = _width(char)
        if at + width > columns:
            at, rows = 0, rows + 1
        at += width
    return rows


def _width(char: str) -> int:
    if unicodedata.combining(char) or char in _JOINERS:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _is_obeyed(char: str) -> bool:
    return unicodedata.category(char) in _OBEYED and char not in _JOINERS


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


@contextmanager
def bar(label: str, unit: str) -> Iterator[Any]:
    """Show a progress bar on stderr once there is progress: gives a function of done and total."""
    from tqdm import tqdm

    shown: tqdm[Any] | None = None

    def advance(done: int, total: int) -> None:
        nonlocal shown
        if shown is None:
            shown = tqdm(total=total, desc=label, unit=unit, unit_scale=unit == "B", file=sys.stderr)
        shown.update(done - shown.n)

    try:
        yield advance
    finally:
        if shown is not None:
            shown.close()
