"""Reads a file's scanned pages one by one, within the seconds that it is given, and says what it could not read.

In: pictures of pages, and what was recognised of them before. Out: `Run`s, as of pages with text. What Tesseract reads
is `fresh` and kept by who asked, since it takes seconds a page.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from statistics import median_low
from typing import Any

from PIL import Image

from assistant.errors import NoteError
from assistant.notes.formats import recognise, tesseract
from assistant.notes.formats.pdf_runs import Run, rotated, side_by_side
from assistant.notes.formats.recognise import Page

_WAITING = f"hold words that {tesseract.WAITS}"
_ENGLISH = f"hold words that were {tesseract.KOREAN}"
_UNCLEAR = "hold letters too unclear to be read"
_SMALL, _LARGE = 0.72, 1.17
"""How small and large lines of the usual size may seem; smaller, since not every line has letters that stand out."""
_HANGUL = 1.1
"""How many times as high as Hangul the Latin letters of one size are, from top to bottom."""


class Scans:
    """The scanned pages of one file; without a program that reads any, those that were recognised before."""

    def __init__(
        self,
        known: Mapping[int, Page | str] | None = None,
        seconds: float = 0,
        languages: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """Begin with what is known of pages: what stands on them, or why that cannot be read."""
        self.fresh: dict[int, Page | str] = {}
        self._known, self._asked = known or {}, languages
        self._seconds, self._until = seconds, time.monotonic() + seconds

    @cached_property
    def _languages(self) -> Sequence[str]:
        return self._asked()

    def runs(
        self, number: int, points: tuple[float, float], drawn: Callable[[], Image.Image], unread: str
    ) -> tuple[list[Run], str]:
        """Return what a page holds, and why some of it cannot be read; `unread` is why, where no program reads it.

        `points` are width and height of the page as it is shown; `drawn` gives its picture.
        """
        page = self._known.get(number)
        if page is None or isinstance(page, Page) and not set(self._languages) <= set(page.languages):
            if not self._languages:
                return [], unread
            # one page at least, so that who asks again comes to an end
            if self._seconds <= 0 or self.fresh and time.monotonic() >= self._until:
                return [], _WAITING
            page = self.fresh[number] = self._read(drawn)
        if isinstance(page, str):
            return [], page
        why = _UNCLEAR if page.unclear else _ENGLISH if page.lines and "kor" not in page.languages else ""
        return side_by_side(_words(page, number, max(points) / max(page.width, page.height))), why

    def _read(self, drawn: Callable[[], Image.Image]) -> Page | str:
        try:
            return recognise.read(drawn(), self._languages)
        except NoteError as error:
            return f"hold words that cannot be read ({error})"


def pages_of(kept: Sequence[Sequence[Any]]) -> dict[int, Page | str]:
    """Return pages by their number, of what JSON makes of `Scans.fresh`."""
    return {number: page if isinstance(page, str) else Page.of(page) for number, page in kept}


def _words(page: Page, number: int, scale: float) -> list[Run]:
    """Return a page's words, each with its place in points."""
    found = []
    for line in page.lines:
        hangul = any("가" <= letter <= "힣" for word in line.words for letter in word.text)
        for word in line.words:
            down = line.at((word.left + word.right) / 2)
            box = word.left, line.top + down, word.right, line.bottom + down
            sides = page.width, page.height, page.width, page.height
            shares = tuple(side / whole for side, whole in zip(box, sides, strict=True))
            found.append(
                Run(
                    f"{word.text} ",
                    word.left * scale,
                    word.right * scale,
                    (line.base + down) * scale,
                    line.size * scale * (_HANGUL if hangul else 1),
                    heavy=0,
                    spaced=False,
                    page=number,
                    height=page.height * scale,
                    box=rotated(shares, page.turns),
                )
            )
    return found


def level(runs: Sequence[Run]) -> None:
    """Give lines that seem about as large as most the same size: what a scan tells of sizes is rough."""
    left = list(runs)
    while left:
        usual = median_low(run.size for run in left)
        for run in left:
            if _SMALL * usual < run.size < _LARGE * usual:
                run.size = usual
        left = [run for run in left if run.size != usual]
