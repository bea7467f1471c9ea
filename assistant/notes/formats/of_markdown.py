"""Reads Markdown that stands inside another format, such as a notebook's cells.

In: Markdown. Out: its blocks in a Writer, in plain words: marks such as `**`, links' targets and escapes are gone.
"""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from assistant.notes.formats.extracted import Writer
from assistant.text.blocks import Block, Kind, Span, clipped
from assistant.text.markdown import parse

_INLINE = MarkdownIt("commonmark", {"maxNesting": 50}).use(dollarmath_plugin, allow_space=False, allow_digits=False)
_LONGEST, _MOST_BRACKETS = 10_000, 200
"""Of a block whose marks are read; markdown-it takes quadratic time over unclosed brackets."""
_MARK = re.compile(r"(?P<mark>[-+*]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?")
_QUOTED = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_HASHES = re.compile(r"^\s*#{1,6}\s+|(?<=\s)#+\s*$")
_UNDERLINE = re.compile(r"\n[ \t]*(?:=+|-+)\s*$")
_FENCE = re.compile(r"(`{3,}|~{3,})[^\n]*\n?(?P<code>.*?)(?:\n?[ \t]*\1[`~]*)?", re.DOTALL)
_FILE = re.compile(r"\S+\.\w{3,4}")
"""What a program writes for a picture's description when nobody does."""
_BETWEEN_CELLS = re.compile(r"(?<!\\)\|")


def feed(writer: Writer, source: str) -> None:
    """Write the blocks of a Markdown text."""
    source = source.replace("\r\n", "\n")
    parsed = parse(source)
    for block in parsed.blocks:
        _feed(writer, block, _shown(source[block.start : block.end], clipped(parsed.hidden, block.start, block.end)))


def _shown(text: str, hidden: Sequence[Span]) -> str:
    """Return the text without what no reader sees; "(.)" stands for a link's target, so that it stays a link."""
    pieces, at = [], 0
    for start, end in hidden:
        target = text[max(start - 1, 0) : start + 1] in ("](", "][")
        pieces += [text[at:start], "(.)" if target else ""]
        at = end
    return "".join([*pieces, text[at:]])


def _feed(writer: Writer, block: Block, shown: str) -> None:
    if block.kind is Kind.HEADING:
        writer.heading(block.level, _plain(_UNDERLINE.sub("", _HASHES.sub("", shown))))
    elif block.kind is Kind.ITEM:
        mark = _MARK.match(shown := _QUOTED.sub("", shown))
        writer.item(_plain(shown[mark.end() if mark else 0 :]), block.level, mark["mark"] if mark else "-")
    elif block.kind in (Kind.HEAD, Kind.ROW):
        cells = _BETWEEN_CELLS.split(_QUOTED.sub("", shown).strip().removeprefix("|"))
        writer.row(
            [_plain(cell.replace("\\|", "|")) for cell in cells[: -1 if not cells[-1].strip() else None]],
            block.kind is Kind.HEAD,
        )
    elif block.kind is Kind.CODE:
        fenced = _FENCE.fullmatch(shown)
        writer.code(fenced["code"] if fenced else shown)
    elif block.kind is Kind.MATH:
        writer.paragraph(shown)
    else:
        writer.paragraph(_plain(_QUOTED.sub("", shown)))


def _plain(words: str) -> str:
    if len(words) > _LONGEST or words.count("[") > _MOST_BRACKETS:
        return words
    return "".join(_words(_INLINE.parseInline(words)[0].children or []))


def _words(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type.startswith("math"):
            yield f"${token.content}$"
        elif token.type in ("softbreak", "hardbreak"):
            yield " "
        elif token.type == "image":
            yield "" if _FILE.fullmatch(token.content) else token.content
        elif token.type in ("text", "code_inline", "text_special"):
            yield token.content
