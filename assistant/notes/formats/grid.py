"""Writes tables of word processors, where some cells span several columns or rows.

In: rows of cells. Out: rows in a Writer, the first as their header.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from assistant.notes.formats.extracted import Writer
from assistant.notes.formats.header import joined

_WIDEST = 500
"""Columns; what a file says of a cell's span may be anything."""


class Cell(NamedTuple):
    """A cell's words, and how many columns and rows it spans, as a file says it."""

    words: str
    columns: str | int = 1
    rows: str | int = 1


def write(writer: Writer, table: Sequence[Sequence[Cell]]) -> None:
    """Write a table; its first row names the columns if it has two names or more and is not alone, or its first two."""
    spans = sum(min(_number(cell.columns), _WIDEST) - 1 for row in table for cell in row)
    if spans > sum(map(len, table)):
        # a form: its columns are there only to place its fields
        table = [[cell._replace(columns=1) for cell in row] for row in table]
    rows = spread(table)
    first = [*islice(rows, 3)]
    names = joined(*first) if len(first) == 3 else None
    for place, words in enumerate(chain([names, first[2]] if names else first, rows)):
        if writer.full:
            return
        writer.row(words, head=place == 0 and len(table) > 1 and sum(bool(word.strip()) for word in words) > 1)


def spread(table: Iterable[Sequence[Cell]]) -> Iterator[list[str]]:
    """Yield rows of words, one for each column; a cell's words stand in the first column that it spans, in each row.

    For example, a cell over two rows beside "a", and below it "b", become "cell", "a" and "cell", "b".
    """
    covered: dict[int, tuple[int, str]] = {}
    for row in table:
        words: list[str] = []
        below: dict[int, tuple[int, str]] = {}
        for cell in row:
            while len(words) in covered:
                words.append(covered[len(words)][1])
            columns = min(_number(cell.columns), max(_WIDEST - len(words), 1))
            spelled = [cell.words, *[""] * (columns - 1)]
            if rows := _number(cell.rows) - 1:
                below |= {len(words) + place: (rows, word) for place, word in enumerate(spelled)}
            words += spelled
        while len(words) in covered:
            words.append(covered[len(words)][1])
        covered = {column: (left - 1, word) for column, (left, word) in covered.items() if left > 1} | below
        yield words


def _number(said: str | int) -> int:
    return max(int(said), 1) if str(said).isdecimal() else 1
