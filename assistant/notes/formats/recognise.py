"""Recognises the words in a picture with Tesseract, which runs as a process of its own for each language.

In: a picture. Out: a `Page` of lines with their words, and how sure the program is of each. Of the two readings the
surer is taken: told to read both languages at once, the program takes Hangul for Latin letters.
"""

import os
import re
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from PIL import Image

from assistant.errors import NoteError
from assistant.notes.formats import tesseract, xml
from assistant.notes.formats.columns import pieces

PATIENCE = 60.0
"""Seconds that the program may take for a page; one that is full of words takes 1 to 3."""
_SURE, _AMONG_SURE = 70, 50
"""Out of 100: text is read surer than this, on noisy pages, too, and what is none, less; a line among others of text
may be less sure."""
_CERTAIN = 90
"""How sure a single word must be to take the place of one that was read in the other language."""
_LIKED = 24
"""Pixels from the top to the bottom of a line: so high letters are read best."""
_FIRST, _MOST = 1800, 5000
"""Pixels of the longer side, at first, and at most: A4 at 150 dots an inch has 1,754."""
_LATIN, _HANGUL = re.compile("[A-Za-z0-9]"), re.compile("[가-힣]")


class Word(NamedTuple):
    """A word from `left` to `right`, and how `sure` it is (0 to 100)."""

    text: str
    sure: float
    left: float
    right: float


class Line(NamedTuple):
    """A line of words in pixels: it begins at `left` with its feet at `base`, and falls by `slope` for each pixel."""

    left: float
    top: float
    base: float
    bottom: float
    slope: float
    size: float
    words: Sequence[Word]

    @property
    def sure(self) -> float:
        """How sure all of its letters are, from 0 to 100."""
        return _sure(self.words)

    def at(self, x: float) -> float:
        """Return how much lower the line is at `x` than where it begins."""
        return self.slope * (x - self.left)

    def middle(self, x: float) -> float:
        """Return how far down its middle is at `x`."""
        return (self.top + self.bottom) / 2 + self.at(x)


class Page(NamedTuple):
    """What was read in a picture of this size, once it was turned by `turns` quarters against the clock.

    `languages` are those that it was read in. `unclear` tells that most of its letters could not be read.
    """

    languages: Sequence[str]
    turns: int
    width: int
    height: int
    lines: Sequence[Line]
    unclear: bool = False

    @classmethod
    def of(cls, kept: Sequence[Any]) -> "Page":
        """Return a page of what JSON makes of one."""
        page = cls(*kept)
        return page._replace(lines=[Line(*line[:-1], [Word(*word) for word in line[-1]]) for line in page.lines])


def read(image: Image.Image, languages: Sequence[str]) -> Page:
    """Return the words of a picture, which may lie on its side or its head.

    Raises:
        NoteError: the program failed, or took too long.

    """
    image, until = image.convert("L"), time.monotonic() + PATIENCE
    page = _at_best_size(image, 0, languages, until)
    if not _clear(page.lines) and (turns := _turns(image, until)):
        turned = _at_best_size(image.rotate(90 * turns, expand=True), turns, languages, until)
        page = max(page, turned, key=lambda page: len(_clear(page.lines)))
    lines = _clear(page.lines)
    return page._replace(lines=lines, unclear=2 * _letters(lines) < _letters(page.lines))


def _clear(lines: Sequence[Line]) -> list[Line]:
    """Return the lines that are text, and not what the program sees in a photograph."""
    sure = _sure([word for line in lines for word in line.words]) >= _SURE
    return [line for line in lines if line.sure >= (_AMONG_SURE if sure else _SURE) and _letters([line])]


def _letters(lines: Iterable[Line]) -> int:
    return sum(letter.isalnum() for line in lines for word in line.words for letter in word.text)


def _sure(words: Sequence[Word]) -> float:
    return sum(word.sure * len(word.text) for word in words) / max(sum(len(word.text) for word in words), 1)


def _at_best_size(image: Image.Image, turns: int, languages: Sequence[str], until: float) -> Page:
    """Read a picture, and once more in another size if its letters turn out much smaller or larger than is liked."""
    first = min(1, _FIRST / max(image.size))
    shown = _scaled(image, first)
    lines = _lines(shown, languages, until)
    liked = _LIKED / median(line.size for line in lines) if lines else 1
    if not 0.75 < liked < 1.5:
        other = _scaled(image, min(first * liked, _MOST / max(image.size)))
        again = _lines(other, languages, until)
        if _letters(_clear(again)) > _letters(_clear(lines)):
            shown, lines = other, again
    return Page(languages, turns, shown.width, shown.height, lines)


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    size = [max(round(side * scale), 1) for side in image.size]
    return image.resize((size[0], size[1]), Image.Resampling.LANCZOS) if scale != 1 else image


def _lines(image: Image.Image, languages: Sequence[str], until: float) -> list[Line]:
    found = []
    for box in pieces(image):
        here = _lines_of_column(image.crop(box), languages, until)
        found += [_moved(line, *box[:2]) for line in here]
    return found


