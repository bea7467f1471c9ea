"""Markdown inside other formats → blocks in plain words."""

import pytest

from assistant.notes.formats.extracted import Writer
from assistant.notes.formats.of_markdown import feed
from assistant.text.blocks import Kind


def fed(source: str) -> list[tuple[Kind, int, str]]:
    writer = Writer()
    feed(writer, source)
    found = writer.extracted()
    return [(block.kind, block.level, found.text[block.start : block.end]) for block in found.blocks]


@pytest.mark.parametrize(
    ("source", "kind", "level", "words"),
    [
        ("## 녹차 **우리기** ##", Kind.HEADING, 2, "녹차 우리기"),
        ("Green tea\n=====", Kind.HEADING, 1, "Green tea"),
        ("see [the *guide*](https://x.example/a) and `a*b*c`", Kind.PARAGRAPH, 0, "see the guide and a*b*c"),
        ("물은 $a*b*c$ \\* &amp; <b>뜨겁다</b>", Kind.PARAGRAPH, 0, "물은 $a*b*c$ * & 뜨겁다"),
        ("![a chart of sales](data:image/png;base64,AAAA)", Kind.PARAGRAPH, 0, "a chart of sales"),
        ("seen <!-- hidden --> too", Kind.PARAGRAPH, 0, "seen too"),
        ("> quoted\n> twice", Kind.PARAGRAPH, 0, "quoted twice"),
        ("3. [ ] boil\n   water", Kind.ITEM, 1, "3. boil water"),
        ("```python\nx = 1\n\ny = 2\n```", Kind.CODE, 0, "x = 1\n\ny = 2"),
        ("$$\nE=mc^2\n$$", Kind.PARAGRAPH, 0, "$$ E=mc^2 $$"),
    ],
)
def test_a_block_is_fed_without_its_marks(source: str, kind: Kind, level: int, words: str) -> None:
    assert fed(source) == [(kind, level, words)]


def test_tables_keep_their_header_and_lists_their_depth() -> None:
    assert fed("| a | b |\n|---|---|\n| `1` | **2** |\n\n- one\n  - two") == [
        (Kind.HEAD, 0, "| a | b |"),
        (Kind.ROW, 0, "| 1 | 2 |"),
        (Kind.ITEM, 1, "- one"),
        (Kind.ITEM, 2, "  - two"),
    ]


def test_a_picture_that_nobody_described_says_nothing() -> None:
    assert fed("![image.png](attachment:image.png)") == []
