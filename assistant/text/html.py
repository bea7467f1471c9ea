"""Finds the HTML in a note that its reader does not see: comments, tags, and hidden elements with their content.

In: the tags and comments of a note, in order, with their offsets. Out: the hidden spans, as a browser would show the
rendered note. Words in angle brackets that are no HTML elements, such as `<mask>`, stay visible text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape

from assistant.text.blocks import Span
from assistant.text.style import Look, look

_ELEMENTS = frozenset(
    "a abbr acronym address article aside audio b bdi bdo big blockquote body br button canvas caption center "
    "cite code col colgroup dd del details dfn dialog div dl dt em embed fieldset figcaption figure font footer "
    "form h1 h2 h3 h4 h5 h6 head header hr html i iframe img ins kbd li link main map mark marquee menu meta "
    "meter nav nobr noscript object ol p param picture pre progress q rp rt ruby samp script section small source "
    "span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead tr track tt u "
    "ul var video wbr".split()
)
"""Leaves out `s`, `input` and `output`: in notes "<s>" is a token and "<input>" a placeholder, unless it has
attributes."""
_EMPTY = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_BARE = frozenset(("br", "hr", "wbr"))
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
"""Elements that a browser reopens in the next paragraph when they were not closed."""
_BLOCK = frozenset(
    "address article aside blockquote center details dialog div dl fieldset figcaption figure footer form h1 h2 h3 h4 "
    "h5 h6 header hr main menu nav ol p pre section summary table ul".split()
)
"""Elements that end the paragraph around them; unclosed, they go on after it."""
_RAW = frozenset("script style template iframe noembed noframes textarea".split())
_DEEPEST = 100
"""A closing tag is matched against this many open elements at most."""
_TAG = re.compile(r"""<(?P<close>/?)(?P<name>[A-Za-z][^\s/<>"'=]*+)(?P<rest>(?:[^<>"']|"[^"]*+"|'[^']*+')*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>`]++)))?""")
_OPENING = re.compile(r"<!--|<\?|<![A-Za-z\[]|</?[A-Za-z]")


@dataclass(frozen=True)
class Markup:
    """A tag or a comment at `text[start:end]`; an element that it opens ends at `scope` at the latest.

    `name` is empty for a comment. `unclosed` marks a comment without an end in its block. `paragraph` is the span of
    text around the tag, None in a block of HTML; it ends after `scope` where HTML has no <p>, as in a tight list.
    `block` is the offset where the tag's own block ends.
    """

    start: int
    end: int
    scope: int
    name: str = ""
    closes: bool = False
    attributes: tuple[tuple[str, str], ...] = ()
    unclosed: bool = False
    paragraph: Span | None = None
    block: int = 0


def tag(text: str, start: int, scope: int) -> Markup | None:
    """Return the tag that begins at `start`; None if there is none."""
    match = _TAG.match(text, start)
    if not match:
        return None
    name, rest = match["name"].lower(), match["rest"]
    pairs = [(key.lower(), unescape(a or b or c)) for key, a, b, c in _ATTRIBUTE.findall(rest)] if rest else []
    return Markup(start, match.end(), scope, name, bool(match["close"]), tuple(pairs))


def in_blocks(text: str, blocks: Sequence[tuple[int, int, int]]) -> Iterator[Markup]:
    """Yield the tags and comments of HTML blocks; each block is a tuple of start, end and scope.

    A comment that is not closed in its block goes on to the first `-->` in a later block of HTML.
    """
    done = 0
    for place, (start, end, scope) in enumerate(blocks):
        for item in _in_block(text, max(start, done), end, scope):
            if item.unclosed:
                ends = (text.find("-->", first, last) for first, last, _ in blocks[place + 1 :])
                done = next((close + 3 for close in ends if close >= 0), len(text))
                item = replace(item, end=done)
            yield replace(item, block=end)


def _in_block(text: str, start: int, end: int, scope: int) -> Iterator[Markup]:
    at, raw = start, ""
    while opening := _OPENING.search(text, at, end):
        begin, kind = opening.start(), opening.group()
        at = opening.end()
        if raw:
            closing = tag(text, begin, scope) if text.startswith("</", begin) else None
            if closing and closing.name == raw:
                raw = ""
                yield closing
        elif kind == "<!--":
            # "<!-->" and "<!--->" are whole comments.
            close = text.find("-->", begin + 2, end)
            at = close + 3 if close >= 0 else end
            yield Markup(begin, at, scope, unclosed=close < 0)
        elif kind[1] in "?!":
            # A browser ends whatever this was meant to be at the next ">".
            at = text.find(">", at, end) + 1 or end
            yield Markup(begin, at, scope)
        elif (element := tag(text, begin, scope)) and element.end <= end:
            at = element.end
            raw = element.name if element.name in _RAW and not element.closes else ""
            yield element


@dataclass
class _Open:
    markup: Markup
    look: Look
    scope: int


class Scan:
    """Goes through a note's tags and comments in order and collects the hidden spans."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[_Open] = []
        self._raw = ""
        self._last: dict[str, int] = {}
        self.hidden: list[Span] = []

    def run(self, markup: Sequence[Markup]) -> list[Span]:
        """Return the hidden spans."""
        self._last = {item.name: item.start for item in markup if item.closes}
        for item in markup:
            if item.start >= self._at and (not self._raw or (item.closes and item.name == self._raw)):
                self._reach(item.start)
                self._take(item)
        self._reach(len(self._text))
        return self.hidden

    def _take(self, item: Markup) -> None:
        if not item.name:
            self.hidden.append((item.start, item.end))
            self._at = item.end
        elif item.closes:
            self._raw = ""
            self._close(item)
        elif item.name in _EMPTY:
            if item.attributes or item.name in _BARE:
                self.hidden.append((item.start, item.end))
        elif item.name in _ELEMENTS or item.attributes:
            self._begin(item)

    def _begin(self, item: Markup) -> None:
        if item.name in _RAW:
            if item.paragraph and self._last.get(item.name, -1) < item.start:
                return  # a paragraph tells of the element, as in "the <template> element"
            self._raw = item.name
        if item.paragraph and item.paragraph[1] <= item.scope and item.name in _BLOCK:
            self._end_paragraph(item.paragraph)
        if item.name in _BLOCK:  # "<p>" needs no end: the next block is one
            self._drop("p")
        inside = look(item.name, dict(item.attributes), self._look)
        around = self._open[-1].scope if self._open else len(self._text)
        self._open.append(_Open(item, inside, min(self._scope(item), around)))
        if item.attributes or item.name in _RAW:
            self.hidden.append((item.start, item.end))

    def _end_paragraph(self, paragraph: Span) -> None:
        """Close the inline elements that end with the paragraph, innermost first, up to an open block element."""
        while self._open and self._open[-1].markup.start >= paragraph[0] and self._open[-1].scope <= paragraph[1]:
            if self._open[-1].markup.name in _BLOCK:
                return
            self._open.pop()

    def _scope(self, item: Markup) -> int:
        """Return the offset where an element ends if it is not closed."""
        if item.name in _RAW:
            return len(self._text)
        if item.name == "p":
            return item.block
        if not item.paragraph or item.name in _BLOCK:
            return item.scope
        if item.name in _FORMATTING and look(item.name, dict(item.attributes), Look()).hidden:
            return len(self._text)
        return item.paragraph[1]

    @property
    def _look(self) -> Look:
        return self._open[-1].look if self._open else Look()

    def _close(self, item: Markup) -> None:
        if item.name == "p" and item.paragraph:
            self._end_paragraph(item.paragraph)
        # Inside a paragraph only a block's closing tag can close an element that was opened before the paragraph.
        inside = item.paragraph if item.name not in _BLOCK | _FORMATTING else None
        if opened := self._drop(item.name, inside[0] if inside else 0):
            self.hidden += [(opened.start, opened.end), (item.start, item.end)]

    def _drop(self, name: str, since: int = 0) -> Markup | None:
        """Close the innermost element of that name opened at offset `since` or later, and everything open inside it."""
        for place in range(len(self._open) - 1, max(-1, len(self._open) - _DEEPEST), -1):
            markup = self._open[place].markup
            if markup.start < since:
                return None
            if markup.name == name:
                del self._open[place:]
                return markup
        return None

    def _reach(self, place: int) -> None:
        """Move on to an offset; the text before it is hidden or seen as the open elements there say."""
        while self._open and self._open[-1].scope <= place:
            self._pass(self._open[-1].scope)
            self._open.pop()
        self._pass(place)

    def _pass(self, place: int) -> None:
        if place > self._at:
            if self._look.hidden:
                self.hidden.append((self._at, place))
            self._at = place
