"""Where the characters of a paragraph or a table cell stand in the note, given its content as markdown-it hands it out.

In: the note's text, the lines of a block, and the content, without what a quotation or a list put before each line.
Out: a mapping from offsets into the content to offsets into the text.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_BAR = re.compile(r"\\\|")
_HEADING = re.compile(r"[^#\n]*?#{1,6}[ \t]+")


@dataclass(frozen=True)
class Places:
    """Where a content's characters stand: from `froms[i]` on, at `tos[i]` and behind it."""

    froms: list[int]
    tos: list[int]

    def __call__(self, place: int) -> int:
        """Return the offset into the text."""
        run = max(bisect_right(self.froms, place) - 1, 0)
        return self.tos[run] + place - self.froms[run]


def of_lines(text: str, lines: Sequence[int], content: str, marked: bool) -> Places | None:
    """Return the places of a content whose lines are the ends of the text's lines, which begin at `lines`.

    `marked` says that the first may stand behind a heading's marks. None if they are not there.
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
    """Return where a heading's words begin; its closing marks may hold them again ("# # #")."""
    marks = _HEADING.match(text, start, end)
    if marks and text.startswith(core, marks.end()):
        return marks.end()
    return text.rfind(core, start, end)


def of_cell(text: str, at: int, end: int, content: str) -> Places | None:
    """Return the places of a table cell between two offsets; the backslash before a bar is not in the content."""
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
