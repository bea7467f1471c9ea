"""Reads the tables of HTML as rows of equal columns: a cell that spans several is repeated in each.

In: table elements of lxml, and how the words of a cell are read. Out: rows of text.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

_WIDEST = 1000
_LAYOUT = ("{*}table", "{*}pre", "{*}h1", "{*}h2", "{*}h3")


class Row(NamedTuple):
    """A row; it is `alone` if one cell spans all of several columns, as the title of a part of the table does."""

    cells: list[str]
    head: bool
    alone: bool


def is_data(table: Any) -> bool:
    """Tell a table of data from one that only places text on the page."""
    if table.get("role") in ("presentation", "none"):
        return False
    if any(element is not table for element in table.iter(*_LAYOUT)):
        return False
    lines = [sum(1 for _ in _cells(line)) for line in table.iter("{*}tr")]
    return len(lines) > 1 and max(lines) > 1


def rows(table: Any, read: Callable[[Any], str]) -> Iterator[Row]:
    """Yield the rows of a table of data; `read` returns a cell's words."""
    below: dict[int, tuple[int, str]] = {}
    for line in table.iter("{*}tr"):
        found = list(_cells(line))
        words = list(_carried(below, 0))
        for cell in found:
            text, wide, deep = read(cell), _span(cell, "colspan"), _span(cell, "rowspan")
            for _ in range(min(wide, _WIDEST - len(words))):
                if deep > 1:
                    below[len(words)] = deep - 1, text
                words.append(text)
            words += _carried(below, len(words))
        heads = bool(found) and all(str(cell.tag).endswith("th") for cell in found)
        alone = len(found) == 1 and 1 < len(words) == _span(found[0], "colspan")
        yield Row(words, heads or _in_head(line), alone)


def _cells(line: Any) -> Iterator[Any]:
    yield from line.iter("{*}td", "{*}th")


def _in_head(line: Any) -> bool:
    above = line.getparent()
    return above is not None and str(above.tag).endswith("thead")


def _carried(below: dict[int, tuple[int, str]], column: int) -> Iterator[str]:
    """Yield the words of cells that reach down from the rows above, from a column on without a gap."""
    while column in below:
        left, text = below.pop(column)
        if left > 1:
            below[column] = left - 1, text
        yield text
        column += 1


def _span(cell: Any, name: str) -> int:
    value = cell.get(name, "1").strip()
    return max(int(value), 1) if value.isdecimal() and len(value) < 6 else 1
