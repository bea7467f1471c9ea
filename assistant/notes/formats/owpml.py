"""Hangul's documents in XML: HWPX, which is an archive of sections, and the older HWPML, which is one file.

In: bytes. Out: an `Extracted`. Both name the same things, HWPML in capitals: paragraphs of runs, which hold text and
whatever is anchored in it. Headers, footers and memos are left out.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from assistant.errors import NoteError
from assistant.notes.formats import archive, grid
from assistant.notes.formats.extracted import Extracted, Writer
from assistant.notes.formats.properties import telling
from assistant.notes.formats.xml import local, of_part, parsed, refuse_encrypted

_SECTION = re.compile(r"Contents/section(\d+)\.xml", re.IGNORECASE)
_STYLE = re.compile(r"(?:제목|개요|heading|outline|title)\s*(\d?)", re.IGNORECASE)
_LONGEST_HEADING = 120
"""Characters; longer paragraphs with a heading's style are numbered text."""
_SPACES = {"tab": " ", "linebreak": " ", "nbspace": " ", "fwspace": " ", "hyphen": "-"}
_BOXES = ("checkbtn", "radiobtn")
_LEFT_OUT = frozenset(
    ("fieldbegin", "hiddencomment", "header", "footer", "secpr", "secdef", "shapecomment", "linesegarray")
)


def of_archive(data: bytes) -> Extracted:
    """Return what a HWPX file says; raise NoteError if it is broken, encrypted or empty."""
    with archive.opened(data) as parts:
        names = parts.namelist()
        refuse_encrypted(parts)
        sections = sorted((int(match[1]), name) for name in names if (match := _SECTION.fullmatch(name)))
        if not sections:
            raise NoteError("expected Contents/section0.xml in it, found none; save it again in Hangul")
        reading = _Reading(_styles(parts, names))
        for _, name in sections:
            reading.paragraphs(of_part(parts, name))
        return _extracted(reading.writer, _fields(parts, names))


def of_xml(data: bytes) -> Extracted:
    """Return what a HWPML file says; raise NoteError if it is broken or empty."""
    root = parsed(data, "a HWPML document")
    if local(root).lower() != "hwpml":
        raise NoteError(f"expected a HWPML document, found <{local(root)[:50]}>; save it again in Hangul")
    named = {style.get("Id", ""): _level(style.get("Name", "")) for style in root.iter("STYLE")}
    reading = _Reading({name: ("heading", level) for name, level in named.items() if level})
    for section in root.iter("SECTION"):
        reading.paragraphs(section)
    title, author = ("".join(root.xpath(f"string(//DOCSUMMARY/{name})")) for name in ("TITLE", "AUTHOR"))
    return _extracted(reading.writer, {"title": telling(title), "author": author})


def _extracted(writer: Writer, fields: Mapping[str, str]) -> Extracted:
    found = writer.extracted(fields)
    if not found.blocks:
        raise NoteError("expected text, found none; its pictures are not read, so write down what they show")
    return found


def _fields(parts: zipfile.ZipFile, names: list[str]) -> dict[str, str]:
    if "Contents/content.hpf" not in names:
        return {}
    package = of_part(parts, "Contents/content.hpf")
    said = {element.get("name"): element.text or "" for element in package.iter("{*}meta")}
    title = next((element.text or "" for element in package.iter("{*}title")), "")
    date = said.get("ModifiedDate") or said.get("CreatedDate") or ""
    return {"title": telling(title), "author": said.get("creator", ""), "date": date[:10]}


_Role = tuple[str, int]
"""What a paragraph is, "heading" or "item", and its level from 1."""


def _styles(parts: zipfile.ZipFile, names: list[str]) -> dict[str, _Role]:
    """Return the roles of styles by their numbers, and those of paragraph properties by "p" and their numbers."""
    if "Contents/header.xml" not in names:
        return {}
    header = of_part(parts, "Contents/header.xml")
    roles: dict[str, _Role] = {}
    kinds = {"OUTLINE": "heading", "NUMBER": "item", "BULLET": "item"}
    for shape in header.iter("{*}paraPr"):
        for heading in shape.iter("{*}heading"):
            if kind := kinds.get(heading.get("type", "")):
                level = heading.get("level", "0")
                roles[f"p{shape.get('id')}"] = kind, int(level) + 1 if level.isdecimal() else 1
    for style in header.iter("{*}style"):
        if level := _level(style.get("name", "")) or _level(style.get("engName", "")):
            roles[style.get("id", "")] = "heading", level
    return roles


def _level(name: str) -> int:
    """Return the level of headings in a style, 0 if it is none: 1 for "제목", 2 for "개요 2" and "Heading 2"."""
    match = _STYLE.fullmatch(name.strip())
    return int(match[1] or 1) if match else 0


