"""Obsidian's canvases: the cards' text, from the upper left to the lower right, under the names of their groups.

In: bytes of JSON (JSON Canvas 1.0). Out: an `Extracted`. Arrows between cards say what stands on them.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from assistant.errors import NoteError
from assistant.notes.encoding import decode
from assistant.notes.formats.extracted import Extracted, Writer
from assistant.notes.formats.of_markdown import feed

Node = Mapping[str, Any]


def extract(data: bytes) -> Extracted:
    """Return the cards of a canvas; raise NoteError if the bytes are none."""
    try:
        canvas = json.loads(decode(data).removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise NoteError(f"expected a canvas in JSON, found {error}; open it in Obsidian and save it again") from error
    nodes = sorted(_held(canvas, "nodes"), key=lambda node: (_number(node, "y"), _number(node, "x")))
    writer = Writer()
    groups = [node for node in nodes if node.get("type") == "group"]
    for group in [None, *groups]:
        if group is not None:
            writer.heading(2, _text(group, "label"))
        for node in nodes:
            if node.get("type") != "group" and _inside(node, groups) is group:
                _write(writer, node)
    for edge in _held(canvas, "edges"):
        writer.paragraph(_text(edge, "label"))
    return writer.extracted()


def _held(canvas: Any, name: str) -> list[Node]:
    value = canvas.get(name) if isinstance(canvas, dict) else None
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _inside(node: Node, groups: list[Node]) -> Node | None:
    """Return the smallest group in which a card's upper left corner lies."""
    x, y = _number(node, "x"), _number(node, "y")
    around = (group for group in groups if all(_spans(group, x, y)))
    return min(around, key=lambda group: _number(group, "width") * _number(group, "height"), default=None)


def _spans(group: Node, x: float, y: float) -> Iterator[bool]:
    for at, place, size in ((x, "x", "width"), (y, "y", "height")):
        begin = _number(group, place)
        yield begin <= at < begin + _number(group, size)


def _write(writer: Writer, node: Node) -> None:
    if node.get("type") == "text":
        feed(writer, _text(node, "text"))
    else:  # a file or a web address
        writer.paragraph(f"{_text(node, 'file')} {_text(node, 'subpath')} {_text(node, 'url')}")


def _text(node: Node, name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""


def _number(node: Node, name: str) -> float:
    value = node.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
