"""A canvas is read card by card."""

import json
from typing import Any

import pytest

from assistant.errors import NoteError
from assistant.notes.formats.canvas import extract
from assistant.text.blocks import Kind


def card(x: int, y: int, text: str, **more: Any) -> dict[str, Any]:
    return {"id": text, "type": "text", "x": x, "y": y, "width": 10, "height": 10, "text": text, **more}


def canvas(*nodes: Any, edges: Any = ()) -> bytes:
    return json.dumps({"nodes": nodes, "edges": list(edges)}, ensure_ascii=False).encode()


def test_cards_are_read_in_their_order_under_their_groups() -> None:
    group = {"id": "g", "type": "group", "x": 100, "y": 0, "width": 200, "height": 300, "label": "물"}
    found = extract(
        canvas(
            group,
            card(120, 200, "- **70도**로 데운다"),
            card(110, 20, "# 찻물"),
            card(0, 50, "Second card."),
            card(0, 0, "First card."),
            {"id": "f", "type": "file", "x": 0, "y": 90, "file": "tea/green.md", "subpath": "#Water"},
            edges=[{"id": "e", "label": "leads to"}, {"id": "u"}],
        )
    )
    said = [(block.kind, found.text[block.start : block.end]) for block in found.blocks]
    assert said == [
        (Kind.PARAGRAPH, "First card."),
        (Kind.PARAGRAPH, "Second card."),
        (Kind.PARAGRAPH, "tea/green.md #Water"),
        (Kind.HEADING, "물"),
        (Kind.HEADING, "찻물"),
        (Kind.ITEM, "- 70도로 데운다"),
        (Kind.PARAGRAPH, "leads to"),
    ]


@pytest.mark.parametrize(
    "nodes", [[None, 3, "x"], [{}], [card(0, 0, "a") | {"x": "b", "y": None}], [{"type": "group"}], ["deep"]]
)
def test_odd_cards_do_no_harm(nodes: list[Any]) -> None:
    assert extract(canvas(*nodes)).text in ("", "a")


@pytest.mark.parametrize("data", [b"", b"{", b"[]" * 3, b"\0"])
def test_what_is_no_canvas_is_one_line(data: bytes) -> None:
    with pytest.raises(NoteError) as raised:
        extract(data)
    assert "\n" not in str(raised.value)


def test_a_card_belongs_to_the_smallest_group_around_it() -> None:
    group = {"type": "group", "x": 0, "y": 0}
    outer, inner = (
        group | {"width": 500, "height": 500, "label": "차"},
        group | {"width": 50, "height": 50, "label": "물"},
    )
    found = extract(canvas(outer, inner, card(10, 10, "70도"), card(100, 100, "녹차")))
    assert found.text == "차\n\n녹차\n\n물\n\n70도"
