"""Tells tables from the lines of a PDF: rows of several runs that stand in columns.

In: a region's runs. Out: its lines from top to bottom; those of a table have cells.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, zip_longest

from assistant.notes.formats.pdf_runs import Run, in_rows, merged

_MOST_ROWS = 500
_LABEL = re.compile(r"\W{1,3}|\W?\w{1,3}\W{1,2}")
"""What stands before an item or a line of a list: a bullet, "(a)", "12."."""
_NUMBER_OF_FORMULA = re.compile(r"\(\w{1,5}\)")


def lines(region: Sequence[Run]) -> list[Run]:
    """Return a region's lines from top to bottom."""
    rows = in_rows(region)
    found: list[Run] = []
    at = 0
    while at < len(rows):
        if any(run.cells for run in rows[at]):  # a row between drawn lines
            found += rows[at]
            at += 1
            continue
        end = _end(rows, at)
        table = _table(rows[at:end])
        found += table or [merged(rows[at])]
        at = end if table else at + 1
    return found


def _end(rows: Sequence[list[Run]], begin: int) -> int:
    """Return where rows of several cells end that begin here and stand close to each other."""
    end = min(begin + _MOST_ROWS, len(rows))
    for at in range(begin, end):
        run, above = rows[at][0], rows[max(begin, at - 6) : at]
        if any(cell.cells for cell in rows[at]):
            return at
        if above and run.base - above[-1][0].base > 3.2 * run.size:
            return at
        if len(rows[at]) == 1 and not (above and _wrapped(run, above)):
            return at
    return end


def _wrapped(run: Run, rows: Sequence[list[Run]]) -> bool:
    """Tell whether a run that stands alone is the rest of a cell above it."""
    if run.base - rows[-1][0].base > 1.7 * run.size:
        return False
    cells = [(cell, following) for row in rows for cell, following in zip_longest(row, row[1:])]
    return any(
        abs(cell.left - run.left) < 0.4 * run.size and run.right < (following.left if following else cell.right + 60)
        for cell, following in cells
    )


def _table(rows: Sequence[list[Run]]) -> list[Run]:
    """Return the rows with their cells; none if they are no table."""
    wide = sum(len(row) > 1 for row in rows)
    if wide < 2:
        return []
    columns: list[list[float]] = []
    for run in sorted((run for row in rows for run in row), key=lambda run: run.left):
        if columns and run.left < columns[-1][1] + 0.4 * run.size:
            columns[-1][1] = max(columns[-1][1], run.right)
        else:
            columns.append([run.left, run.right])
    if len(columns) < max(2, *map(len, rows)) or wide < 3 and not _plain(rows, len(columns)):
        return []
    gaps = [other[0].base - one[0].base for one, other in pairwise(rows)]
    # the lines of one cell stand closer to each other than rows do
    close = min(1.15 * min(gaps), 0.95 * max(gaps))
    joined: list[list[Run]] = []
    for row, gap in zip(rows, [math.inf, *gaps], strict=True):
        if len(row) < len(columns) and gap < close:
            joined[-1] += row
        else:
            joined.append(list(row))
    table = [_celled(row, columns) for row in joined]
    first, last = ([cell for line in table if (cell := line.cells[side])] for side in (0, -1))
    labels = all(map(_LABEL.fullmatch, first)) and not all(map(str.isdecimal, first))
    return [] if labels or all(map(_NUMBER_OF_FORMULA.fullmatch, last)) else table


def _plain(rows: Sequence[Sequence[Run]], columns: int) -> bool:
    """Tell a table of two rows from words that happen to stand so: it has several columns, and a full first row."""
    return columns > 3 and len(rows[0]) == columns and sum(len(row) > 2 for row in rows) > 1


def _celled(row: Sequence[Run], columns: Sequence[Sequence[float]]) -> Run:
    cells = [" ".join(run.text for run in row if left <= run.left <= right) for left, right in columns]
    return replace(merged(row), text=f"| {' | '.join(cells)} |", cells=tuple(cells))
