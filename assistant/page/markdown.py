r"""Writes an exchange as Markdown for the clipboard or a file, with all markup in its texts escaped.

In: an exchange. Out: Markdown whose headings, quotes and paragraphs are ours. Markup in a question, an answer or a note
is escaped, so that every renderer shows it literally: `*` becomes `\*`, `<` becomes `&lt;`. Of an answer's own markup
lists, tables, headings and bold words stay.
"""

import re
from collections.abc import Container, Iterator

from assistant.answer import Answer
from assistant.page.exchanges import Exchange
from assistant.text.invisible import plain

_ENTITY = re.compile(r"&(?=#?\w{1,40};)")
_ACTIVE = re.compile(
    r"[\\`*_{}\[\]|~$^]"  # emphasis, code, links, images, attributes, tables, formulas, footnotes
    r"|(?<!\S)#"  # a heading, its end, a tag
    r"|=(?==)|%(?=%)"  # ==marked== and %%hidden%%
    r"|:(?=[^\s\d])|/(?=/)|\.(?=[^\W\d_])|@(?=\S)"  # https://…, //localhost, www.example.org, a@example.org
)
_MARGIN = re.compile(r"^\s*")
_OPENS_BLOCK = re.compile(r"^(\d*)([-+=:.)])")
"""The start of a line that would begin a list, underline a heading or draw a rule."""
_MARK = re.compile(r"(\[\d+\])")
_LAYOUT = re.compile(r"\s*(?:[-*+]\s+|\d{1,3}[.)]\s+|#{1,6}\s+|(?=\|))")
"""The start of an answer's line that makes it a list item, a heading or a table's row."""


def heading(title: str) -> str:
    """Return the title of a conversation as a heading above its questions."""
    return f"# {_literal(_one_line(title))}"


def markdown(exchange: Exchange) -> str:
    """Return the question, the answer with its marks, and its citations."""
    lines = [f"## {_literal(_one_line(exchange.question))}", ""]
    if exchange.answer is None:
        drafted = [_line(line, ()) for line in exchange.draft.splitlines()]
        return "\n".join([*lines, *drafted, _literal(_one_line(exchange.trouble)) or "…", ""])
    return "\n".join([*lines, *_written(exchange.answer), "", *_cited(exchange.answer)])


def words(exchange: Exchange) -> str:
    """Return the answer alone, without the marks of its citations, as plain text for another document."""
    if exchange.answer is None:
        return exchange.draft
    marks = "|".join(re.escape(f"[{cited.n}]") for cited in exchange.answer.citations)
    return re.sub(rf"[ \t]*(?:{marks})", "", exchange.answer.answer) if marks else exchange.answer.answer


def _written(answer: Answer) -> Iterator[str]:
    marks = {f"[{cited.n}]" for cited in answer.citations}
    return (_line(line, marks) for line in answer.answer.splitlines())


def _cited(answer: Answer) -> Iterator[str]:
    for cited in answer.citations:
        place = " > ".join(_literal(_one_line(part)) for part in (cited.title, cited.heading) if part)
        yield f"[{cited.n}] {place} ({_code(_one_line(cited.source))}:{cited.start}-{cited.end})"
        yield from (f"> {_literal(line)}".rstrip() for line in cited.quote.splitlines())
        yield ""


def _line(line: str, marks: Container[str]) -> str:
    """Return a line of an answer, escaped except for its marks and its layout."""
    layout = _LAYOUT.match(line)
    if not layout:
        return _with_marks(line, marks)
    cells = line[layout.end() :].split("|")
    return layout[0] + "|".join(_with_marks(cell, marks, starts=False) for cell in cells)


def _with_marks(line: str, marks: Container[str], starts: bool = True) -> str:
    """Return a line, escaped except for the answer's own marks, which are no links since nothing defines them."""
    pieces: list[str] = []
    for piece in _MARK.split(line):
        mine = piece in marks
        escaped = piece if mine else _literal(piece, starts and not pieces).replace(r"\*\*", "**")
        # "[1](…" and "[1]: …" would turn a mark into a link.
        behind_mark = bool(pieces) and pieces[-1] in marks
        pieces.append(f"\\{escaped}" if behind_mark and escaped[:1] in ("(", ":") and not mine else escaped)
        if not piece:
            pieces.pop()
    return "".join(pieces).rstrip()


def _literal(text: str, starts: bool = True) -> str:
    """Escape one line; `starts` says that it begins a line of the Markdown.

    An indent would turn it into code, so its spaces become no-break spaces.
    """
    text = plain(text)
    text = _ACTIVE.sub(r"\\\g<0>", _ENTITY.sub("&amp;", text)).replace("<", "&lt;")
    if not starts:
        return text
    margin = _MARGIN.match(text)
    assert margin
    text = _OPENS_BLOCK.sub(r"\1\\\2", text[margin.end() :])
    text = f"&gt;{text[1:]}" if text.startswith(">") else text
    return margin[0].replace("\t", "    ").replace(" ", "\u00a0") + text if text else ""


def _code(text: str) -> str:
    """Return a path as inline code; its fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    space = " " if "`" in text else ""
    fence = "`" * (longest + 1)
    return f"{fence}{space}{text}{space}{fence}"


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())
