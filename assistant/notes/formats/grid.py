"""Writes tables of word processors, where some cells span several columns or rows.

In: rows of cells. Out: rows in a Writer, the first as their header.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from assistant.notes.formats.extracted import Writer

_WIDEST = 500
"""Columns; what a file says of a cell's span may be anything."""


class Cell(NamedTuple):
    """A cell's words, and how many columns and rows it spans, as a file says it."""

    words: str
    columns: str | int = 1
    rows: str | int = 1


def write(writer: Writer, table: Sequence[Sequence[Cell]]) -> None:
    """Write a table; its first row names the columns if it has two names or more and is not alone."""
    for place, words in enumerate(spread(table)):
        if writer.full:
            return
        writer.row(words, head=place == 0 and len(table) > 1 and sum(bool(word.strip()) for word in words) > 1)


def spread(table: Iterable[Sequence[Cell]]) -> Iterator[list[str]]:
    """Yield rows of words, one for each column; a cell's words stand in the first column and row that it spans.

    For example, a cell over two rows beside "a", and below it "b", become "cell", "a" and "", "b".
    """
    covered: dict[int, int] = {}
    for row in table:
        words: list[str] = []
        below: dict[int, int] = {}
        for cell in row:
            while covered.get(len(words), 0):
                words.append("")
            columns = min(_number(cell.columns), max(_WIDEST - len(words), 1))
            below |= dict.fromkeys(range(len(words), len(words) + columns), _number(cell.rows) - 1)
            words += [cell.words, *[""] * (columns - 1)]
        covered = {column: left - 1 for column, left in covered.items() if left > 1} | {
            column: left for column, left in below.items() if left
        }
        yield words


def _number(said: str | int) -> int:
    return max(int(said), 1) if str(said).isdecimal() else 1
