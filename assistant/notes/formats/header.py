"""Joins a header of two rows, whose upper names span several columns: "2024" over "Sales" and "Profit".

In: the first rows of a table. Out: one name for each column, "2024 Sales".
"""

import re
from collections.abc import Sequence
from itertools import zip_longest

VALUE = re.compile(r"[^\w%]{0,3}\d[\d.,:/\s-]*+[%원명개점천만억조]{0,3}")
"""A number or a date: "₩1,200", "25%", "2024-03-01"."""

YEAR = re.compile(r"(?:19|20)\d\d")
"""May name a column, unlike other numbers."""


def joined(upper: Sequence[str], lower: Sequence[str], below: Sequence[str]) -> list[str] | None:
    """Return the columns' names if the two rows are one header; None if only the upper one is.

    They are one if the lower row has names under an upper one that spans them, and values stand `below` such a name.
    A span may be written as empty cells, or as the same name again.
    """
    columns: list[tuple[str, str, str]] = []
    label = ""
    for name, part, value in zip_longest(*(map(str.strip, row) for row in (upper, lower, below)), fillvalue=""):
        label = name or label
        columns.append((label, part, value))
    parts = [part for name, part, _ in columns if part and part != name]
    if len(parts) < 2 or any(VALUE.fullmatch(part) and not YEAR.fullmatch(part) for part in parts):
        return None
    names = [name for name, _, _ in columns]
    spans = any(one and one == other for one, other in zip(names, names[1:], strict=False))
    through = any(not name or part in ("", name) for name, part, _ in columns) or len(set(parts)) < len(parts)
    measured = any(part and VALUE.fullmatch(value) for _, part, value in columns)
    if not (spans and through and measured):
        return None
    return [f"{name} {part}".strip() if part != name else name for name, part, _ in columns]
