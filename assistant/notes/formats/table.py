"""CSV and TSV files: rows of cells, perhaps with a header.

In: bytes. Out: an `Extracted` whose rows say their number, counted from 1 as a spreadsheet would count them.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from assistant.errors import NoteError
from assistant.notes.encoding import decode
from assistant.notes.formats import sheets
from assistant.notes.formats.extracted import Extracted, Writer

_DELIMITERS = ",;\t|"
_SAMPLE = 50
"""Lines by which the delimiter is told."""
_LONGEST_CELL = 1_000_000
_LONGEST_SAMPLE = 10_000
"""Characters of a line by which the delimiter is told."""


def extract(data: bytes) -> Extracted:
    """Return the rows of a table; raise NoteError if the bytes are no text or there are no rows."""
    lines = decode(data).removeprefix("\ufeff").rstrip("\n").split("\n")
    rows = _rows(lines, _delimiter(lines))
    writer = Writer()
    sheets.write(writer, (sheets.Row({"row": n}, cells) for n, cells in islice(rows, sheets.MOST_ROWS)))
    found = writer.extracted(missing=sheets.missing() if next(rows, None) else "")
    if not found.blocks:
        raise NoteError("expected rows of a table, found an empty file; write rows into it, or remove it")
    return found


def _rows(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with their numbers; a quoted cell may have several lines."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter)
    try:
        yield from enumerate(reader, 1)
    except csv.Error as error:
        raise NoteError(f"its line {reader.line_num} cannot be read ({error}); save it as CSV once more") from error


def _delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter that parts the most rows into the same number of cells, more than one."""
    sample = [line[:_LONGEST_SAMPLE] for line in lines[:_SAMPLE]]

    def agreement(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(cells) for _, cells in _rows(sample, delimiter) if len(cells) > 1)
        return max(((count, width) for width, count in widths.items()), default=(0, 0))

    return max(_DELIMITERS, key=agreement)
