"""Jupyter notebooks: cells of Markdown and of code, with what the code printed.

In: bytes of JSON. Out: an `Extracted`; each cell has its number as a place. Images and other data are left out.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.errors import NoteError
from assistant.notes.encoding import decode
from assistant.notes.formats.extracted import Extracted, Writer
from assistant.notes.formats.of_markdown import feed
from assistant.text.blocks import Kind

_MOST_OUTPUT = 2_000
"""Characters at most of what a cell printed."""
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_DATA = re.compile(r"[A-Za-z0-9+/=]{200,}")


def extract(data: bytes) -> Extracted:
    """Return the cells of a notebook; raise NoteError if the bytes are none."""
    try:
        notebook = json.loads(decode(data).removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise NoteError(f"expected a notebook in JSON, found {error}; open it in Jupyter and save it again") from error
    writer = Writer()
    for number, cell in enumerate(_cells(notebook), 1):
        with writer.at({"cell": number}):
            _write(writer, cell)
    found = writer.extracted(_fields(notebook))
    if not found.blocks:
        raise NoteError("expected cells with text, found an empty notebook; write into it, or remove it")
    heading = next((block.words for block in found.blocks if block.kind is Kind.HEADING), "")
    return replace(found, fields={"title": heading, **found.fields}) if heading else found


def _cells(notebook: Any) -> list[Mapping[str, Any]]:
    """Return the cells of today's format, or of format 3, which has them in worksheets."""
    sheets = [notebook, *_list(notebook, "worksheets")]
    if not any(isinstance(sheet, dict) and isinstance(sheet.get("cells"), list) for sheet in sheets):
        raise NoteError('expected a notebook with "cells", found other JSON; open it in Jupyter and save it again')
    return [cell for sheet in sheets for cell in _list(sheet, "cells") if isinstance(cell, dict)]


def _list(holder: Any, name: str) -> list[Any]:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, list) else []


def _fields(notebook: Any) -> dict[str, str]:
    metadata = notebook.get("metadata")
    if not isinstance(metadata, dict):
        return {}
    authors = [author.get("name", "") for author in _list(metadata, "authors") if isinstance(author, dict)]
    given = {"title": metadata.get("title"), "date": metadata.get("date"), "author": ", ".join(map(str, authors))}
    return {name: value for name, value in given.items() if isinstance(value, str)}


def _write(writer: Writer, cell: Mapping[str, Any]) -> None:
    kind, source = cell.get("cell_type"), _text(cell.get("source", cell.get("input")))
    if kind == "markdown":
        feed(writer, source)
    elif kind == "heading":
        level = cell.get("level")
        writer.heading(level if isinstance(level, int) else 1, source)
    elif kind == "code":
        writer.code(source)
        writer.code(_bounded(_printed(_list(cell, "outputs"))))
    else:
        writer.paragraph(source)


def _printed(outputs: Sequence[Any]) -> Iterator[str]:
    for output in outputs:
        if not isinstance(output, dict):
            continue
        bundle = output.get("data")
        if output.get("output_type") in ("error", "pyerr"):
            trace = _list(output, "traceback")
            last = f"{output.get('ename', '')}: {output.get('evalue', '')}"
            yield last if last != ": " else _text(trace[-1:]).strip().split("\n")[-1]
        elif isinstance(bundle, dict):
            yield _text(bundle.get("text/plain"))
        else:
            yield _text(output.get("text"))


def _bounded(pieces: Iterator[str]) -> str:
    text = _DATA.sub("…", _ESCAPE.sub("", "\n".join(piece.rstrip() for piece in pieces if piece)))
    return text if len(text) <= _MOST_OUTPUT else f"{text[:_MOST_OUTPUT].rstrip()}\n…"


def _text(value: Any) -> str:
    """Return what a notebook gives as one text or as its lines."""
    return "".join(map(str, value)) if isinstance(value, list) else value if isinstance(value, str) else ""
