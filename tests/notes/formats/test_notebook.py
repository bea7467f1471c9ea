"""Jupyter notebooks → blocks of cells."""

import json
from typing import Any

import pytest

from assistant.errors import NoteError
from assistant.notes.formats.extracted import Extracted
from assistant.notes.formats.notebook import extract
from assistant.text.blocks import Kind, locator_of


def notebook(*cells: dict[str, Any], **metadata: Any) -> Extracted:
    return extract(json.dumps({"nbformat": 4, "metadata": metadata, "cells": cells}, ensure_ascii=False).encode())


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "outputs": [*outputs]}


def test_cells_are_counted_from_one_and_markdown_is_parsed() -> None:
    markdown = {"cell_type": "markdown", "source": ["# 녹차\n", "\n", "물은 **70도**이다."]}
    found = notebook(code(""), markdown, code("print(70)", {"output_type": "stream", "text": ["70\n"]}))
    assert found.text == "녹차\n\n물은 70도이다.\n\nprint(70)\n\n70"
    assert [block.kind for block in found.blocks] == [Kind.HEADING, Kind.PARAGRAPH, Kind.CODE, Kind.CODE]
    at = found.text.index("print")
    assert locator_of(found.places, at, at + 5) == {"cell": 3}
    assert locator_of(found.places, 0, 2) == {"cell": 2}


def test_outputs_are_text_alone_without_escapes_and_bounded() -> None:
    error = {
        "output_type": "error",
        "ename": "KeyError",
        "evalue": "'차'",
        "traceback": ["\x1b[31mlong\x1b[0m", "trace"],
    }
    plot = {"output_type": "display_data", "data": {"image/png": "iVBOR" * 99, "text/plain": ["<Figure>"]}}
    coloured = {"output_type": "stream", "text": "\x1b[1;32mgreen\x1b[0m " + "QUJD" * 100}
    found = notebook(code("x", plot, coloured, error))
    assert found.text == "x\n\n<Figure>\ngreen …\nKeyError: '차'"
    long = notebook(code("x", {"output_type": "stream", "text": "word " * 1000}))
    assert len(long.text) < 2_010 and long.text.endswith("…")


def test_the_title_is_the_metadatas_else_the_first_heading() -> None:
    heading = {"cell_type": "markdown", "source": "## 홍차"}
    found = notebook(code("x"), heading, title="Tea", authors=[{"name": "한지우"}])
    assert (found.fields["title"], found.fields["author"]) == ("Tea", "한지우")
    assert notebook(code("x"), heading).fields["title"] == "홍차"


def test_a_notebook_of_format_3_is_read() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Old tea"},
        {"cell_type": "code", "input": "1 + 1", "outputs": [{"output_type": "pyout", "text": ["2"]}]},
    ]
    found = extract(json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}]}).encode())
    assert found.text == "Old tea\n\n1 + 1\n\n2"
    assert found.blocks[0].level == 2


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[" * 100_000, b"[1]", b'{"a": 1}', b'{"cells": []}', b'{"cells": [1, null]}']
)
def test_bytes_that_are_no_notebook_are_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(NoteError) as error:
        extract(data)
    assert "\n" not in str(error.value)