class _Reading:
    """Writes paragraphs with what is anchored in them."""

    def __init__(self, roles: Mapping[str, _Role]) -> None:
        self.writer = Writer()
        self._roles = roles
        self._deleted = False

    def paragraphs(self, parent: Any) -> None:
        """Write the paragraphs that are children of an element, or of lists in it."""
        for paragraph in _paragraphs(parent):
            if self.writer.full:
                return
            anchored: list[Any] = []
            self._deleted = False
            words = " ".join("".join(self._words(paragraph, anchored)).split())
            self._write(paragraph, words)
            for thing in anchored:
                self._anchored(thing)

    def _write(self, paragraph: Any, words: str) -> None:
        style = self._roles.get(paragraph.get("styleIDRef", paragraph.get("Style", "")))
        kind, level = style or self._roles.get(f"p{paragraph.get('paraPrIDRef')}") or ("", 0)
        if kind == "heading" and len(words) <= _LONGEST_HEADING:
            self.writer.heading(level, words)
        elif kind == "item":
            self.writer.item(words, level)
        else:
            self.writer.paragraph(words)

    def _words(self, element: Any, anchored: list[Any]) -> Iterator[str]:
        """Yield the words of a paragraph or of a part of it, and collect the tables, boxes and notes anchored in it."""
        for child in element.iterchildren("{*}*"):
            name = local(child).lower()
            if name in ("t", "char"):
                yield from self._text(child)
            elif name in ("run", "text", "ctrl"):
                yield from self._words(child, anchored)
            elif name == "equation":
                yield f" {_script(child)} "
            elif name in _BOXES:
                yield f" {'☑' if child.get('value') == 'CHECKED' else '☐'} {child.get('caption', '')} "
            elif name not in _LEFT_OUT:
                anchored.append(child)

    def _text(self, text: Any) -> Iterator[str]:
        yield "" if self._deleted else text.text or ""
        for child in text:
            name = local(child).lower()
            if name in ("deletebegin", "deleteend"):
                self._deleted = name == "deletebegin"
            # HWPML has spaces as entities, which are not resolved
            words = (" " if name == "" else _SPACES.get(name, "")) + (child.tail or "")
            yield "" if self._deleted else words

    def _anchored(self, thing: Any) -> None:
        """Write a table, or the texts in a box, a group of shapes, a note or a caption."""
        if local(thing).lower() in ("tbl", "table"):
            self._table(thing)
            return
        for child in thing.iterchildren("{*}*"):
            name = local(child).lower()
            if name in ("sublist", "paralist"):
                self.paragraphs(child)
            elif name == "equation":
                self.writer.paragraph(_script(child))
            elif name not in _LEFT_OUT:
                self._anchored(child)

    def _table(self, table: Any) -> None:
        for caption in _named(table, "caption"):
            self._anchored(caption)
        rows = [[*_named(row, "tc", "cell")] for row in _named(table, "tr", "row")]
        if [len(row) for row in rows] == [1]:  # a frame around text
            self.paragraphs(rows[0][0])
            return
        grid.write(self.writer, [[self._cell(cell) for cell in row] for row in rows])

    def _cell(self, cell: Any) -> grid.Cell:
        span = next(_named(cell, "cellspan"), cell)
        columns, rows = (span.get(f"{name}Span") or span.get(f"{name.title()}Span", "1") for name in ("col", "row"))
        return grid.Cell(" ".join(self._inside(cell)), columns, rows)

    def _inside(self, parent: Any) -> Iterator[str]:
        """Yield the words of all paragraphs in a cell, also those of tables in it."""
        for paragraph in _paragraphs(parent):
            anchored: list[Any] = []
            yield "".join(self._words(paragraph, anchored))
            for thing in anchored:
                yield from self._inside_of(thing)

    def _inside_of(self, thing: Any) -> Iterator[str]:
        for child in thing.iterchildren("{*}*"):
            name = local(child).lower()
            if name in ("sublist", "paralist"):
                yield from self._inside(child)
            elif name not in _LEFT_OUT:
                yield from self._inside_of(child)


def _paragraphs(parent: Any) -> Iterator[Any]:
    for child in parent.iterchildren("{*}*"):
        name = local(child).lower()
        if name == "p":
            yield child
        elif name in ("sublist", "paralist"):
            yield from _paragraphs(child)


def _named(parent: Any, *names: str) -> Iterator[Any]:
    return (child for child in parent.iterchildren("{*}*") if local(child).lower() in names)


def _script(equation: Any) -> str:
    return next((script.text or "" for script in _named(equation, "script")), "")
