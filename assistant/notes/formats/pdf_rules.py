"""Reads the tables of a PDF whose cells are drawn with lines: what stands between the same lines is one cell.

In: a page's words and the lines drawn on it. Out: a `Run` with cells for each row of such a table, and the other words.
Tables without lines are told by where their words stand (`pdf_table`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from statistics import median
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

from assistant.notes.formats.header import joined
from assistant.notes.formats.pdf_hyphens import in_one
from assistant.notes.formats.pdf_runs import Run, in_rows, merged, side_by_side

_MOST = 5000
"""Lines of a page that are looked at; a drawing or a map may have any number."""
_MOST_WHOLE = 600
"""Lines of a page, level or upright, that tables are looked for in."""
_THIN = 3.0
"""Points: what is drawn thinner is a line, and lines that are not farther apart touch."""
_SHORT = 6.0
"""Points: a shorter line parts no cells."""
_COVERED = 0.6
"""The share of a table's height that a line between columns has at least; cells that are only shaded have less."""


class Rule(NamedTuple):
    """A line in points from the upper left corner: `at` this height, or place if upright, from `begin` to `end`."""

    at: float
    begin: float
    end: float


class _Cell(NamedTuple):
    top: int
    bottom: int
    left: int
    right: int


def rules(page: pypdfium2.PdfPage, placed: Callable[[tuple[float, ...]], tuple[float, ...]]) -> tuple[list[Rule], ...]:
    """Return the level and the upright lines of a page; `placed` gives a box its place from the upper left corner."""
    level: list[Rule] = []
    upright: list[Rule] = []
    for count, item in enumerate(page.get_objects(filter=(raw.FPDF_PAGEOBJ_PATH,), max_depth=1)):
        if count > _MOST:
            return [], []
        left, bottom, right, top = item.get_bounds()
        x0, y0, x1, y1 = placed((left, top, right, bottom))
        x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        if y1 - y0 < _THIN:
            level.append(Rule((y0 + y1) / 2, x0, x1))
        elif x1 - x0 < _THIN:
            upright.append(Rule((x0 + x1) / 2, y0, y1))
        elif raw.FPDFPath_CountSegments(item.raw) in (4, 5):  # a box: the background of a cell, or its frame
            level += [Rule(y0, x0, x1), Rule(y1, x0, x1)]
            upright += [Rule(x0, y0, y1), Rule(x1, y0, y1)]
    found = _whole(level), _whole(upright)
    return found if max(map(len, found)) <= _MOST_WHOLE else ([], [])


def _whole(found: Sequence[Rule]) -> list[Rule]:
    """Return lines put together of their pieces: the sides of cells, or dashes."""
    groups: list[list[Rule]] = []
    for rule in sorted(found):
        if groups and rule.at - groups[-1][0].at < _THIN:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    whole: list[Rule] = []
    for group in groups:
        at = median(rule.at for rule in group)
        pieces: list[Rule] = []
        for _, begin, end in sorted(group, key=lambda rule: rule.begin):
            if pieces and begin - pieces[-1].end < _THIN:
                pieces[-1] = Rule(at, pieces[-1].begin, max(end, pieces[-1].end))
            else:
                pieces.append(Rule(at, begin, end))
        whole += [piece for piece in pieces if piece.end - piece.begin >= _SHORT]
    return whole


def in_cells(words: Sequence[Run], level: Sequence[Rule], upright: Sequence[Rule]) -> tuple[list[Run], list[Run]]:
    """Return the rows of the tables that these lines draw, as runs with cells; and the words outside of tables."""
    rows: list[Run] = []
    rest = list(words)
    for own_level, own_upright in _tables(level, upright):
        found, rest = _of_table(rest, own_level, own_upright)
        rows += found
    return rows, rest


