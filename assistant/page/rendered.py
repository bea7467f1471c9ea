"""Renders the Markdown of an answer as HTML: paragraphs, lists, tables, code and emphasis, and nothing that leads away.

In: an answer's text, and the HTML of each of its marks. Out: HTML. Other links, images and HTML tags stay literal text,
so that nothing that a note or a model wrote can load, run or lead anywhere.
"""

import re
from collections.abc import Iterator, Mapping

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from assistant.text.invisible import plain

_HEADING = "h4"
"""All headings of an answer are of this level, below those of the page."""


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
    reader.disable(["link", "image", "autolink", "reference", "lheading", "code", "html_block", "html_inline"])
    return reader


_READER = _reader()


def rendered(text: str, marks: Mapping[str, Markup]) -> Markup:
    """Return the HTML of a text, with each of its marks, such as `[1]`, replaced by the HTML given for it."""
    marked = re.compile(f"({'|'.join(map(re.escape, sorted(marks, reverse=True)))})") if marks else None
    tokens = _READER.parse(plain(text))
    for token in tokens:
        token.info = ""  # a code block's language
        token.attrs = {name: value for name, value in token.attrs.items() if name == "start"}  # a list's first number
        if token.type in ("heading_open", "heading_close"):
            token.tag = _HEADING
        if token.children:
            token.children = [piece for child in token.children for piece in _pieces(child, marked, marks)]
    return Markup(_READER.renderer.render(tokens, _READER.options, {}))  # the renderer escapes all text


def _pieces(token: Token, marked: re.Pattern[str] | None, marks: Mapping[str, Markup]) -> Iterator[Token]:
    """Yield a token of a line, split at its marks."""
    if token.type != "text" or marked is None:
        yield token
        return
    for piece in marked.split(token.content):
        mark = marks.get(piece)
        kind, content = ("html_inline", str(mark)) if mark else ("text", piece)
        yield Token(kind, "", 0, content=content)