def _moved(line: Line, across: int, down: int) -> Line:
    words = [word._replace(left=word.left + across, right=word.right + across) for word in line.words]
    top, base, bottom = line.top + down, line.base + down, line.bottom + down
    return line._replace(left=line.left + across, top=top, base=base, bottom=bottom, words=words)


def _lines_of_column(image: Image.Image, languages: Sequence[str], until: float) -> list[Line]:
    with ThreadPoolExecutor() as both:
        readings = list(both.map(partial(_lines_in, image, until), languages))
    return readings[0] if len(readings) < 2 else [_surer(line, readings[1]) for line in readings[0]]


def _lines_in(image: Image.Image, until: float, language: str) -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        image.save(picture := os.path.join(folder, "page.pgm"), "PPM")
        # 4: lines of any size, one below the other; what it finds by itself loses lines of Hangul
        how = ("-l", language, "--psm", "4", "--dpi", "150", "txt", "hocr")
        tesseract.run(until, picture, os.path.join(folder, "page"), *how)
        written = Path(folder, "page.hocr").read_bytes()
        return _spaced(_described(written), Path(folder, "page.txt").read_text(encoding="utf-8"))


def _turns(image: Image.Image, until: float) -> int:
    """Return by how many quarters against the clock a picture has to be turned to stand upright."""
    with tempfile.TemporaryDirectory() as folder:
        _scaled(image, min(1, _FIRST / max(image.size))).save(picture := os.path.join(folder, "page.pgm"), "PPM")
        try:
            found = re.search(r"Rotate: (\d+)", tesseract.run(until, picture, "stdout", "--psm", "0", "-l", "osd"))
        except NoteError:  # it finds too few letters to tell, or was installed without what it tells that by
            return 0
    return -int(found[1]) // 90 % 4 if found else 0


def _described(hocr: bytes) -> list[Line]:
    """Return the lines of what the program writes in hOCR: HTML whose titles tell boxes, baselines and sureness."""
    found = []
    for element in xml.parsed(hocr, "hOCR").iter("{*}span"):
        title = element.get("title", "")
        if "baseline" not in title:
            continue
        left, top, right, bottom = _numbers("bbox", title)
        slope, rise = _numbers("baseline", title)
        words = [
            Word(text, _numbers("x_wconf", word.get("title"))[0], box[0], box[2])
            for word in element.iter("{*}span")
            if word is not element and (text := "".join(word.itertext()).strip())
            for box in (_numbers("bbox", word.get("title")),)
        ]
        # a box holds all of a line that rises or falls
        tilt = slope * (right - left)
        low, high = bottom - max(tilt, 0), top - min(tilt, 0)
        size = low - high
        if words and size > 0:
            found.append(Line(left, high, bottom + rise, low, slope, size, words))
    return found


def _numbers(name: str, title: str) -> list[float]:
    found = re.search(rf"{name}((?: -?[\d.]+)+)", title)
    return [float(number) for number in found[1].split()] if found else [0.0] * 4


def _spaced(lines: Sequence[Line], text: str) -> list[Line]:
    """Return the lines with words as the text has them: Korean ones are described in pieces."""
    at, found = 0, []
    for line in lines:
        words: list[Word] = []
        apart = True
        for word in line.words:
            begin = text.find(word.text, at)
            at = max(begin + len(word.text), at)
            if words and word.left < words[-1].right:  # boxes of Hangul are rough
                border = max((words[-1].right + word.left) / 2, words[-1].left)
                words[-1], word = words[-1]._replace(right=border), word._replace(left=border)
            if words and not apart:
                word = _joined([words.pop(), word])
            words.append(word)
            apart = begin < 0 or not text[at : at + 1].strip()
        found.append(line._replace(words=words))
    return found


def _joined(words: Sequence[Word]) -> Word:
    text = "".join(word.text for word in words)
    return Word(text, _sure(words), min(word.left for word in words), max(word.right for word in words))


def _surer(line: Line, others: Sequence[Line]) -> Line:
    """Return a line as it was read in Korean or in English, whichever is surer; and so each of its words."""
    left, right = line.words[0].left, max(word.right for word in line.words)
    english = [
        word
        for other in others
        for word in other.words
        for x in ((word.left + word.right) / 2,)
        if left <= x <= right and abs(other.middle(x) - line.middle(x)) < line.size / 2
    ]
    one, two, script = line.words, sorted(english, key=lambda word: word.left), _LATIN
    if _sure(two) > _sure(one):
        one, two, script = two, one, _HANGUL
    words = list(one)
    for word in two:
        under = [other for other in words if other.left < word.right and word.left < other.right]
        # Hangul is taken for letters, hardly ever for numbers
        least = _CERTAIN if any(map(str.isalpha, word.text)) else _SURE
        if under and script.search(word.text) and word.sure > max(least, *(other.sure for other in under)):
            at = words.index(under[0])
            words[at : at + len(under)] = [word]
    return line._replace(words=words)
