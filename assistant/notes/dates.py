"""Finds the day that a note is of: its front matter's, or the one in the name of a daily note.

In: a note's front matter and its source. Out: a day as "2026-10-01", or nothing; then the file's own time counts.
"""

import os
import re
from collections.abc import Mapping
from datetime import date

_FIELDS = ("date", "created", "created_at", "published", "date created", "날짜", "작성일")
_DAY = re.compile(
    r"(?<!\d)(\d{4})\s*(?:[-./_년]\s*|(?=\d{4}(?!\d)))(\d{1,2})\s*(?:[-./_월]\s*|(?=\d{2}(?!\d)))(\d{1,2})(?!\d)"
)


def day_of(fields: Mapping[str, str | tuple[str, ...]], source: str) -> str:
    """Return the day as ISO 8601 has it; empty if neither the fields nor the file's name tell it."""
    said = {name.lower(): value for name, value in fields.items() if isinstance(value, str)}
    texts = [said[name] for name in _FIELDS if name in said]
    return next(filter(None, map(_first_day, [*texts, os.path.basename(source)])), "")


def _first_day(text: str) -> str:
    for year, month, day in _DAY.findall(text[:200]):
        try:
            found = date(int(year), int(month), int(day))
        except ValueError:
            continue
        if 1900 <= found.year <= 2100:
            return found.isoformat()
    return ""
