"""Finds the day that a note is of: its front matter's, or the one in the name of a daily note.

In: a note's front matter and its source. Out: a day as "2026-10-01", or nothing; then the file's own time counts.
"""

import calendar
import os
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

_FIELDS = (
    *("date", "created", "createdat", "createdtime", "datecreated", "createddate", "creationdate", "published"),
    *("날짜", "작성일", "작성일시", "생성일", "생성일시", "일시", "일자", "만든날짜"),
)
"""Names of fields in small letters, without what stands between their words."""
_DAY = re.compile(
    r"(?<!\d)(\d{4})"
    r"(?:([-/_.])(\d{1,2})\2(\d{1,2})|\s*[년.]\s*(\d{1,2})\s*[월.]\s*(\d{1,2})| (\d\d) (\d\d)|(\d\d)(\d\d))(?!\d)"
)
_MONTH = f"(?:{'|'.join(calendar.month_abbr[1:])})[a-z]*"
_SPOKEN = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?[ ,]+(?:of )?{_MONTH}\.?|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?),? \d{{4}}\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LONGEST = 60
"""Characters of a text that is a day as a whole."""


def day_of(fields: Mapping[str, str | tuple[str, ...]], source: str) -> str:
    """Return the day as ISO 8601 has it; empty if neither the fields nor the file's name tell it."""
    said = {
        "".join(filter(str.isalnum, name.lower())): value for name, value in fields.items() if isinstance(value, str)
    }
    texts = [said[name].strip("[] ") for name in _FIELDS if name in said]
    stem = os.path.splitext(os.path.basename(source))[0]
    return next(filter(None, (_first_day(text) or _as_a_whole(text) or _spoken(text) for text in (*texts, stem))), "")


def _first_day(text: str) -> str:
    """Return the first day that is written from the year to the day."""
    for found in _DAY.finditer(text[:200]):
        numbers = [int(part) for part in found.groups() if part and part.isdecimal()]
        if day := _plausible(*numbers):
            return day
    return ""


def _as_a_whole(text: str) -> str:
    """Return the day that a text is, such as "Jan 5th, 2024"; empty if "10/11/2024" may be in October or November."""
    if len(text) > _LONGEST or not _YEAR.search(text):
        return ""
    days = {parser.get_date_data(text).date_obj for parser in _parsers()}
    found = {day and _plausible(day.year, day.month, day.day) for day in days}
    return found.pop() or "" if len(found) == 1 else ""


def _spoken(text: str) -> str:
    """Return the first day with a month's name in a text: "Entry of 28th Jan, 2025"."""
    found = _SPOKEN.search(text[:200])
    return _as_a_whole(found[0]) if found else ""


@cache
def _parsers() -> tuple[Any, ...]:
    """Return readers of whole dates; one takes the first of two numbers for the day, the other for the month."""
    from dateparser.date import DateDataParser

    whole = {"REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"]}
    orders = ({"DATE_ORDER": order, "PREFER_LOCALE_DATE_ORDER": False} for order in ("DMY", "MDY"))
    return tuple(DateDataParser(languages=["en", "ko"], settings=whole | order) for order in orders)


def _plausible(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat() if 1900 <= year <= 2100 else ""
    except ValueError:
        return ""
