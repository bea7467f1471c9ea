"""Shows a note as its reader knows it: headings, lists, tables, code and emphasis, with a span of it marked.

In: a note's text and its blocks, the span that is marked, and what its links open. Out: HTML. What no reader sees is
left out; pictures are named by their description; what the note says is text, never markup of the page: HTML in it is
not run, and only addresses of the web can be followed, by a click.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from assistant.page.formula import formula
from assistant.page.render import render
from assistant.text.blocks import Block, Kind, Span, clipped
from assistant.text.links import Link, links
from assistant.text.markdown import Markdown

Opens = Callable[[Link], str]
"""Gives the HTML of a link to another note; empty if it leads to none."""
# Signs of a script that nobody writes any more stand for the ends of the mark, and around the number of a piece that is
# finished already. They are punctuation, beside which Markdown's emphasis begins and ends as it does without them.
_OPEN, _CLOSE, _ATOM, _END = "\U00010a50", "\U00010a51", "\U00010a52", "\U00010a53"
_OWN = re.compile(f"[{_OPEN}-{_END}]")
_PIECES = re.compile(f"({_OPEN}|{_CLOSE}|{_ATOM}\\d+{_END})")
_STARS = "*_~"
_ITEM = re.compile(r"\s*(?:>\s*)*(?:(\d{1,9})[.)]|[-*+•])\s+(?:\[([ xX])\]\s+)?")
_QUOTED = re.compile(r"(?m)^[ \t]*>[ \t]?(?:>[ \t]?)*|^[ \t]+")
_HEADING = re.compile(r"^\s*#{1,6}(?:\s+|$)|(?:\s+#+)?\s*$|\n[=-]+\s*$")
_FENCE = re.compile(r"\A[ \t>]*(?:`{3,}|~{3,})[^\n]*(?:\n|\Z)|\n[ \t>]*(?:`{3,}|~{3,})\s*\Z")
_BAR = re.compile(r"(?<!\\)\|")
_EMBED = re.compile(r"!\[\[([^\[\]|\n#]{1,500})(?:[|#][^\[\]\n]{0,200})?\]\]")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp)$", re.IGNORECASE)
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//")
_WEB = re.compile(r"https?://", re.IGNORECASE)


class _Reader(MarkdownIt):
    """markdown-it that reads every address; only those of the web become links."""

    def validateLink(self, url: str) -> bool:
        return True


_READER = _Reader("commonmark", {"html": False, "breaks": True, "xhtmlOut": False}).enable("strikethrough")
_READER.disable(["autolink", "html_inline"])
_RENDERER = RendererHTML()


@dataclass(frozen=True)
class Shown:
    """A block as its template needs it: its words, or a table row's cells, as HTML; a list item's sign."""

    kind: Kind
    level: int
    words: Markup = Markup("")
    cells: tuple[Markup, ...] = ()
    sign: str = ""


def blocks_html(
    text: str,
    read: Markdown,
    window: Span,
    marked: Span,
    opens: Opens,
    markdown: bool,
    pictured: Callable[[str], str] = lambda name: "",
) -> Markup:
    """Return the blocks that lie in a window of a note's text, with the span `marked`, maybe empty, marked.

    `markdown` says that emphasis and links of the text are Markdown's; else it is plain. `pictured` gives the address
    of a picture beside the note by its name there; without one a picture is named by its description.
    """
    shown = _Sheet(text, read, window, marked, opens, markdown, pictured).shown()
    groups = groupby(shown, lambda block: Kind.ROW if block.kind is Kind.HEAD else block.kind)
    # the first heading of a note stands under its title, whatever its level
    least = min((block.level for block in read.blocks if block.kind is Kind.HEADING), default=1)
    found = [(kind, list(blocks)) for kind, blocks in groups]
    return Markup(render("blocks", groups=found, plain=not markdown, above=3 - least))


@dataclass
class _Sheet:
    text: str
    read: Markdown
    window: Span
    marked: Span
    opens: Opens
    markdown: bool
    pictured: Callable[[str], str]
    atoms: list[list[Token]] = field(default_factory=list)
    inside: bool = False  # whether what comes next is marked

    def shown(self) -> Iterator[Shown]:
        """Yield the blocks in the window."""
        first, last = self.window
        for block in self.read.blocks:
            if block.end > first and block.start < last:
                yield self._block(block, (max(block.start, first), min(block.end, last)))

    def _block(self, block: Block, span: Span) -> Shown:
        kind, level = block.kind, block.level
        if kind in (Kind.HEAD, Kind.ROW):
            return Shown(kind, level, cells=tuple(map(self._inline, self._cells(span))))
        if kind is Kind.ITEM:
            return self._item(block, span)
        if kind is Kind.CODE:
            return Shown(kind, level, self._plain(span, _FENCE))
        if kind is Kind.MATH:
            drawn = formula(self.text[slice(*span)])
            whole = [(*span, self._atom([Token("html_inline", "", 0, content=drawn)]))] if drawn else []
            return Shown(kind, level, self._rendered([Token("text", "", 0, content=self._pieced(span, whole))]))
        return Shown(kind, level, self._inline(span, _HEADING if kind is Kind.HEADING else self._margin))

    @property
    def _margin(self) -> re.Pattern[str] | None:
        return _QUOTED if self.markdown else None

    def _item(self, block: Block, span: Span) -> Shown:
        mark = _ITEM.match(self.text, *span)
        number, done = mark.groups() if mark else (None, None)
        sign = f"{number}." if number else "•" if done is None else "☐" if done == " " else "☑"
        words = self._inline((mark.end() if mark else span[0], span[1]), self._margin)
        return Shown(Kind.ITEM, block.level, words, sign=sign)

    def _cells(self, span: Span) -> list[Span]:
        """Return the cells of a row; a bar before the first one and one behind the last are the row's own."""
        bars = [match.start() for match in _BAR.finditer(self.text, *span)]
        edges = [span[0] - 1, *bars, span[1]]
        spans = [(start + 1, end) for start, end in zip(edges, edges[1:], strict=False)]
        outer = (0, len(spans) - 1)
        return [cell for at, cell in enumerate(spans) if at not in outer or self.text[slice(*cell)].strip()]

    def _plain(self, span: Span, cut: re.Pattern[str]) -> Markup:
        """Return a span as it stands, without what `cut` matches."""
        shown = self._pieced(span, _matches(self.text, span, cut))
        return self._rendered([Token("text", "", 0, content=shown)])

    def _inline(self, span: Span, cut: re.Pattern[str] | None = None) -> Markup:
        """Return a span with its emphasis and links, without what `cut` matches and what no reader sees."""
        gone = [*_matches(self.text, span, cut), *((*place, "") for place in self._unseen(span))]
        drawn = [*self._embeds(span), *self._links(span), *self._formulas(span)]
        shown = self._pieced(span, [*drawn, *gone]).strip()
        if not self.markdown:
            return self._rendered([Token("text", "", 0, content=shown)])
        return self._rendered(_READER.parseInline(shown)[0].children or [])

    def _unseen(self, span: Span) -> Iterator[Span]:
        """Yield the hidden spans, except for the addresses of links, which Markdown reads with them."""
        for start, end in clipped(self.read.hidden, *span):
            start, end = span[0] + start, span[0] + end
            if not (self.markdown and self.text[start - 1 : start + 1] == "]("):
                yield start, end

    def _links(self, span: Span) -> Iterator[tuple[int, int, str]]:
        for link in links(self.text[slice(*span)]):
            if html := self.opens(link):
                token = Token("html_inline", "", 0, content=html)
                yield span[0] + link.start, span[0] + link.end, self._atom([token])

    def _beside(self, name: str) -> str:
        """Return the address of a picture that lies beside the note; empty if it is none, or lies on the web."""
        name = unquote(name)
        return self.pictured(name) if _PICTURE.search(name) and not _ELSEWHERE.match(name) else ""

    def _embeds(self, span: Span) -> Iterator[tuple[int, int, str]]:
        """Yield the pictures that Obsidian embeds: `![[leaf.png|300]]`."""
        for match in _EMBED.finditer(self.text, *span) if self.markdown else ():
            if address := self._beside(match[1].strip()):
                yield *match.span(), self._atom(_picture(address, match[1].strip()))

    def _formulas(self, span: Span) -> Iterator[tuple[int, int, str]]:
        for start, end in clipped(self.read.whole, *span):
            words = self.text[span[0] + start : span[0] + end]
            if words.startswith(("$", "\\")):
                drawn = formula(words)
                token = Token("html_inline" if drawn else "text", "", 0, content=drawn or words)
                yield span[0] + start, span[0] + end, self._atom(_element("span", [token], {"class": "math"}))

    def _atom(self, finished: list[Token]) -> str:
        self.atoms.append(finished)
        return f"{_ATOM}{len(self.atoms) - 1}{_END}"

    def _pieced(self, span: Span, changes: Iterable[tuple[int, int, str]]) -> str:
        """Return a span's text with some spans replaced, the first of those that overlap, and the ends of the mark."""
        ends = self._ends(span)
        pieces, at = [], span[0]
        for first, last, instead in sorted(changes, key=lambda change: (change[0], -change[1])):
            if first < at:
                continue
            pieces.append(self._with(ends, at, first))
            # An end of the mark inside moves to the edge.
            inside = [ends.pop(place) for place in sorted(ends) if first < place < last]
            begins = [ends.pop(first, ""), *(sign for sign in inside if sign == _OPEN)]
            pieces += [*begins, instead, *(sign for sign in inside if sign == _CLOSE)]
            at = last
        return "".join([*pieces, self._with(ends, at, span[1]), *ends.values()])

    def _ends(self, span: Span) -> dict[int, str]:
        """Return where in a span the mark begins and ends; the stars around its words go with them."""
        start, end = max(self.marked[0], span[0]), min(self.marked[1], span[1])
        if start >= end:
            return {}
        while self.markdown and start > span[0] and self.text[start - 1] in _STARS:
            start -= 1
        while self.markdown and end < span[1] and self.text[end] in _STARS:
            end += 1
        return {start: _OPEN, end: _CLOSE}

    def _with(self, ends: dict[int, str], first: int, last: int) -> str:
        """Return a part of the text with the ends of the mark that lie in it, which are taken out of `ends`."""
        pieces, at = [], first
        for place in sorted(place for place in ends if first <= place < last):
            pieces += [_OWN.sub("\ufffd", self.text[at:place]), ends.pop(place)]
            at = place
        return "".join([*pieces, _OWN.sub("\ufffd", self.text[at:last])])

    def _rendered(self, tokens: Sequence[Token]) -> Markup:
        self.inside = False
        told = _joined(piece for token in _followed(tokens) for piece in self._told(token))
        return Markup(_RENDERER.renderInline(told, _READER.options, {}))  # the renderer escapes all text

    def _told(self, token: Token) -> Iterator[Token]:
        """Yield a token with the mark and the finished pieces in it."""
        if token.type == "code_inline":
            yield from _element("code", self._pieces(token.content))
        elif token.type == "image" and (address := self._beside(str(token.attrs["src"]))):
            yield from _picture(address, _OWN.sub("", token.content))
        elif token.type == "image":
            yield from _element("em", self._pieces(token.content), {"class": "pictured"})
        elif token.type == "text":
            yield from self._pieces(token.content)
        else:
            yield token

    def _pieces(self, words: str) -> Iterator[Token]:
        for piece in _PIECES.split(words):
            if piece in (_OPEN, _CLOSE):
                self.inside = piece == _OPEN
            elif piece:
                atom = self.atoms[int(piece[1:-1])] if piece[0] == _ATOM else None
                found = atom or [Token("text", "", 0, content=piece)]
                yield from _element("mark", found) if self.inside and piece.strip() else found


