"""Puts lines of a PDF together as paragraphs, headings, items and rows, by their gaps, sizes and edges.

In: the lines of each region in reading order. Out: `Part`s. Where it is in doubt, a part stays a paragraph.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.notes.formats.pdf_runs import PROSE, Run
from assistant.text.blocks import Kind

_NUMBERED = re.compile(
    r"(?:(\d{1,2}(?:\.\d{1,2}){0,3})\.?|[IVX]{1,5}\.|제\s?\d{1,3}\s?[장편부]|(제\s?\d{1,3}\s?절))\s+\S"
)
_BULLET = re.compile(r"^(?:[•‣◦▪▫■□●○◆◇▶▷►\x80-\x9f\uf020-\uf0ff]\s*|[·∙⋅※–—-](?:\s+|$))")
"""Fonts of signs have their bullets where no letters are."""
_ORDINAL = re.compile(r"(?:\(?\d{1,3}[.)]|\([a-z가-힣]\)|[a-z가-하]\)|\[\d{1,4}\]|[①-⑳])(?=\s|$)")
_ENDED = re.compile(r"[.!?。:;…][\"'”’)\]]*\d{0,2}$")
_NO_HEADING = re.compile(r"[,;]$|[.。다요]\.$|\.{4}|(?:\. ){3}")
_LONGEST_NAME = 60
"""Characters of the name of a column."""
_CAPTION = re.compile(r"(?:Table|Figure|Fig\.|Algorithm|표|그림)\s*\d")


@dataclass(slots=True, eq=False)
class Part:
    """Lines that belong together, and what they are."""

    lines: list[Run]
    kind: Kind = Kind.PARAGRAPH
    level: int = 0

    @property
    def text(self) -> str:
        """All of its words."""
        return " ".join(line.text for line in self.lines)

    @property
    def size(self) -> float:
        """The size of its longest line."""
        return max(self.lines, key=lambda line: len(line.text)).size


def parts(regions: Sequence[Sequence[Run]]) -> list[Part]:
    """Return all parts in order; a paragraph goes on in the next column where it clearly does."""
    pitches = _pitches(regions)
    found: list[Part] = []
    for region in regions:
        inside = _divided(region, pitches)
        first = next((part for part in inside if _is_prose(part)), None)
        if first and (before := _open(found, first)):
            before.lines += first.lines
            inside.remove(first)
        found += _continued(found, inside)
    _tell(found)
    return found


def _continued(found: Sequence[Part], inside: list[Part]) -> list[Part]:
    """Return a region's parts; the first row of a table that goes on there is no header, or it is the same again."""
    last, first = found[-1] if found else None, inside[0] if inside else None
    if not (last and first and first.kind is Kind.HEAD and last.kind in (Kind.HEAD, Kind.ROW)):
        return inside
    if len(last.lines[0].cells) != len(first.lines[0].cells) or first.lines[0].page == last.lines[0].page:
        return inside
    head = next((part for part in reversed(found) if part.kind is Kind.HEAD), None)
    if head and head.text == first.text:
        return inside[1:]
    first.kind = Kind.ROW
    return inside


