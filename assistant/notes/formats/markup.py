"""Walks HTML and writes it as blocks: headings, paragraphs, items with their numbers, rows, code.

In: elements of a page, a book, a mail or a Word file turned into HTML. Out: blocks in a `Writer`. Which part of a page
is its text, others decide.
"""

import re
from collections.abc import Collection
from itertools import zip_longest
from typing import Any

from assistant.notes.formats.extracted import Writer
from assistant.notes.formats.seen import BLOCKS, BREAK, HEADINGS, name, seen, words_of
from assistant.notes.formats.web_table import rows

_GAP = re.compile(r"\v\s*\v")
_LONGEST_HEADING = 300
_LONGEST_TERM = 200


def write(root: Any, writer: Writer, dropped: Collection[Any] = ()) -> None:
    """Write what a reader sees of an element, without what is `dropped`."""
    scribe = _Scribe(writer)
    for what, found in seen(root, dropped, whole=True):
        if writer.full:
            return
        if what == "text":
            scribe.words.append(found)
        elif what == "whole":
            scribe.whole(found)
        elif (tag := name(found)) in BLOCKS:
            (scribe.open if what == "open" else scribe.close)(found, tag)
    scribe.end()
    scribe.end_term()


class _Scribe:
    """Gathers words until a block ends, and knows the lists, the heading and the term around them."""

    def __init__(self, writer: Writer) -> None:
        self.words: list[str] = []
        self._writer = writer
        self._level = 0
        self._numbers: list[int | None] = []
        self._marks: list[str] = []
        self._term = ""

    def open(self, element: Any, tag: str) -> None:
        if self._level and tag in ("div", "p"):  # inside a heading
            self.words.append(" ")
            return
        self.end()
        self._level = HEADINGS.index(tag) + 1 if tag in HEADINGS else 0
        if tag in ("ul", "ol", "menu", "dl", "table"):
            self.end_term()
        if tag in ("ul", "ol", "menu"):
            self._numbers.append(_number(element.get("start"), 1) if tag == "ol" else None)
        elif tag == "li":
            self._marks.append(self._mark(element))

    def close(self, element: Any, tag: str) -> None:
        if self._level and tag in ("div", "p"):
            self.words.append(" ")
        elif tag == "dt":
            term = " ".join("".join(self.words).split())
            self.words.clear()
            self._term = ", ".join(filter(None, (self._term, term)))
            if len(self._term) > _LONGEST_TERM:
                self.end_term()
        else:
            self.end()
            if tag == "dl":
                self.end_term()
            elif tag in ("ul", "ol", "menu"):
                self._numbers.pop()
            elif tag == "li":
                self._marks.pop()

    def whole(self, element: Any) -> None:
        """Write a table or code."""
        self.end()
        self.end_term()
        if name(element) == "pre":
            self._writer.code(_code(element))
        else:
            _table(element, self._writer)

    def end(self) -> None:
        """Write the words gathered as a block."""
        words = "".join(self.words)
        self.words.clear()
        if not words.strip():
            return
        level, self._level = self._level, 0
        if level and len(words) <= _LONGEST_HEADING:
            self.end_term()
            self._writer.heading(level, words)
            return
        for paragraph in _GAP.split(words):
            self._paragraph(paragraph)

    def end_term(self) -> None:
        """Write a term that nothing explains."""
        if self._term:
            self._writer.paragraph(self._term)
            self._term = ""

    def _paragraph(self, words: str) -> None:
        if not words.strip():
            return
        if self._term:
            words, self._term = f"{self._term}: {words}", ""
        if self._marks and self._marks[-1]:
            self._writer.item(words, max(len(self._numbers), 1), self._marks[-1])
            self._marks[-1] = ""
        else:
            self._writer.lines([(line, {}) for line in words.split(BREAK)])

    def _mark(self, element: Any) -> str:
        if label := element.get("data-label"):  # of a Word file's list
            return str(label)
        if not self._numbers or (number := self._numbers[-1]) is None:
            return "-"
        number = _number(element.get("value"), number)
        self._numbers[-1] = number + 1
        return f"{number}."


def _number(value: str | None, default: int) -> int:
    value = (value or "").strip()
    return int(value) if value.isdecimal() and len(value) < 10 else default


def _code(element: Any) -> str:
    pieces: list[str] = []
    for what, found in seen(element):
        if what == "text":
            pieces.append(found.replace(BREAK, "\n"))
        elif what == "close" and name(found) in BLOCKS and pieces and not pieces[-1].endswith("\n"):
            pieces.append("\n")
    return "".join(pieces)


def _table(table: Any, writer: Writer) -> None:
    for caption in table.iter("{*}caption"):
        writer.paragraph(words_of(caption))
    heads: list[list[str]] = []
    begun = False
    for row in rows(table, words_of):
        if writer.full:
            return
        if row.alone and not heads and not begun:
            writer.paragraph(row.cells[0])
        elif row.head and not row.alone and not begun:
            heads.append(row.cells)
        else:
            _head(heads, writer)
            heads, begun = [], True
            writer.row(row.cells[:1] if row.alone else row.cells)
    _head(heads, writer)


def _head(heads: list[list[str]], writer: Writer) -> None:
    """Write several rows of column names as one."""
    writer.row([" ".join(dict.fromkeys(filter(None, names))) for names in zip_longest(*heads, fillvalue="")], head=True)
