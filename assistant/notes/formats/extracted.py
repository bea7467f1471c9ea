"""What a reader of a format other than text makes of a file: words, their blocks, and where each stood.

In: headings, paragraphs, items, rows and code in reading order. Out: an `Extracted`, which becomes a `Document`. The
words are plain text, never Markdown, so that a `#` or `<` in a Word file stays what it is.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from assistant.text.blocks import Block, Kind, Place

MOST = 20_000_000
"""Characters at most of what is read of one file."""


@dataclass(frozen=True)
class Extracted:
    """The text of a file with its blocks in order, and what stood where.

    `fields` are like front matter, such as `title` and `date`. `missing` says in one line what could not be read,
    empty if nothing was left out.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    places: tuple[Place, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""


class Writer:
    """Collects blocks in reading order; a blank line stands between two, and none between items or rows.

    Words are composed (NFC) and their white space is joined; a block without words is left out.
    """

    def __init__(self) -> None:
        """Begin with no text."""
        self._pieces: list[str] = []
        self._blocks: list[Block] = []
        self._places: list[Place] = []
        self._length = 0

    @property
    def full(self) -> bool:
        """Whether more is written than is read of one file; what follows should be left out and said."""
        return self._length > MOST

    def heading(self, level: int, words: str) -> None:
        """Write a heading of level 1 to 6."""
        words = joined(words)
        self._add(Kind.HEADING, words, min(max(level, 1), 6), words)

    def paragraph(self, words: str) -> None:
        """Write a paragraph."""
        self._add(Kind.PARAGRAPH, joined(words))

    def item(self, words: str, level: int = 1, mark: str = "-") -> None:
        """Write an item of a list, `level` counting its depth from 1."""
        if words := joined(words):
            self._add(Kind.ITEM, f"{'  ' * (level - 1)}{mark} {words}", level)

    def code(self, text: str) -> None:
        """Write code, or whatever else keeps its lines."""
        self._add(Kind.CODE, unicodedata.normalize("NFC", text).strip("\n").rstrip())

    def row(self, cells: Sequence[str], head: bool = False) -> None:
        """Write a row of a table; one that is the `head` names the columns of those that follow."""
        if any(words := [joined(cell) for cell in cells]):
            self._add(Kind.HEAD if head else Kind.ROW, f"| {' | '.join(words)} |")

    def lines(
        self, lines: Sequence[tuple[str, Mapping[str, Any]]], kind: Kind = Kind.PARAGRAPH, level: int = 0
    ) -> None:
        """Write one block of several lines, each with its own locator, which may be empty.

        Lines with a locator are where a page's width broke them, and read on; others were meant as lines.
        """
        written = [(words, locator) for line, locator in lines if (words := joined(line))]
        text = (" " if any(locator for _, locator in written) else "\n").join(words for words, _ in written)
        at = self._add(kind, text, level, " ".join(text.split()) if kind is Kind.HEADING else "")
        for words, locator in written:
            if locator:
                self._places.append(Place(at, at + len(words), locator))
            at += len(words) + 1

    @contextmanager
    def at(self, locator: Mapping[str, Any]) -> Iterator[None]:
        """Say where what is written inside the block stands: `{"slide": 3}`."""
        before = len(self._blocks)
        yield
        if written := self._blocks[before:]:
            self._places.append(Place(written[0].start, written[-1].end, locator))

    def extracted(self, fields: Mapping[str, str] | None = None, missing: str = "") -> Extracted:
        """Return all that was written."""
        given = {name: words for name, value in (fields or {}).items() if (words := joined(value))}
        cut = f"what follows the first {MOST:,} characters" if self.full else ""
        said = missing if cut in missing else "; ".join(filter(None, (missing, cut)))
        return Extracted("".join(self._pieces), tuple(self._blocks), tuple(self._places), given, said)

    def _add(self, kind: Kind, words: str, level: int = 0, shown: str = "") -> int:
        if not words.strip() or self.full:
            return self._length
        close = kind in (Kind.ITEM, Kind.ROW) and self._blocks and self._blocks[-1].kind in _BESIDE[kind]
        gap = "" if not self._pieces else "\n" if close else "\n\n"
        start = self._length + len(gap)
        self._pieces += [gap, words]
        self._length = start + len(words)
        self._blocks.append(Block(kind, start, self._length, level, shown))
        return start


_BESIDE = {Kind.ITEM: (Kind.ITEM,), Kind.ROW: (Kind.HEAD, Kind.ROW)}


def joined(words: str) -> str:
    """Return words composed (NFC), ligatures of Latin letters taken apart, and white space as single spaces."""
    return " ".join(unicodedata.normalize("NFC", words.translate(_LIGATURES)).split())


_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)} | {0xAD: None, 0: None}
