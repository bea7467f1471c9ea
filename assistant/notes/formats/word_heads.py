"""Finds the headings of a Word file whose author made them by hand: short paragraphs that are larger or bold.

In: the body of a document without styles of headings. Out: its paragraphs with their levels.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from assistant.notes.formats.word_numbers import attribute, value
from assistant.notes.formats.xml import local

_LONGEST = 80
"""Characters of a heading."""
_ENDED = re.compile(r"[.!?。:;,]$|다$")
_LARGER = 1.1
_OFF = ("0", "false", "off")
_DEEPEST = 3
_UNSAID = 10.0
"""Points, as Word has it where nothing is said."""


def by_look(root: Any, styles: Iterable[Any]) -> dict[Any, int]:
    """Return the paragraphs that look like headings, with their levels from 1: the largest letters are the highest.

    Nothing where much of the text looks so. The styles say how large letters are of which nothing is said.
    """
    usual = _usual(styles)
    paragraphs = [one for one in root.iter("{*}p") if next(one.iterancestors("{*}tc", "{*}txbxContent"), None) is None]
    sizes: Counter[float] = Counter()
    for paragraph in paragraphs:
        for run in paragraph.iter("{*}r"):
            sizes[_size(run) or usual] += len(_words(run))
    body = sizes.most_common(1)[0][0] if sizes else usual
    found = {one: size for one in paragraphs if (size := _stands_out(one, body, usual))}
    if 3 * len(found) > sum(bool(_words(one).strip()) for one in paragraphs):
        return {}
    ranks = sorted(set(found.values()), reverse=True)
    return {one: min(ranks.index(size) + 1, _DEEPEST) for one, size in found.items()}


def _stands_out(paragraph: Any, body: float, usual: float) -> float:
    """Return the size of a paragraph's letters if it looks like a heading; 0 if not."""
    words = _words(paragraph).strip()
    if not 1 < len(words) <= _LONGEST or _ENDED.search(words) or not any(map(str.isalpha, words)):
        return 0.0
    if paragraph.find("{*}pPr/{*}numPr") is not None:
        return 0.0
    runs = [run for run in paragraph.iter("{*}r") if _words(run).strip()]
    size = min((_size(run) or usual for run in runs), default=0.0)
    bold = all(_is_bold(run) for run in runs)
    return size if size > _LARGER * body or bold and size >= body else 0.0


def _usual(styles: Iterable[Any]) -> float:
    """Return the size of letters in the document's normal style."""
    for style in styles:
        said = value(style.find("{*}rPrDefault/{*}rPr/{*}sz")) or value(style.find("{*}rPr/{*}sz"))
        normal = local(style) == "docDefaults" or attribute(style, "default") == "1"
        if normal and said.isdecimal() and local(style) in ("docDefaults", "style"):
            return int(said) / 2
    return _UNSAID


def _words(element: Any) -> str:
    return "".join(text.text or "" for text in element.iter("{*}t"))


def _size(run: Any) -> float:
    """Return the size of a run's letters in points; 0 if its style says it."""
    said = value(run.find("{*}rPr/{*}sz"))
    return int(said) / 2 if said.isdecimal() else 0.0


def _is_bold(run: Any) -> bool:
    bold = run.find("{*}rPr/{*}b")
    return bold is not None and value(bold) not in _OFF
