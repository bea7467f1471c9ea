"""Writes text to a terminal, a file or a pipe: in UTF-8, with control characters escaped, each answer once.

In: text, much of it from file names and notes. Out: output on stdout and stderr.
"""

import json
import logging
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from io import TextIOWrapper
from typing import Any, TextIO

from assistant import machine

_OBEYED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Unicode categories that are escaped: controls, direction marks, surrogates, and line and paragraph separators."""
_JOINERS = "\u200c\u200d"
"""Not escaped, since they only join letters, as in an emoji of several people."""


def speak_utf8() -> None:
    r"""Make the standard streams accept any text, whatever the console's code page is.

    A terminal keeps its encoding and gets other characters as `\u…`; files and pipes use UTF-8.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            own = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=own, errors="backslashreplace")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")


def harmless(text: str, breaks: str = "") -> str:
    r"""Return the text with control characters escaped, such as U+202E as `\u202e`; characters in `breaks` stay."""
    return "".join(_escaped(char) if _is_obeyed(char) and char not in breaks else char for char in text)


def line(text: str) -> str:
    """Return a text on one line, with control characters escaped."""
    return harmless(" ".join(text.split()))


def paragraphs(text: str) -> str:
    """Return a text with control characters escaped, and its line breaks kept."""
    return harmless(text.expandtabs(4), breaks="\n")


def print_json(value: object) -> None:
    """Print one line of JSON, with control characters as JSON escapes."""
    text = json.dumps(value, ensure_ascii=False)
    if any(map(_is_obeyed, text)):
        text = "".join(json.dumps(char)[1:-1] if _is_obeyed(char) else char for char in text)
    print(text, flush=True)


def print_exactly(text: str) -> None:
    """Write a text to stdout, character for character; on a terminal, control characters are escaped."""
    if sys.stdout.isatty():
        print(paragraphs(text), flush=True)
        return
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(newline="\n")
    sys.stdout.write(text)
    sys.stdout.flush()


class Harmless(logging.Formatter):
    """Formats a log record on one line, with control characters escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line."""
        return harmless(super().format(record), breaks="\n" if record.exc_info else "")


class JsonLines(logging.Formatter):
    """Formats a log record as one line of JSON, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": moment, "level": record.levelname.lower(), "where": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class Once:
    """Writes only the last version of a growing text, for files and pipes."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._text = out, ""

    def show(self, text: str) -> None:
        """Keep the text."""
        self._text = text

    def end(self) -> None:
        """Write the last text."""
        self._out.write(self._text)


class InPlace:
    """Shows a growing text on a terminal of a given size; if earlier text changes, only those lines are rewritten.

    For example, if "Two weeks. [3]" becomes "Two weeks. [1]", the line is cleared and written again.
    """

    def __init__(self, out: TextIO, columns: int, rows: int) -> None:
        self._out, self._columns, self._rows, self._shown = out, columns, rows, ""

    def show(self, text: str) -> None:
        """Write the new text, after clearing the terminal from the first line that differs."""
        if not text.startswith(self._shown):
            same = len(os.path.commonprefix([self._shown, text]))
            kept = self._shown[: self._shown.rfind("\n", 0, same) + 1]
            up = sum(_rows(line, self._columns) for line in self._shown[len(kept) :].split("\n")) - 1
            # Lines that have scrolled away cannot be cleared and stay above.
            self._out.write("\r" + (f"\x1b[{min(up, self._rows - 1)}A" if up else "") + "\x1b[J")
            self._shown = kept
        self._out.write(text[len(self._shown) :])
        self._out.flush()
        self._shown = text

    def end(self) -> None:
        """Leave the text as it stands."""


@contextmanager
def growing() -> Iterator[Once | InPlace]:
    """Give an object that shows a growing text on stdout: in place on a capable terminal, else once at the end."""
    display: Once | InPlace = Once(sys.stdout)
    if sys.stdout.isatty() and machine.obeys_escapes():
        size = os.get_terminal_size(sys.stdout.fileno())
        display = InPlace(sys.stdout, size.columns or 80, size.lines or 24)
    yield display
    display.end()


def _rows(line: str, columns: int) -> int:
    """Return the number of terminal rows of a line; a Hangul syllable takes two columns."""
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
def bars(units: Mapping[str, str]) -> Iterator[Callable[[str, int, int], None]]:
    """Give a function of (label, done, total) that shows one progress bar after the other, each in its unit."""
    with ExitStack() as shown:
        last: dict[str, Any] = {}

        def advance(label: str, done: int, total: int) -> None:
            if label not in last:
                shown.close()
                last.clear()
                last[label] = shown.enter_context(bar(label, units[label]))
            last[label](done, total)

        yield advance


@contextmanager
def bar(label: str, unit: str) -> Iterator[Any]:
    """Give a function of (done, total) that shows a progress bar on stderr; the bar appears at its first call."""
    from tqdm import tqdm

    shown: tqdm[Any] | None = None

    def advance(done: int, total: int) -> None:
        nonlocal shown
        if shown is None:
            shown = tqdm(total=total, desc=label, unit=unit, unit_scale=unit == "B", file=sys.stderr)
        shown.total = total
        shown.update(done - shown.n)

    try:
        yield advance
    finally:
        if shown is not None:
            shown.close()
