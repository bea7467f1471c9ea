"""OpenDocument texts: headings, paragraphs, lists, tables and notes.

In: bytes. Out: an `Extracted`. Comments, deleted text and tables of contents are left out.
"""

from collections.abc import Iterator
from typing import Any

from assistant.errors import NoteError
from assistant.notes.formats import archive, grid
from assistant.notes.formats.extracted import Extracted, Writer
from assistant.notes.formats.properties import telling
from assistant.notes.formats.xml import local, of_part, refuse_encrypted

_MOST_SPACES = 100
_WIDEST = 200
"""Columns at most that a repeated cell stands for; editors repeat the empty cells at a row's end to the sheet's."""
_LEFT_OUT = frozenset(
    (
        "annotation",
        "tracked-changes",
        "table-of-content",
        "forms",
        "ruby-text",
        "note-citation",
        "title",
        "desc",
        "shapes",
    )
)
_BLOCKS = frozenset(("frame", "text-box", "custom-shape", "g", "note", "table"))
"""What stands in a paragraph, but is no part of its sentences."""


def extract(data: bytes) -> Extracted:
    """Return what an OpenDocument text says; raise NoteError if it is broken, encrypted or empty."""
    with archive.opened(data) as parts:
        names = parts.namelist()
        refuse_encrypted(parts)
        content = of_part(parts, "content.xml")
        fields = _fields(of_part(parts, "meta.xml")) if "meta.xml" in names else {}
    reading = _Reading(content)
    for body in content.iter("{*}text"):
        reading.blocks(body)
        break
    found = reading.writer.extracted(fields)
    if not found.blocks:
        raise NoteError("expected text, found none; its pictures are not read, so write down what they show")
    return found


def _fields(meta: Any) -> dict[str, str]:
    said: dict[str, str] = {}
    for element in meta.iter("{*}title", "{*}creator", "{*}initial-creator", "{*}date", "{*}creation-date"):
        said.setdefault(local(element), element.text or "")
    return {
        "title": telling(said.get("title", "")),
        "author": said.get("initial-creator") or said.get("creator", ""),
        "date": (said.get("date") or said.get("creation-date", ""))[:10],
    }


class _Reading:
    """Writes blocks in reading order."""

    def __init__(self, content: Any) -> None:
        self.writer = Writer()
        styles = ((_get(style, "name"), _get(style, "parent-style-name")) for style in content.iter("{*}style"))
        self._titles = {"Title", *(name for name, parent in styles if parent == "Title")}

    def blocks(self, parent: Any, depth: int = 0) -> None:
        """Write the blocks in an element; `depth` counts the lists around it."""
        waiting = depth > 0  # for the first paragraph of an item
        for child in _elements(parent):
            name = local(child)
            if name in ("p", "h"):
                self._paragraph(child, depth if waiting else 0)
                waiting = False
            elif name == "list":
                for item in _elements(child):
                    self.blocks(item, depth + 1)
            elif name == "table":
                self._table(child)
            else:
                self.blocks(child)

    def _paragraph(self, element: Any, depth: int) -> None:
        apart: list[Any] = []
        words = "".join(_words(element, apart))
        level = _get(element, "outline-level")
        if local(element) == "h":
            self.writer.heading(int(level) if level.isdecimal() else 1, words)
        elif _get(element, "style-name") in self._titles:
            self.writer.heading(1, words)
        elif depth:
            self.writer.item(words, depth)
        else:
            self.writer.paragraph(words)
        for thing in apart:
            if local(thing) == "table":
                self._table(thing)
            else:
                self.blocks(thing)

    def _table(self, table: Any) -> None:
        rows = [[*_cells(row)] for row in _rows(table)]
        if [len(row) for row in rows] == [1]:  # a frame around text
            self.blocks(rows[0][0])
            return
        grid.write(self.writer, [[cell for element in row for cell in _repeated(element)] for row in rows])


def _rows(table: Any) -> Iterator[Any]:
    for child in _elements(table):
        name = local(child)
        if name == "table-row":
            yield child
        elif name in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _rows(child)


def _cells(row: Any) -> Iterator[Any]:
    return (child for child in _elements(row) if local(child) == "table-cell")


def _repeated(cell: Any) -> list[grid.Cell]:
    repeated = _get(cell, "number-columns-repeated")
    words = " ".join(_inside(cell))
    made = grid.Cell(words, _get(cell, "number-columns-spanned") or 1, _get(cell, "number-rows-spanned") or 1)
    return [made] * min(int(repeated) if repeated.isdecimal() else 1, _WIDEST)


def _inside(parent: Any) -> Iterator[str]:
    """Yield the words of all paragraphs in a cell, also those of lists and tables in it."""
    for child in _elements(parent):
        if local(child) in ("p", "h"):
            apart: list[Any] = []
            yield "".join(_words(child, apart))
            for thing in apart:
                yield from _inside(thing)
        else:
            yield from _inside(child)


def _words(element: Any, apart: list[Any]) -> Iterator[str]:
    """Yield the words of a paragraph, and collect the notes and boxes that stand in it."""
    yield element.text or ""
    for child in element:
        name = local(child)
        if name == "s":
            count = _get(child, "c")
            yield " " * min(int(count) if count.isdecimal() else 1, _MOST_SPACES)
        elif name in ("tab", "line-break"):
            yield " "
        elif name in _BLOCKS:
            apart.append(child)
        elif name and name not in _LEFT_OUT:
            yield from _words(child, apart)
        yield child.tail or ""


def _elements(parent: Any) -> Iterator[Any]:
    return (child for child in parent.iterchildren("{*}*") if local(child) not in _LEFT_OUT)


def _get(element: Any, name: str) -> str:
    """Return an attribute by its name without its namespace; empty if there is none."""
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")
