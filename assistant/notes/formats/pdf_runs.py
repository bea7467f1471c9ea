"""Reads what stands side by side on a page of a PDF: letters as words, words as runs, runs as rows.

In: a page of a PDF. Out: `Run`s in the order they were written, each with its place. It does not know columns.
"""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

PROSE = 15
"""Characters that a run has at least if it may be a line of a column, and not a cell of a table."""
_BOLD = re.compile(r"bold|black|heavy|[-_]bd|semibd|cmbx|lmb?bx|ptmb|sfbx|medi(?!um)|extrab", re.I)
_UNKNOWN = re.compile(r"[\ue000-\uf8ff\ufffd\x00-\x1f]")
_HYPHENS = frozenset((2, 0xFFFE))
"""What the library gives for a hyphen at a line's end; no space follows it."""
_SPACES = frozenset((0x20, 0xA0))
_WHITE = frozenset((*range(33), 0xA0, 0x3000, 0xFFFF)) - _HYPHENS


@dataclass(slots=True)
class Word:
    """Letters without a space, in the page's own coordinates.

    `unknown` counts letters that the PDF does not name; `after` is 2 for a written space, 1 for a seen one.
    """

    text: str
    box: tuple[float, ...]
    at: tuple[float, float]
    size: float
    turns: int
    bold: bool
    unknown: int
    after: int = 0


@dataclass(slots=True)
class Run:
    """Words that stand side by side: a line of a column, or a cell of a table.

    Coordinates are points from the upper left corner of the page as it is read; `box` is what the reader is told.
    `heavy` counts bold characters; `spaced` tells that a space was written after the last word; `pieces` is how many
    runs it was made of.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    heavy: int
    spaced: bool
    page: int
    height: float
    box: tuple[float, ...]
    cells: tuple[str, ...] = ()
    pieces: int = 1

    @property
    def bold(self) -> bool:
        """Whether it is bold but for a sign or two."""
        return self.heavy > 0.9 * len(self.text.replace(" ", ""))

    @property
    def middle(self) -> float:
        """Where its middle is, from the left."""
        return (self.left + self.right) / 2

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.right - self.left


def in_words(text: pypdfium2.PdfTextPage) -> list[Word]:
    """Return a page's words in the order they were written; a word ends where its line does."""
    unicode, handle = raw.FPDFText_GetUnicode, text.raw
    words: list[Word] = []
    letters: list[str] = []
    fonts: dict[int, bool] = {}
    count = raw.FPDFText_CountChars(handle)
    for index in range(count + 1):
        code = unicode(handle, index) if index < count else 13
        if code not in _WHITE:
            letters.append("-" if code in _HYPHENS else chr(code))
            if code not in _HYPHENS:
                continue
            index += 1
        if letters:
            words.append(_word(handle, "".join(letters), index - len(letters), fonts))
            letters = []
        if words and code in _SPACES:
            words[-1].after = max(words[-1].after, 1 if raw.FPDFText_IsGenerated(handle, index) else 2)
    if 4 * sum(word.after == 2 for word in words) > len(words):
        for one, other in pairwise(words):
            if one.after == 1 and _set_apart(one, other):
                one.after = 0
    return words


def _set_apart(one: Word, other: Word) -> bool:
    """Tell the gap that Word and LibreOffice put between a number or Latin letters and Hangul: "10월"."""
    return (
        _scripts(one.text, other.text) == 2 and other.box[0] - one.box[2] < 0.25 * one.size and one.at[1] == other.at[1]
    )


def _scripts(one: str, other: str) -> int:
    """Return 2 where Hangul and other letters or numbers meet."""
    return len({"가" <= letter <= "힣" for letter in (one[-1:], other[:1]) if letter.isalnum()})


def _word(handle: raw.FPDF_TEXTPAGE, text: str, first: int, fonts: dict[int, bool]) -> Word:
    size, turns = _size(handle, first)
    x, y, one, other = ctypes.c_double(), ctypes.c_double(), raw.FS_RECTF(), raw.FS_RECTF()
    raw.FPDFText_GetCharOrigin(handle, first, x, y)
    raw.FPDFText_GetLooseCharBox(handle, first, one)
    raw.FPDFText_GetLooseCharBox(handle, first + len(text) - 1, other)
    box = min(one.left, other.left), max(one.top, other.top), max(one.right, other.right), min(one.bottom, other.bottom)
    font = raw.FPDFTextObj_GetFont(raw.FPDFText_GetTextObject(handle, first))
    key = ctypes.cast(font, ctypes.c_void_p).value or 0
    if key not in fonts:
        name = ctypes.create_string_buffer(200)
        raw.FPDFFont_GetBaseFontName(font, name, 200)
        fonts[key] = bool(_BOLD.search(name.value.decode("utf-8", "replace")))
    unnamed = raw.FPDFText_HasUnicodeMapError(handle, first) == 1
    unknown = len(text) if unnamed else len(_UNKNOWN.findall(text))
    return Word(text, box, (x.value, y.value), size, turns, fonts[key], unknown)


