"""Finds the days that a question about the collection is about: "this week", "지난달", "in June", "2025년 12월".

In: a question's text and today's date. Out: the first and the last day, or nothing.
"""

import calendar
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

_LONGEST = 3
"""Words of a time: "5 January 2025"."""
_AFTER = re.compile(r"(?:에서|에는|에|의|부터|까지|동안|중에|중)?[?!.,]*$")
"""What Korean puts behind a time."""
_SPELLED = ((re.compile(r"이번(?=[주달해])"), "이번 "), (re.compile(r"(?:지난|저번)\s*(?=[주달해])"), "지난"))
"""How the library wants it."""
_MONTHS = "|".join(month for month in calendar.month_name[1:] if month != "May")
_SHORT = rf"(?:{'|'.join(calendar.month_abbr[1:])})\.?"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_TELLS = re.compile(
    r"\d\s*[년월./-]|어제|오늘|작년|올해|이번|지난"
    rf"|\b(?:today|yesterday|(?:this|last)\s(?:week|month|year)|{_MONTHS}|(?:in|of|from|since|during)\s(?:may|(?:19|20)\d\d)"
    rf"|{_SHORT}\s\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)?\s{_SHORT}(?=\s))\b",
    re.IGNORECASE,
)
"""Without one of these words the library takes numbers and short words for times."""


def period(text: str, today: date) -> tuple[date, date] | None:
    """Return the first and the last day that a text names; what it leaves open lies in the past."""
    from dateparser.date import DateDataParser

    settings = {"PREFER_DATES_FROM": "past", "RELATIVE_BASE": datetime.combine(today, time(12))}
    parser = DateDataParser(languages=["ko", "en"], settings=settings)
    # "April 23, 2021" is told from "on April 23," by its year
    for words in sorted(_windows(text), key=lambda words: not _YEAR.search(words)):
        found = parser.get_date_data(words)
        if found.date_obj:
            return _days(found.date_obj.date(), found.period)
    return None


def _windows(text: str) -> Iterator[str]:
    """Yield the runs of words of a text, longest first."""
    for pattern, spelled in _SPELLED:
        text = pattern.sub(spelled, text)
    words = text.split()
    for size in range(_LONGEST, 0, -1):
        for start in range(len(words) - size + 1):
            window = _AFTER.sub("", " ".join(words[start : start + size]))
            if _TELLS.search(window):
                yield window


def _days(day: date, unit: str) -> tuple[date, date]:
    if unit == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    if unit == "month":
        return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])
    if unit == "year":
        return date(day.year, 1, 1), date(day.year, 12, 31)
    return day, day