def _followed(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens; of links that do not lead into the web their words alone."""
    leads = False  # links do not stand in links
    for token in tokens:
        if token.type == "link_open":
            leads = bool(_WEB.match(str(token.attrs["href"])))
            token.attrs = {"href": token.attrs["href"], "target": "_blank", "rel": "noopener noreferrer"}
        if leads or token.type not in ("link_open", "link_close"):
            yield token


def _joined(tokens: Iterable[Token]) -> list[Token]:
    """Return the tokens without the ends of marks between which nothing stands."""
    joined: list[Token] = []
    for token in tokens:
        if token.type == "mark_open" and joined and joined[-1].type == "mark_close":
            joined.pop()
        else:
            joined.append(token)
    return joined


def _element(tag: str, inside: Iterable[Token], attributes: dict[str, str | int | float] | None = None) -> list[Token]:
    return [Token(f"{tag}_open", tag, 1, attrs=attributes or {}), *inside, Token(f"{tag}_close", tag, -1)]


def _picture(address: str, described: str) -> list[Token]:
    return [Token("picture", "img", 0, attrs={"src": address, "alt": described, "loading": "lazy"})]


def _matches(text: str, span: Span, cut: re.Pattern[str] | None) -> Iterator[tuple[int, int, str]]:
    if cut is not None:
        for match in cut.finditer(text[slice(*span)]):
            yield span[0] + match.start(), span[0] + match.end(), ""
