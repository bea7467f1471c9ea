"""Finds the tables in rows of cells, as spreadsheets and CSV files have them: where each begins, and its header.

In: rows of words in order, each with its locator. Out: blocks in a Writer. It does not know what file they are from.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from assistant.notes.formats.extracted import Writer
from assistant.notes.formats.header import VALUE, YEAR, joined

MOST_ROWS = 50_000
"""Rows at most of what is read of one file."""
_HEAD_WITHIN = 5
"""Rows of a table in which its header is looked for."""


class Row(NamedTuple):
    """A row's cells in words, and where it stands."""

    locator: Mapping[str, Any]
    cells: Sequence[str]


def write(writer: Writer, rows: Iterable[Row]) -> None:
    """Write tables with their headers; empty rows stand between tables, and rows of one cell above one are paragraphs.

    For example, the rows "Costs", "Item | Price", "Tea | 3" are a paragraph, a header and a row.
    """
    for empty, table in groupby(rows, lambda row: not any(cell.strip() for cell in row.cells)):
        if not empty:
            _table(writer, [*table])


def missing() -> str:
    """Return what is said of a file that has more rows than are read."""
    return f"what follows its first {MOST_ROWS:,} rows"


def _table(writer: Writer, rows: list[Row]) -> None:
    while rows and _filled(rows[0]) == 1:
        _written(writer, rows.pop(0))
    head = _head(rows[: _HEAD_WITHIN + 1])
    if head is not None and len(rows) > head + 2:
        upper, lower, below = rows[head : head + 3]
        if both := joined(upper.cells, lower.cells, below.cells):
            rows[head : head + 2] = [Row(upper.locator, both)]
    used = {place for row in rows for place, cell in enumerate(row.cells) if cell.strip()}
    for place, row in enumerate(rows):
        _written(writer, _narrowed(row, used), head=place == head, cells=True)


def _written(writer: Writer, row: Row, head: bool = False, cells: bool = False) -> None:
    with writer.at(row.locator):
        if cells:
            writer.row(row.cells, head)
        else:
            writer.paragraph(" ".join(row.cells))


def _filled(row: Row) -> int:
    return sum(bool(cell.strip()) for cell in row.cells)


def _head(rows: Sequence[Row]) -> int | None:
    """Return which of a table's first rows names the columns: the first of two names or more, and no values."""
    for place, row in enumerate(rows[:-1]):
        cells = [cell.strip() for cell in row.cells if cell.strip()]
        names = [cell for cell in cells if not VALUE.fullmatch(cell)]
        known = len(names) + sum(bool(YEAR.fullmatch(cell)) for cell in cells)
        if names and known == len(cells) >= 2 <= _filled(rows[place + 1]):
            return place
    return None


def _narrowed(row: Row, used: Collection[int]) -> Row:
    """Return the row without the columns that are empty in the whole table, and without empty cells at its end."""
    cells = [cell for place, cell in enumerate(row.cells) if place in used]
    while cells and not cells[-1].strip():
        cells.pop()
    return Row(row.locator, cells)
