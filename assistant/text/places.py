"""Maps offsets in a paragraph's content, as markdown-it gives it, back to offsets in the note's text.

The two differ because markdown-it strips what a quotation (`> `) or a list puts before each line, and the backslash
before a bar in a table. In: the note's text, the lines of a block, and the content. Out: the mapping.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_BAR = re.compile(r"\\\|")
_HEADING = re.compile(r"[^#\n]*?#{1,6}[ \t]+")


@dataclass(frozen=True)
class Places:
    """A mapping in runs: from content offset `froms[i]` on, characters stand at text offset `tos[i]` and after it."""

    froms: list[int]
    tos: list[int]

    def __call__(self, place: int) -> int:
        """Return the text offset of a content offset."""
        run = max(bisect_right(self.froms, place) - 1, 0)
        return self.tos[run] + place - self.froms[run]


def of_lines(text: str, lines: Sequence[int], content: str, marked: bool) -> Places | None:
    """Return the mapping for content whose lines are the tails of the text's lines; `lines` holds where those begin.

    `marked` says that the first line may follow a heading's `#` marks. None if the content is not found there.
    """
    froms, tos, at = [], [], 0
    for number, line in enumerate(content.split("\n")):
        if number >= len(lines):
            return None
        start, end = lines[number], text.find("\n", lines[number])
        end = len(text) if end < 0 else end
        core = line.strip()
        place = _behind_marks(text, start, end, core) if marked and number == 0 else text.rfind(core, start, end)
        if place < 0:
            return None
        froms.append(at + len(line) - len(line.lstrip()) if core else at)
        tos.append(place)
        at += len(line) + 1
    return Places(froms, tos)


def _behind_marks(text: str, start: int, end: int, core: str) -> int:
    """Return where a heading's words begin; searching from the end fails for headings such as "# # #"."""
    marks = _HEADING.match(text, start, end)
    if marks and text.startswith(core, marks.end()):
        return marks.end()
    return text.rfind(core, start, end)


def of_cell(text: str, at: int, end: int, content: str) -> Places | None:
    """Return the mapping for a table cell between two offsets; in the content, bars have lost their backslash."""
    if not content:
        return None
    if "|" not in content:
        place = text.find(content, at, end)
        return Places([0], [place]) if place >= 0 else None
    row = text[at:end]
    bars = [bar.start() for bar in _BAR.finditer(row)]
    place = _BAR.sub("|", row).find(content)
    if place < 0:
        return None
    froms, tos = [0], [at + place + sum(bar - count < place for count, bar in enumerate(bars))]
    for count, bar in enumerate(bars):
        if place <= bar - count < place + len(content):
            froms.append(bar - count - place)
            tos.append(at + bar + 1)
    return Places(froms, tos)
