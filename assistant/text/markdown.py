"""Parses Markdown once: its blocks, the hidden spans, and the spans that no sentence may be cut in.

In: a note's text and the offset where its body begins. Out: a `Markdown` with offsets into that text. markdown-it-py
parses CommonMark with tables, footnotes and formulas, and what Obsidian and Logseq add.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from markdown_it.token import Token

from assistant.text import inline
from assistant.text.blocks import Block, Kind, Span, clipped, merged, without
from assistant.text.embedded import data
from assistant.text.html import Markup, Scan, in_blocks, tag
from assistant.text.invisible import unprinted
from assistant.text.obsidian import unseen
from assistant.text.places import of_cell, of_lines

_READER = inline.reader()
_SETEXT_AT_MOST = 120
"""Characters: a longer text above `---` is a paragraph followed by a rule, not a heading."""
_MARKS_ALONE = re.compile(r"[\s>|:=*_+~-]*+(?:\d{1,9}[.)])?[\s>|:=*_+~-]*+")
_FORMULA = re.compile(r"\s*(?:\\begin\{(?P<name>[A-Za-z*]+)\}.*\\end\{(?P=name)\}|\\\[.*\\\])\s*", re.DOTALL)


@dataclass(frozen=True)
class Markdown:
    """A parsed note: its blocks in order, without overlaps, and two lists of spans.

    `hidden` is what no reader sees. `whole` is code and formulas, inside which no sentence ends.
    """

    blocks: tuple[Block, ...]
    hidden: tuple[Span, ...]
    whole: tuple[Span, ...]


def parse(text: str, start: int = 0) -> Markdown:
    """Parse the text from `start` on, in linear time."""
    return _Parse(text, start).result()


def hidden(text: str) -> tuple[Span, ...]:
    """Return the spans of a Markdown text that no reader sees."""
    return parse(text).hidden


@dataclass
class _Leaf:
    """A block of whole lines that contains no other block; `scope` is the end of the list item or quotation around it.

    `tight` marks the text of a list item that is not a paragraph of its own.
    """

    kind: Kind
    first: int
    last: int
    scope: int
    level: int = 0
    html: bool = False
    tight: bool = False
    contents: list[str] = field(default_factory=list)


class _Parse:
    def __init__(self, text: str, start: int) -> None:
        # Only "\n" ends a line, as in markdown-it; the replacements keep the length, so that offsets stay right.
        self._text = text.replace("\r", " ").replace("\0", " ")
        self._lines = [start]
        while (end := self._text.find("\n", self._lines[-1])) >= 0:
            self._lines.append(end + 1)
        self._env: dict[str, Any] = {}
        tokens = _READER.parse(self._text[start:], self._env)
        self._covered = bytearray(len(self._lines) + 1)
        self._hidden: list[Span] = [*unprinted(text), *data(text)]
        self._whole: list[Span] = []
        self._markup: list[Markup] = []
        self._leaves = sorted([*self._read(tokens)], key=lambda leaf: leaf.first)

    def result(self) -> Markdown:
        leaves = sorted([*self._leaves, *self._left_over()], key=lambda leaf: leaf.first)
        html = [(*self._span(leaf), leaf.scope) for leaf in leaves if leaf.html]
        for leaf in leaves:
            self._read_inline(leaf)
        markup = sorted([*self._markup, *in_blocks(self._text, html)], key=lambda item: item.start)
        self._hidden += Scan(self._text).run(markup)
        self._whole = list(merged(self._whole))
        blocks = [block for leaf in leaves if (block := self._block(leaf))]
        self._hidden += unseen(self._text, blocks, self._whole)
        hidden = merged(self._hidden)
        return Markdown(tuple(_with_words(self._text, block, hidden) for block in blocks), hidden, tuple(self._whole))

    def _line_end(self, line: int) -> int:
        """Return the offset where a line ends, before its line break."""
        return self._lines[line + 1] - 1 if line + 1 < len(self._lines) else len(self._text)

    def _span(self, leaf: _Leaf) -> Span:
        start, end = self._lines[leaf.first], self._line_end(leaf.last - 1)
        body = self._text[start:end]
        return start + len(body) - len(body.lstrip()), end - len(body) + len(body.rstrip())

    def _read(self, tokens: Sequence[Token]) -> Iterator[_Leaf]:
        """Yield the leaves of the tokens, in order."""
        around: list[tuple[str, int]] = []
        item, leaf = False, None
        for token in tokens:
            kind, place = token.type, token.map or [0, 0]
            if kind in ("list_item_open", "blockquote_open", "footnote_reference_open"):
                last = min(place[1], len(self._lines)) if token.map else len(self._lines)
                around.append((kind, self._line_end(last - 1) if last else 0))
                item = kind == "list_item_open"
            elif kind in ("list_item_close", "blockquote_close", "footnote_reference_close"):
                around.pop()
                item = False
            elif kind == "inline":
                if leaf:
                    leaf.contents.append(token.content)
            elif kind == "definition":
                self._cover(*place)
                self._hidden.append((self._lines[place[0]], self._line_end(place[1] - 1)))
            elif (block_kind := self._kind(token, bool(around), item)) and place[0] < place[1]:
                scope = around[-1][1] if around else len(self._text)
                depth = sum(name == "list_item_open" for name, _ in around)
                level = int(token.tag[1]) if block_kind is Kind.HEADING else depth
                leaf = _Leaf(block_kind, place[0], place[1], scope, level, kind == "html_block", token.hidden)
                item = False
                self._cover(*place)
                yield leaf

    def _kind(self, token: Token, inside: bool, item: bool) -> Kind | None:
        if token.type == "heading_open":
            first, last = token.map or (0, 2)
            below = token.markup in ("-", "=")
            long = below and self._line_end(last - 2) - self._lines[first] > _SETEXT_AT_MOST
            return Kind.ITEM if item else Kind.PARAGRAPH if inside or long else Kind.HEADING
        if token.type == "tr_open":
            return Kind.HEAD if self._begins_table(token) else Kind.ROW
        kinds = {"fence": Kind.CODE, "code_block": Kind.CODE, "math_block": Kind.MATH, "math_block_label": Kind.MATH}
        if token.type in ("paragraph_open", "html_block"):
            return Kind.ITEM if item else Kind.PARAGRAPH
        return kinds.get(token.type)

    def _begins_table(self, row: Token) -> bool:
        """Tell whether a row is a table's header: the line below it consists of dashes."""
        below = row.map[1] if row.map else 0
        if below >= len(self._lines):
            return False
        line = self._text[self._lines[below] : self._line_end(below)]
        return "-" in line and not line.strip(" \t>|:-")

    def _cover(self, first: int, last: int) -> None:
        self._covered[first:last] = b"\1" * (last - first)

    def _left_over(self) -> Iterator[_Leaf]:
        """Yield the lines that no token covers but a reader sees, such as text nested too deep for markdown-it."""
        first = -1
        for line in range(len(self._lines) + 1):
            text = self._text[self._lines[line] : self._line_end(line)] if line < len(self._lines) else ""
            if not self._covered[line] and text and not _MARKS_ALONE.fullmatch(text):
                first = line if first < 0 else first
            elif first >= 0:
                yield _Leaf(Kind.PARAGRAPH, first, line, len(self._text))
                first = -1

    def _block(self, leaf: _Leaf) -> Block | None:
        start, end = self._span(leaf)
        if start >= end:
            return None
        kind = leaf.kind
        if kind is Kind.PARAGRAPH and _FORMULA.fullmatch(self._text, start, end):
            kind = Kind.MATH
        if kind is Kind.MATH:
            self._whole.append((start, end))
        return Block(kind, start, end, leaf.level)

    def _read_inline(self, leaf: _Leaf) -> None:
        """Record the hidden and whole spans and the HTML inside a leaf, as offsets into the note's text."""
        cells = leaf.kind in (Kind.HEAD, Kind.ROW)
        at = self._lines[leaf.first]
        for content in leaf.contents:
            if cells:
                place = of_cell(self._text, at, self._line_end(leaf.first), content)
            else:
                marked = leaf.kind is Kind.HEADING or leaf.level > 0
                place = of_lines(self._text, self._lines[leaf.first : leaf.last + 1], content, marked)
            if place is None:
                continue
            for mark, start, end in inline.marks(_READER, content, self._env):
                first, last = place(start), place(end - 1) + 1
                if mark is inline.Mark.TARGET:
                    self._hidden.append((first, last))
                elif mark is inline.Mark.WHOLE:
                    self._whole.append((first, last))
                else:
                    element = tag(content, start, 0) or Markup(start, end, 0)
                    if content.startswith(("<?", "<![", "<!D", "<!d"), start):  # a browser ends these at any ">"
                        last = place(content.index(">", start)) + 1
                    self._markup.append(self._moved(element, (first, last), leaf, place(len(content) - 1) + 1))
            at = place(len(content) - 1) + 1 if content else at

    def _moved(self, markup: Markup, span: Span, leaf: _Leaf, end: int) -> Markup:
        """Return a paragraph's tag with offsets into the note's text, and with the bounds of the element it opens."""
        whole = leaf.kind in (Kind.PARAGRAPH, Kind.ITEM)  # elements opened in a heading or a cell end with it
        start, _ = self._span(leaf)
        paragraph = start, leaf.scope + 1 if leaf.tight else end if whole else end + 1
        scope = leaf.scope if whole else end
        return replace(markup, start=span[0], end=span[1], scope=scope, paragraph=paragraph, block=end)


def _with_words(text: str, block: Block, hidden: Sequence[Span]) -> Block:
    """Fill in the `words` of a heading; return any other block unchanged."""
    if block.kind is not Kind.HEADING:
        return block
    visible = without(text[block.start : block.end], clipped(hidden, block.start, block.end))
    lines = visible.strip().split("\n")
    if len(lines) > 1 and not lines[-1].strip(" \t=-"):
        words = " ".join(lines[:-1])
    else:
        words = re.sub(r"^\s*#{1,6}(?:\s+|$)", "", visible).rstrip()
        words = words[: -len(marks[0])] if (marks := re.search(r"(?:(?<=\s)|^)#+$", words)) else words
    return Block(block.kind, block.start, block.end, block.level, " ".join(words.split()))
