"""Hangul documents of all times: HWP 5 and 3 by unhwp, HWPX and HWPML by their XML.

In: bytes. Out: an `Extracted`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import unhwp

from assistant.errors import NoteError
from assistant.notes.formats import grid, owpml
from assistant.notes.formats.extracted import Extracted, Writer
from assistant.notes.formats.properties import telling

_BINARY = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"HWP Document File")
_LONGEST_HEADING = 120
_Node = Mapping[str, Any]


def extract(data: bytes) -> Extracted:
    """Return what a Hangul document says; raise NoteError if it is none, broken, encrypted or empty."""
    if data.startswith(b"PK"):
        return owpml.of_archive(data)
    if data.startswith(_BINARY):
        return _of_binary(data)
    if b"<HWPML" in data[:2000] or "<HWPML".encode("utf-16-le") in data[:2000]:
        return owpml.of_xml(data)
    raise NoteError("expected a Hangul document, found other bytes; open it in Hangul and save it as .hwpx")


def _of_binary(data: bytes) -> Extracted:
    try:
        with unhwp.parse_bytes(data) as result:
            read = json.loads(result.json)
    except unhwp.UnhwpError as error:
        if error.kind in (unhwp.ErrorKind.ENCRYPTED, unhwp.ErrorKind.DISTRIBUTION_RESTRICTED):
            raise NoteError("it is encrypted; save it without a password") from error
        reason = (str(error).splitlines() or [""])[0][:200]
        raise NoteError(f"expected a Hangul document, found a damaged one ({reason}); save it as .hwpx") from error
    writer = Writer()
    for section in read["sections"]:
        for block in section["content"]:
            for kind, node in block.items():
                _write(writer, kind, node)
    said = read["metadata"]
    date = said.get("modified") or said.get("created") or ""
    given = {"title": telling(said.get("title") or ""), "author": said.get("author") or "", "date": date[:10]}
    found = writer.extracted(given)
    if not found.blocks:
        raise NoteError("expected text, found none; its pictures are not read, so write down what they show")
    return found


def _write(writer: Writer, kind: str, node: _Node) -> None:
    if kind == "Table":
        _table(writer, node["rows"])
    elif kind == "Paragraph":
        words, style = "".join(_words(node)), node["style"]
        head = style.get("head") or {}
        level = head["level"] + 1 if head.get("kind") == "Outline" else style["heading_level"]
        if level and len(words) <= _LONGEST_HEADING:
            writer.heading(level, words)
        elif head.get("kind") in ("Number", "Bullet"):
            writer.item(words, head["level"] + 1)
        else:
            writer.paragraph(words)


def _table(writer: Writer, rows: Sequence[_Node]) -> None:
    if [len(row["cells"]) for row in rows] == [1]:  # a frame around text
        for paragraph in rows[0]["cells"][0]["content"]:
            _write(writer, "Paragraph", paragraph)
        for table in rows[0]["cells"][0].get("nested_tables") or ():
            _table(writer, table["rows"])
        return
    grid.write(
        writer,
        [
            [grid.Cell(" ".join(_inside(cell)), cell["colspan"], cell["rowspan"]) for cell in row["cells"]]
            for row in rows
        ],
    )


def _inside(cell: _Node) -> Iterator[str]:
    """Yield the words of a cell, also those of tables in it."""
    for paragraph in cell["content"]:
        yield "".join(_words(paragraph))
    for table in cell.get("nested_tables") or ():
        for row in table["rows"]:
            for inner in row["cells"]:
                yield from _inside(inner)


def _words(paragraph: _Node) -> Iterator[str]:
    for piece in paragraph["content"]:
        for kind, node in piece.items() if isinstance(piece, dict) else [(piece, {})]:
            if kind in ("Text", "Link"):
                yield node["text"]
            elif kind == "LineBreak":
                yield " "
            elif kind == "Equation":
                yield f" {node['script']} "
            elif kind == "Footnote":
                yield f" ({node}) " if isinstance(node, str) else ""