def _size(handle: raw.FPDF_TEXTPAGE, index: int) -> tuple[float, int]:
    """Return a letter's size in points, and by how many quarters of a circle it is turned; -1 if it is slanted."""
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(handle, index, matrix)
    quarters = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
    turns = round(quarters) % 4 if abs(quarters - round(quarters)) < 0.05 else -1
    return raw.FPDFText_GetFontSize(handle, index) * math.hypot(matrix.c, matrix.d), turns


class Placed(NamedTuple):
    """A page's words, each as a run, and how a box in the page's own coordinates is placed among them, in points."""

    words: list[Run]
    place: Callable[[tuple[float, ...]], tuple[float, ...]]


def placed(words: Sequence[Word], page: pypdfium2.PdfPage, number: int) -> Placed:
    """Return words with their places; those turned otherwise than most, such as stamps, are left out."""
    turns = Counter(word.turns for word in words for _ in word.text).most_common(1)
    turn = turns[0][0] if turns else -1
    if turn < 0:
        return Placed([], lambda box: box)
    frame, shown = page.get_bbox(), page.get_rotation() // 90
    width, height = frame[2] - frame[0], frame[3] - frame[1]
    if turn % 2:
        width, height = height, width
    found: list[Run] = []
    for word in words:
        left, top, right, bottom = _turned(word.box, frame, turn)
        inside = -0.01 < min(left, top) and max(right, bottom) < 1.01
        if word.turns != turn or not inside or not 0.5 < word.size < 2000:
            continue
        base, size = _turned((*word.at, *word.at), frame, turn)[1], word.size / height
        # fonts may name no height, or far too much of it
        box = left, max(top, base - 1.1 * size), right, min(bottom, base + 0.35 * size)
        run = Run(
            word.text + " " * bool(word.after),
            left * width,
            right * width,
            base * height,
            word.size,
            heavy=len(word.text) * word.bold,
            spaced=word.after == 2,
            page=number,
            height=height,
            box=rotated(box, shown - turn),
        )
        found.append(run)

    def place(box: tuple[float, ...]) -> tuple[float, ...]:
        left, top, right, bottom = _turned(box, frame, turn)
        return left * width, top * height, right * width, bottom * height

    return Placed(found, place)


def side_by_side(words: Sequence[Run]) -> list[Run]:
    """Join words, in the order that they are read, which stand side by side."""
    lines: list[list[Run]] = []
    for word in words:
        if lines and _near(lines[-1][-1], word):
            lines[-1].append(word)
        else:
            lines.append([word])
    return [merged(line) for line in lines]


def _near(last: Run, run: Run) -> bool:
    size = max(run.size, last.size)
    return abs(run.base - last.base) < 0.45 * size and -0.5 * size < run.left - last.right < 0.9 * size


def _turned(box: tuple[float, ...], frame: tuple[float, ...], turns: int) -> tuple[float, ...]:
    """Return a box as shares of the page, from the upper left corner of the page as it is read."""
    left, bottom, right, top = frame
    width, height = (right - left) or 1, (top - bottom) or 1
    shares = (box[0] - left) / width, (top - box[1]) / height, (box[2] - left) / width, (top - box[3]) / height
    return rotated(shares, turns)


def rotated(box: tuple[float, ...], turns: int) -> tuple[float, ...]:
    """Return a box of shares on a page that is turned by so many quarters with the clock."""
    for _ in range(turns % 4):
        box = 1 - box[3], box[0], 1 - box[1], box[2]
    return box


def merged(runs: Sequence[Run]) -> Run:
    """Return runs of one line as one run, in the order given."""
    text = runs[0].text
    for one, other in pairwise(runs):
        between = 0.25 if _scripts(one.text, other.text) > 1 else 0.2
        wide = other.left - one.right > between * max(one.size, other.size)
        text += " " * (wide and not text.endswith(" ")) + other.text
    longest = max(runs, key=lambda run: len(run.text))
    lefts, tops, rights, bottoms = zip(*(run.box for run in runs), strict=True)
    return replace(
        longest,
        text=text.strip(),
        left=min(run.left for run in runs),
        right=max(run.right for run in runs),
        size=max((run.size for run in runs if len(run.text) > 1), default=longest.size),
        heavy=sum(run.heavy for run in runs),
        spaced=runs[-1].spaced,
        box=(min(lefts), min(tops), max(rights), max(bottoms)),
        pieces=len(runs),
    )


def in_rows(runs: Sequence[Run]) -> list[list[Run]]:
    """Return runs by the lines that they stand on, from top to bottom, and each line's from left to right."""
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: run.base):
        main = max(rows[-1], key=lambda run: len(run.text)) if rows else None
        if main and abs(run.base - main.base) < 0.4 * max(run.size, main.size):
            rows[-1].append(run)
        else:
            rows.append([run])
    return [sorted(row, key=lambda run: run.left) for row in rows]
