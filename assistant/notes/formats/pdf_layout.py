"""Finds the reading order of a PDF's pages: without running titles and page numbers, column by column.

In: the runs of each page. Out: regions, whose runs are read from top to bottom, one after the other.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, groupby, pairwise, takewhile

from assistant.notes.formats.pdf_runs import PROSE, Run, in_rows

_MARGIN = 0.17
"""The share of a page's height, at its top and at its bottom, in which running titles and page numbers stand."""
_PAGE_NUMBER = re.compile(r"\W{0,3}(\d{1,4}|[ivxl]{1,7})\W{0,3}")


def without_margins(pages: Sequence[Sequence[Run]]) -> list[list[Run]]:
    """Leave out page numbers in the margins, and what several pages have alike but for a number that counts up."""
    margins = [[(run, _keys(run)) for run in _outer(runs)] for runs in pages]
    seen = Counter(key for margin in margins for key in {key for _, keys in margin for key in keys})
    least = 3 if len(pages) > 3 else 2
    alike = {
        id(run)
        for margin in margins
        for run, keys in margin
        if _numbers(run) or any(seen[key] >= least for key in keys)
    }
    return [[run for run in runs if id(run) not in alike] for runs in pages]


def _outer(runs: Sequence[Run]) -> list[Run]:
    """Return what stands in a page's margins: up to three lines with a gap between them and the rest."""
    rows = in_rows(runs)
    found: list[Run] = []
    for ordered in (rows, rows[::-1]):
        for at, row in enumerate(ordered[:3], 1):
            base, height = row[0].base, row[0].height
            tabular = any(run.cells for run in row) or min(map(len, ordered[at - 1 : at + 1])) > 3
            if tabular or _MARGIN * height <= base <= (1 - _MARGIN) * height:
                break
            if at == len(ordered) or abs(ordered[at][0].base - base) > 1.9 * min(row[0].size, ordered[at][0].size):
                found += chain.from_iterable(ordered[:at])
                break
    return found


def _numbers(run: Run) -> bool:
    """Tell whether a run is only its page's number; Roman ones number pages before the first."""
    found = _PAGE_NUMBER.fullmatch(run.text)
    return found is not None and (not found[1].isdecimal() or int(found[1]) == run.page)


def _keys(run: Run) -> list[tuple[object, ...]]:
    """Return what is the same on other pages if a run is a running title or a number of a page."""
    side, text = (run.base > run.height / 2, round(run.size)), run.text
    numbers = list(re.finditer(r"\d{1,4}", text))[:4]
    counted = [(side, f"{text[: n.start()]}#{text[n.end() :]}", int(n[0]) - run.page) for n in numbers]
    return [(side, text), *counted]


def regions(pages: Sequence[Sequence[Run]]) -> Iterator[list[Run]]:
    """Give regions in reading order; a page whose columns are too short to tell has the gutter of most others."""
    gutters = [_gutter(runs) for runs in pages]
    counted = Counter(round(gutter) for gutter in gutters if gutter)
    usual, times = counted.most_common(1)[0] if counted else (0, 0)
    for runs, gutter in zip(pages, gutters, strict=True):
        alike = gutter is None and 2 * times >= len(pages) and not any(_straddles(run, usual) for run in runs)
        yield from _regions(runs, usual if alike else gutter)


def _gutter(runs: Sequence[Run]) -> float | None:
    """Return where two columns of prose part, if there are any: lines of about one width stand on both sides of it."""
    prose = [run for run in runs if len(run.text) >= PROSE]
    best, found = 3, None
    for left, _ in Counter(round(run.left) for run in prose).most_common(8):
        before = [run for run in prose if run.right <= left]
        after = [run for run in prose if run.left >= left - 3]
        rows = {int(run.base / run.size / 1.3) for run in before} & {int(run.base / run.size / 1.3) for run in after}
        if len(rows) > best and _even(before) and _even(after):
            gap = max(run.right for run in before)
            best, found = len(rows), (gap + min(run.left for run in after)) / 2
    return found


def _even(runs: Sequence[Run]) -> bool:
    widths = sorted(run.width for run in runs)
    return widths[len(widths) // 2] > 0.7 * widths[int(len(widths) * 0.9)]


def _straddles(run: Run, gutter: float) -> bool:
    return run.left + 1.5 * run.size < gutter < run.right - 1.5 * run.size


def _regions(runs: Sequence[Run], gutter: float | None) -> Iterator[list[Run]]:
    """Give a page's regions, or a column's: what goes across a gutter, and what is left and right of it."""
    across: list[Run] = []
    for band, wide in [(list(runs), True)] if gutter is None else _bands(runs, gutter):
        if wide or gutter is None:
            across += band
            continue
        if across:
            yield across
        band, across = _balanced(band, gutter)
        for half in ([run for run in band if run.middle < gutter], [run for run in band if run.middle >= gutter]):
            yield from _regions(half, _gutter(half))
    if across:
        yield across


def _bands(runs: Sequence[Run], gutter: float) -> Iterator[tuple[list[Run], bool]]:
    """Give what stands above each other, and whether it goes across the gutter, or is too short for columns.

    Rows of short pieces on both sides go across if they touch a line that does: authors under a title, a wide table.
    """
    rows = in_rows(runs)
    left = min((row[0].left for row in rows), default=0)

    def short(row: Sequence[Run]) -> bool:
        return all(run.width < 0.55 * (gutter - left) for run in row)

    def crossing(band: Sequence[list[Run]], ends: bool = False) -> int:
        count = ends + len(list(takewhile(short, band[ends:])))
        both = [row[0] for row in band[:count] if row[0].middle < gutter < row[-1].middle]
        alone = len(both) == 1 and both[0].left < left + both[0].size
        return count if both and not alone and 2 * len(both) >= count else 0

    groups = groupby(rows, key=lambda row: any(_straddles(run, gutter) for run in row))
    bands = [(list(group), wide) for wide, group in groups]
    for at, (band, wide) in enumerate(bands):
        wide = wide or all(map(short, band))
        begin = crossing(band, _ends(bands[at - 1][0][-1], band[0])) if at and not wide else 0
        end = len(band) - (crossing(band[begin:][::-1]) if at + 1 < len(bands) and not wide else 0)
        for some, across in ((band[:begin], True), (band[begin:end], wide), (band[end:], True)):
            found = list(chain.from_iterable(some))
            yield found, across or len(found) < 4 and all(run.middle < gutter for run in found)


def _ends(above: Sequence[Run], row: Sequence[Run]) -> bool:
    """Tell whether a row may be the last line of the paragraph above it, which goes across the gutter."""
    line, last = row[0], above[0]
    return len(row) == 1 and line.base - last.base < 1.6 * line.size and abs(line.left - last.left) < line.size


def _balanced(band: Sequence[Run], gutter: float) -> tuple[list[Run], list[Run]]:
    """Return what stands in columns, and what stands below them where both have ended at one height."""
    rows = in_rows(band)
    left = min((run.left for run in band), default=0)
    right = max((run.base for run in band if run.middle >= gutter), default=math.inf)
    for at, (one, other) in enumerate(pairwise(rows), 1):
        ended = one[0].base + 1 >= right > one[0].base - 1.6 * one[0].size
        if ended and (len(other) > 2 or other[0].base - one[0].base > 2 * other[0].size):
            below = list(chain.from_iterable(rows[at:]))
            full = sum(run.width > 0.8 * (gutter - left) for run in below)
            if full > 2 and all(run.right < gutter for run in below):
                break  # the left column goes on beside what is left of the right one
            return list(chain.from_iterable(rows[:at])), below
    return list(band), []
