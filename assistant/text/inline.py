"""Finds the links, HTML tags, formulas and code inside a paragraph, with their offsets.

In: the content of a paragraph, heading or table cell as markdown-it gives it. Out: marks with offsets into that
content. markdown-it reports the order of inline elements but not their offsets, so its rules are wrapped: each wrapper
records where the rule matched.
"""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, html_inline, image, link
from markdown_it.rules_inline.backticks import backtick
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.dollarmath.index import math_inline_dollar
from mdit_py_plugins.footnote import footnote_plugin

_Rule = Callable[[StateInline, bool], bool]
_DEEPEST = 20
"""Brackets nested deeper than this are read as text."""
_LONGEST_LABEL = 1000
WIKILINK = re.compile(r"\[\[(?P<target>[^\[\]|\n]{1,500})(?:\|(?P<alias>[^\[\]\n]{1,500}))?\]\]")
"""Obsidian's and Logseq's link to another note: `[[folder/Note#Heading|words]]`."""
_FILE = re.compile(
    r"\S[^\n]{0,250}\.(?:avif|bmp|gif|heic|jpe?g|m4a|mov|mp[34]|ogg|pdf|png|svg|wav|webm|webp)", re.IGNORECASE
)
"""The name of a picture, a recording or a page image: what a program writes where nobody describes it."""
_SPECIAL = re.compile(r"[\[<`$]")
_BRACKETS = re.compile(r"\\.|[\[\]]", re.DOTALL)


class Mark(StrEnum):
    """What kind of inline element a mark is."""

    TARGET = "target"  # where a link or an image leads
    HTML = "html"
    WHOLE = "whole"  # code or a formula, which no sentence ends in


class Marked(NamedTuple):
    """A mark and its offsets in the parsed content."""

    mark: Mark
    start: int
    end: int


class _Reader(MarkdownIt):
    """markdown-it without its checks of link addresses: nothing is rendered, so none has to be safe to follow."""

    def validateLink(self, url: str) -> bool:
        return True

    def normalizeLink(self, url: str) -> str:
        return url


def reader() -> MarkdownIt:
    """Return a parser of blocks; `marks` reads the inline content of the paragraphs that it finds."""
    parser = _Reader("commonmark", {"maxNesting": 100, "inline_definitions": True})
    parser.use(dollarmath_plugin, allow_blank_lines=False).use(footnote_plugin, inline=False, move_to_end=False)
    money = math_inline_dollar(allow_space=False, allow_digits=False, allow_double=True)
    rules: Sequence[tuple[str, _Rule]] = (
        ("math_inline", _kept(money, Mark.WHOLE)),
        ("backticks", _kept(backtick, Mark.WHOLE)),
        ("html_inline", _kept(html_inline, Mark.HTML)),
        ("link", _link),
        ("image", _image),
    )
    for name, rule in rules:
        parser.inline.ruler.at(name, rule)
    parser.inline.ruler.before("link", "wikilink", _wikilink)
    parser.enable("table")
    unneeded = ["footnote_ref", "emphasis", "entity", "newline", "balance_pairs"]
    return parser.disable([*unneeded, "fragments_join", "inline", "text_join"])


def marks(parser: MarkdownIt, content: str, env: dict[str, Any]) -> list[Marked]:
    """Return the marks of a paragraph's content, ordered by their end; `parser` comes from `reader`."""
    if not _SPECIAL.search(content):
        return []
    env["noted"], env["content"], env["brackets"] = [], content, _brackets(content)
    parser.inline.parse(content, parser, env, [])
    collected: list[Marked] = env["noted"]
    return collected


def _brackets(content: str) -> dict[int, int]:
    """Return the offset of the closing bracket for each opening one, except those nested too deep; in one pass."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for match in _BRACKETS.finditer(content):
        if match[0] == "[":
            opened.append(match.start())
        elif match[0] == "]" and opened:
            start = opened.pop()
            if len(opened) < _DEEPEST:
                pairs[start] = match.start()
    return pairs


def _kept(rule: _Rule, mark: Mark) -> _Rule:
    def noting(state: StateInline, silent: bool) -> bool:
        start, before = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        # Backticks that open no code are text: the rule accepts them without adding a token.
        if not silent and len(state.tokens) > before:
            _note(state, mark, start, state.pos)
        return True

    return noting


def _note(state: StateInline, mark: Mark, start: int, end: int) -> None:
    if state.src is state.env["content"]:
        state.env["noted"].append(Marked(mark, start, end))


def _closed(state: StateInline, start: int) -> bool:
    """Tell whether the bracket at `start` may open a link.

    Without this check markdown-it searches for a missing closing bracket again and again, in quadratic time.
    """
    close = state.env["brackets"].get(start) if state.src is state.env["content"] else None
    if close is None:
        return False
    return state.src.startswith("(", close + 1) or ("references" in state.env and close - start < _LONGEST_LABEL)


def _link(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if state.src[start] != "[" or not _closed(state, start):
        return False
    label_ends = state.md.helpers.parseLinkLabel(state, start, True)
    if not link(state, silent):
        return False
    if not silent and label_ends + 1 < state.pos:
        _note(state, Mark.TARGET, label_ends + 1, state.pos)
    return True


def _image(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if not state.src.startswith("![", start) or not _closed(state, start + 1):
        return False
    label_ends = state.md.helpers.parseLinkLabel(state, start + 1, False)
    if not image(state, silent):
        return False
    if not silent:
        described = state.src[start + 2 : label_ends]
        named = not described or _FILE.fullmatch(described)
        _note(state, Mark.TARGET, start if named else label_ends + 1, state.pos)
    return True


def _wikilink(state: StateInline, silent: bool) -> bool:
    """Match `[[note|alias]]`; a reader sees only the alias, of an embedded `![[note]]` its link, of a file nothing."""
    start = state.pos
    if not state.src.startswith("[[", start) or not (match := WIKILINK.match(state.src, start)):
        return False
    if not silent:
        state.push("wikilink", "", 0)
        embeds = state.src[start - 1 : start] == "!"
        if embeds and _FILE.fullmatch(match["target"].partition("#")[0].strip()):
            _note(state, Mark.TARGET, start - 1, match.end())
        else:
            if embeds:
                _note(state, Mark.TARGET, start - 1, start)
            if match["alias"]:
                _note(state, Mark.TARGET, match.start("target"), match.start("alias"))
    state.pos = match.end()
    return True