def _tables(level: Sequence[Rule], upright: Sequence[Rule]) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Yield the lines that cross or touch each other, of tables with two rows at least."""
    left = list(level)
    while left:
        own: tuple[list[Rule], list[Rule]] = [left.pop()], []
        more = True
        while more:
            across = [up for up in upright if up not in own[1] and any(_touch(flat, up) for flat in own[0])]
            own[1].extend(across)
            down = [flat for flat in left if any(_touch(flat, up) for up in across)]
            own[0].extend(down)
            left = [flat for flat in left if flat not in down]
            more = bool(across or down)
        if len(own[0]) > 2 and own[1]:
            yield own


def _touch(flat: Rule, up: Rule) -> bool:
    return flat.begin - _THIN <= up.at <= flat.end + _THIN and up.begin - _THIN <= flat.at <= up.end + _THIN


def _of_table(words: list[Run], level: Sequence[Rule], upright: Sequence[Rule]) -> tuple[list[Run], list[Run]]:
    """Return a table's rows and the words outside of it; no rows and all words if it is none."""
    tops = _merged(rule.at for rule in level)
    begin, end = min(rule.begin for rule in level), max(rule.end for rule in level)
    # a table may be open at its sides
    sides = [*upright, Rule(begin, tops[0], tops[-1]), Rule(end, tops[0], tops[-1])]
    lefts = _merged(rule.at for rule in sides)
    inner = [at for at in lefts[1:-1] if _share(at, upright, tops[-1] - tops[0]) < _COVERED]
    cells: dict[_Cell, list[Run]] = defaultdict(list)
    rest: list[Run] = []
    for word in words:
        cell = _cell(word, level, sides, tops, lefts)
        if cell is None:
            rest.append(word)
        else:
            cells[cell].append(word)
    rows = _rows(cells, len(lefts) - 1)
    filled = [sum(map(bool, row.cells)) for row in rows]
    if len(inner) > len(lefts[1:-1]) / 2 or sum(count > 1 for count in filled) < 2:
        return [], words
    return rows, rest


def _share(at: float, upright: Iterable[Rule], height: float) -> float:
    """Return the share of a table's height in which a line stands between two columns."""
    return sum(rule.end - rule.begin for rule in upright if abs(rule.at - at) < _THIN) / (height or 1)


def _merged(places: Iterable[float]) -> list[float]:
    """Return places in order, those that are nearly the same once."""
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] >= _THIN:
            found.append(place)
    return found


def _cell(
    word: Run, level: Sequence[Rule], sides: Sequence[Rule], tops: Sequence[float], lefts: Sequence[float]
) -> _Cell | None:
    """Return between which lines a word stands; None if it is outside of the table."""
    x, y = word.middle, word.base - 0.3 * word.size
    if not (lefts[0] <= x <= lefts[-1] and tops[0] <= y <= tops[-1]):
        return None
    beside = [rule.at for rule in sides if rule.begin - _THIN <= y <= rule.end + _THIN]
    around = [rule.at for rule in level if rule.begin - _THIN <= x <= rule.end + _THIN]
    left, right = (
        max((at for at in beside if at <= x), default=lefts[0]),
        min((at for at in beside if at > x), default=lefts[-1]),
    )
    top, bottom = (
        max((at for at in around if at <= y), default=tops[0]),
        min((at for at in around if at > y), default=tops[-1]),
    )
    return _Cell(_nearest(tops, top), _nearest(tops, bottom), _nearest(lefts, left), _nearest(lefts, right))


def _nearest(places: Sequence[float], place: float) -> int:
    return min(range(len(places)), key=lambda index: abs(places[index] - place))


def _rows(cells: dict[_Cell, list[Run]], width: int) -> list[Run]:
    """Return a table's rows: a cell over several stands in each, and columns without words are left out."""
    starts = sorted({cell.top for cell in cells})
    table = [[""] * width for _ in starts]
    own: list[list[Run]] = [[] for _ in starts]
    for cell, words in cells.items():
        lines = [merged(row) for row in in_rows(side_by_side(words))]
        text = in_one(lines)
        for row, start in enumerate(starts):
            if cell.top <= start < max(cell.bottom, cell.top + 1):
                place = min(cell.left, width - 1)
                table[row][place] = " ".join(filter(None, (table[row][place], text)))
        own[starts.index(cell.top)] += lines
    used = [place for place in range(width) if any(row[place] for row in table)]
    named = [[row[place] for place in used] for row in table]
    if len(named) > 2 and (names := joined(*named[:3])):
        named[:2], own[:2] = [names], [own[0] + own[1]]
    return [_row(words, runs) for words, runs in zip(named, own, strict=True)]


def _row(words: Sequence[str], runs: Sequence[Run]) -> Run:
    row = merged(sorted(runs, key=lambda run: (run.base, run.left)))
    base, size = min(run.base for run in runs), median(run.size for run in runs)
    return replace(row, text=f"| {' | '.join(words)} |", base=base, size=size, cells=tuple(words), pieces=len(words))
