"""What of the HTML in a note its reader does not see: comments, tags, and elements that are kept out of sight.

In: the tags and comments of a note, in order, with their places. Out: the spans that are not seen, as a browser would
show what Markdown makes of the note. `<mask>` and other words in angle brackets that are no elements are text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape

from assistant.text.blocks import Span
from assistant.text.style import Look, look

_ELEMENTS = frozenset(
    "a abbr acronym address article aside audio b bdi bdo big blockquote body br button canvas caption center cite code "
    "col colgroup dd del details dfn dialog div dl dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 "
    "h5 h6 head header hr html i iframe img ins kbd li link main map mark marquee menu meta meter nav nobr noscript "
    "object ol p param picture pre progress q rp rt ruby samp script section small source span strike strong style sub "
    "summary sup svg table tbody td template textarea tfoot th thead tr track tt u ul var video wbr".split()
)
"""Not `s`, `input` or `output`: in notes "<s>" is a token and "<input>" a place to fill in, unless attributes follow."""
_EMPTY = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_BARE = frozenset(("br", "hr", "wbr"))
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
"""What a browser opens again in the next paragraph when it was not closed."""
_RAW = frozenset("script style template iframe noembed noframes textarea".split())
_TAG = re.compile(r"""<(?P<close>/?)(?P<name>[A-Za-z][^\s/<>"'=]*+)(?P<rest>(?:[^<>"']|"[^"]*+"|'[^']*+')*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>`]++)))?""")
_OPENING = re.compile(r"<!--|<\?|<![A-Za-z\[]|</?[A-Za-z]")


@dataclass(frozen=True)
class Markup:
    """A tag or a comment at `text[start:end]`; an element that it opens is closed at `scope` at the latest.

    `name` is empty for a comment; `unclosed` is one that its block does not end.
    """

    start: int
    end: int
    scope: int
    name: str = ""
    closes: bool = False
    attributes: tuple[tuple[str, str], ...] = ()
    unclosed: bool = False
    inline: bool = False


def tag(text: str, start: int, scope: int, inline: bool = False) -> Markup | None:
    """Return the tag that begins there, None if none does."""
    match = _TAG.match(text, start)
    if not match:
        return None
    name, rest = match["name"].lower(), match["rest"]
    pairs = [(key.lower(), unescape(a or b or c)) for key, a, b, c in _ATTRIBUTE.findall(rest)] if rest else []
    return Markup(start, match.end(), scope, name, bool(match["close"]), tuple(pairs), inline=inline)


def in_blocks(text: str, blocks: Sequence[tuple[int, int, int]]) -> Iterator[Markup]:
    """Yield the markup of blocks of HTML, each given by start, end and scope.

    A comment that its block does not close goes on to the first end that a later block of HTML holds.
    """
    done = 0
    for place, (start, end, scope) in enumerate(blocks):
        for item in _in_block(text, max(start, done), end, scope):
            if item.unclosed:
                ends = (text.find("-->", first, last) for first, last, _ in blocks[place + 1 :])
                done = next((close + 3 for close in ends if close >= 0), len(text))
                item = replace(item, end=done)
            yield item


def _in_block(text: str, start: int, end: int, scope: int) -> Iterator[Markup]:
    at, raw, endless = start, "", set[str]()
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
            mark = "]]>" if text.startswith("<![CDATA[", begin) else "?>" if kind == "<?" else ">"
            # What was not there once is not there further on.
            if mark not in endless and (close := text.find(mark, at, end)) >= 0:
                at = close + len(mark)
                yield Markup(begin, at, scope)
            else:
                endless.add(mark)
        elif (found := tag(text, begin, scope)) and found.end <= end:
            at = found.end
            raw = found.name if found.name in _RAW and not found.closes else ""
            yield found


@dataclass
class _Open:
    markup: Markup
    look: Look
    scope: int


class Scan:
    """Goes through a note's markup in order and gathers what is not seen."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[_Open] = []
        self.hidden: list[Span] = []

    def run(self, markup: Iterable[Markup]) -> list[Span]:
        """Return the spans that are not seen."""
        for item in markup:
            if item.start >= self._at:
                self._reach(item.start)
                self._take(item)
        self._reach(len(self._text))
        return self.hidden

    def _take(self, item: Markup) -> None:
        if not item.name:
            self.hidden.append((item.start, item.end))
            self._at = item.end
        elif item.closes:
            self._close(item)
        elif item.name in _EMPTY:
            if item.attributes or item.name in _BARE:
                self.hidden.append((item.start, item.end))
        elif item.name in _ELEMENTS or item.attributes:
            scope = item.scope
            inside = look(item.name, dict(item.attributes), self._look)
            if item.inline and item.name in _FORMATTING and inside.hidden:
                scope = len(self._text)
            self._open.append(_Open(item, inside, scope))
            if item.attributes or item.name in _RAW:
                self.hidden.append((item.start, item.end))

    @property
    def _look(self) -> Look:
        return self._open[-1].look if self._open else Look()

    def _close(self, item: Markup) -> None:
        for place in range(len(self._open) - 1, max(-1, len(self._open) - 100), -1):
            opened = self._open[place]
            if opened.markup.name == item.name:
                del self._open[place:]
                self.hidden += [(opened.markup.start, opened.markup.end), (item.start, item.end)]
                return

    def _reach(self, place: int) -> None:
        """Go on to a place; what lies before it is seen as the open elements say, each up to where it ends."""
        while self._open and self._open[-1].scope <= place:
            self._pass(self._open[-1].scope)
            self._open.pop()
        self._pass(place)

    def _pass(self, place: int) -> None:
        if place > self._at:
            if self._look.hidden:
                self.hidden.append((self._at, place))
            self._at = place
