"""Counts the numbers that Word shows before paragraphs and headings and does not write: "2.1", "가.", "제3조".

In: the roots of a Word file's numbering and styles, and its paragraphs in order. Out: a label for each.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from assistant.notes.formats.xml import local

_LETTERS = {
    "upperLetter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "lowerLetter": "abcdefghijklmnopqrstuvwxyz",
    "ganada": "가나다라마바사아자차카타파하",
    "chosung": "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ",
    "decimalEnclosedCircle": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
}
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_DEEPEST_STYLES = 20


class _Level(NamedTuple):
    format: str
    pattern: str
    start: int


class Numbers:
    """The numbering of one part of a Word file; it counts on with every paragraph that it is asked for."""

    def __init__(self, numbering: Iterable[Any], styles: Iterable[Any]) -> None:
        """Read how paragraphs are numbered; `styles` number those of their kind."""
        self._levels: dict[str, dict[int, _Level]] = {}
        self._kinds: dict[str, str] = {}
        self._starts: dict[str, dict[int, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._styles = {attribute(style, "styleId"): style for style in styles}
        for found in numbering:
            if local(found) == "abstractNum":
                self._levels[attribute(found, "abstractNumId")] = dict(_levels(found))
            elif local(found) == "num":
                number = attribute(found, "numId")
                self._kinds[number] = value(found.find("{*}abstractNumId"))
                self._starts[number] = {
                    _int(attribute(override, "ilvl")): _int(value(override.find("{*}startOverride")))
                    for override in found.iterfind("{*}lvlOverride")
                    if override.find("{*}startOverride") is not None
                }

    def label(self, paragraph: Any) -> str:
        """Return what Word shows before a paragraph; empty for bullets and where nothing is counted."""
        number, depth = self._place(paragraph)
        kind = self._kinds.get(number, "")
        level = self._levels.get(kind, {}).get(depth)
        if level is None:
            return ""
        counts = self._counts.setdefault(kind, {})
        for deep, start in self._starts.pop(number, {}).items():
            counts[deep] = start - 1
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [deep for deep in counts if deep > depth]:
            del counts[deeper]
        return (
            ""
            if level.format in ("bullet", "none")
            else re.sub("%([1-9])", lambda at: self._shown(kind, at), level.pattern)
        )

    def _shown(self, kind: str, at: re.Match[str]) -> str:
        depth = int(at[1]) - 1
        level = self._levels[kind].get(depth, _Level("decimal", "", 1))
        return _formatted(self._counts[kind].get(depth, level.start), level.format)

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """Return the list that a paragraph belongs to and its depth; it or one of its styles says them."""
        number, depth = "", ""
        properties = paragraph.find("{*}pPr")
        for _ in range(_DEEPEST_STYLES):
            if properties is None:
                break
            number = number or value(properties.find("{*}numPr/{*}numId"))
            depth = depth or value(properties.find("{*}numPr/{*}ilvl"))
            style = self._styles.get(
                value(properties.find("{*}pStyle")) or value(properties.getparent().find("{*}basedOn"))
            )
            if number or style is None:
                break
            properties = style.find("{*}pPr")
        return number, _int(depth)


def _levels(kind: Any) -> Iterable[tuple[int, _Level]]:
    for found in kind.iterfind("{*}lvl"):
        start = found.find("{*}start")
        yield (
            _int(attribute(found, "ilvl")),
            _Level(
                value(found.find("{*}numFmt")) or "decimal",
                value(found.find("{*}lvlText"))[:50],
                1 if start is None else _int(value(start)),
            ),
        )


def _formatted(number: int, kind: str) -> str:
    letters = _LETTERS.get(kind, "")
    if 0 < number <= len(letters):
        return letters[number - 1]
    if kind in ("upperRoman", "lowerRoman") and 0 < number < 40:
        roman, left = "", number
        for size, sign in _ROMAN:
            roman += sign * (left // size)
            left %= size
        return roman.upper() if kind == "upperRoman" else roman
    return str(number)


def value(element: Any) -> str:
    """Return an element's `w:val`; empty if there is none."""
    return "" if element is None else attribute(element, "val")


def attribute(element: Any, name: str) -> str:
    """Return an attribute, whatever its namespace."""
    return next((str(found) for key, found in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _int(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0