def _pitches(regions: Sequence[Sequence[Run]]) -> dict[int, float]:
    """Return how far lines of one size stand apart within paragraphs."""
    gaps: dict[int, list[float]] = defaultdict(list)
    for region in regions:
        for one, other in pairwise(region):
            gap = (other.base - one.base) / other.size
            if round(one.size) == round(other.size) and 0.8 < gap < 2.6 and not one.cells and not other.cells:
                gaps[round(other.size)].append(gap)
    return {size: sorted(found)[len(found) // 4] for size, found in gaps.items()}


def _divided(lines: Sequence[Run], pitches: Mapping[int, float]) -> list[Part]:
    """Return a region's paragraphs and rows."""
    right = sorted(line.right for line in lines)[int(0.9 * (len(lines) - 1))]
    found: list[Part] = []
    for last, line, following in zip((None, *lines), lines, (*lines[1:], None), strict=False):
        if line.cells:
            lettered = sum(any(map(str.isalpha, cell)) for cell in line.cells)
            names = max(map(len, line.cells)) <= _LONGEST_NAME and 2 * lettered >= len(line.cells)
            found.append(Part([line], Kind.HEAD if names and not (last and last.cells) else Kind.ROW))
        elif (
            not last
            or last.cells
            or _begins(found[-1].lines, line, following, right, pitches.get(round(line.size), 1.3))
        ):
            found.append(Part([line]))
        else:
            found[-1].lines.append(line)
    return found


def _begins(part: Sequence[Run], line: Run, following: Run | None, right: float, pitch: float) -> bool:
    """Tell whether a paragraph begins with this line."""
    last, size = part[-1], line.size
    ended = _ENDED.search(last.text) is not None
    if line.base - last.base > 1.25 * pitch * max(size, last.size) or abs(size - last.size) > 0.12 * size:
        return True
    if line.bold != last.bold:
        return True
    if line.bold and last.bold and _depth(line.text):
        return True
    counted = ended or _ORDINAL.match(part[0].text) or abs(line.left - last.left) > 0.5 * size
    if _BULLET.match(line.text) or _ORDINAL.match(line.text) and counted:
        return True
    free = right - last.right
    word = 0.55 * size * min(len(line.text.split(" ", 1)[0]), 20) if line.text.isascii() else 2 * size
    if free > word + 0.5 * size and ended or free > 3 * word + 4 * size:
        return ended or abs(line.middle - last.middle) > size
    if len(part) > 1 and part[1].left - part[0].left > 0.6 * size and last.left - line.left > 0.6 * size:
        return ended  # after a hanging indent
    if not 0.6 * size < line.left - last.left < 5 * size:
        return False
    if len(part) == 1:  # or the second line of a hanging indent
        return ended
    return following is None or following.left < line.left - 0.6 * size


def _is_prose(part: Part) -> bool:
    return part.kind is Kind.PARAGRAPH and not _CAPTION.match(part.text)


def _open(parts: Sequence[Part], following: Part) -> Part | None:
    """Return the paragraph that goes on at the top of a column, over tables, captions and notes between them."""
    begin = following.lines[0]
    part = next((part for part in parts[:-61:-1] if _is_prose(part) and part.size >= 0.96 * begin.size), None)
    if not part or abs(part.size - begin.size) > 0.04 * part.size or len(part.text) < 2 * PROSE:
        return None
    last = part.lines[-1]
    goes_on = begin.text[0].islower() or "가" <= begin.text[0] <= "힣" or last.text.endswith("-")
    near = last.bold == begin.bold and begin.page - last.page < 3
    return part if goes_on and near and not _ENDED.search(last.text) else None


def _tell(parts: Sequence[Part]) -> None:
    """Tell headings and items among the paragraphs."""
    lines = [line for part in parts for line in part.lines]
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    body = sizes.most_common(1)[0][0]
    heavy = sum(line.heavy for line in lines) > 0.3 * sizes.total()
    headings: list[Part] = []
    prose = False
    for part in parts:
        if part.kind is Kind.PARAGRAPH and _stands_out(part, body, heavy):
            first = part.lines[0]
            # what stands under a title in letters of no weight is an author's name or the like
            if first.page > 1 or prose or first.bold or not headings or _depth(part.text):
                headings.append(part)
        prose = prose or len(part.text) > 100 and _ENDED.search(part.text) is not None
    counted = Counter(round(part.size) for part in headings if part.size > 1.08 * body)
    ranks = sorted(counted, reverse=True)
    # the title is not a level of its own
    if len(ranks) > 1 and counted[ranks[0]] == 1:
        del ranks[0]
    for part in headings:
        rank = sum(size > round(part.size) for size in ranks) if part.size > 1.08 * body else len(ranks)
        part.kind, part.level = Kind.HEADING, min(_depth(part.text) or 1 + rank, 3)
    for part in parts:
        text = part.lines[0].text
        if part.kind is Kind.PARAGRAPH and (_BULLET.match(text) or _ORDINAL.match(text)):
            part.kind, part.level = Kind.ITEM, 1
            part.lines[0].text = _BULLET.sub("- ", text)


def _stands_out(part: Part, body: float, heavy: bool) -> bool:
    text = part.text
    letters = sum(letter.isalpha() for letter in text)
    if len(part.lines) > 3 or len(text) > 160 or letters < 2 or letters < 0.5 * len(text.replace(" ", "")):
        return False
    if _BULLET.match(text) or _NO_HEADING.search(text):
        return False
    bold = all(line.bold for line in part.lines) and not heavy
    numbered = bool(_depth(text))
    if text.endswith(".") and not numbered or any(line.pieces > 1 + numbered for line in part.lines):
        return False
    if part.size > 1.15 * body or part.size > 1.04 * body and (bold or numbered):
        return True
    return (
        part.size > 0.95 * body and len(part.lines) < 3 and (bold or numbered and (text.isupper() or text[0] == "제"))
    )


def _depth(text: str) -> int:
    """Return how deep a numbered heading stands: 2 for "3.1 Method", 1 for "제2장 서론"; 0 if it has no number."""
    found = _NUMBERED.match(text)
    return 1 + (found[1] or "").count(".") + bool(found[2]) if found else 0
