"""What Office files say of themselves: their title, author and date.

In: core properties, as python-pptx and openpyxl give them. Out: fields like front matter.
"""

import re
from datetime import datetime
from typing import Any

_KIND = "(?:presentation|프레젠테이션|document|문서|workbook|통합 문서)"
_SAYS_NOTHING = re.compile(
    rf"(?:microsoft )?(?:power ?point|excel|word)(?: {_KIND})?|{_KIND} ?\d*"
    r"|untitled.*|제목 ?없음.*|(?:slide|슬라이드|book|sheet) ?\d*|.*\.(?:pptx?|xlsx?|docx?|hwpx?|odt|rtf)",
    re.IGNORECASE,
)
"""Titles that programs write when nobody does."""


def fields(properties: Any) -> dict[str, str]:
    """Return the title, unless it says nothing, the author, and the date of the last change, as far as known."""
    changed = properties.modified or properties.created
    author = getattr(properties, "author", None) or getattr(properties, "creator", None)
    return {
        "title": telling(properties.title or ""),
        "author": author or "",
        "date": changed.date().isoformat() if isinstance(changed, datetime) else "",
    }


def telling(title: str) -> str:
    """Return a title; empty if a program wrote it, such as "제목 없음", or it is a number like "3"."""
    return "" if _SAYS_NOTHING.fullmatch(title.strip()) or len(title) < 4 and title.isdecimal() else title
