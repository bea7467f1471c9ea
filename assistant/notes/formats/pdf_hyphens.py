"""Joins the words of a PDF that a line's end broke, with a hyphen or, in Korean, without.

In: paragraphs and the like. Out: the same, each word whole on the line where it begins.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from assistant.notes.formats.pdf_parts import Part
from assistant.notes.formats.pdf_runs import Run
from assistant.text.terms import kiwi

_BROKEN = re.compile(r"[^\W\d_]{2}[-\u2010]$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def unbreak(parts: Sequence[Part]) -> None:
    """Move the rest of each broken word up to where the word begins."""
    # words at the ends of lines may be halves of words
    whole = (line.text[line.text.find(" ") + 1 : line.text.rfind(" ")] for part in parts for line in part.lines)
    words = {word for text in whole for word in _WORD.findall(text.lower())}
    ends = [line for part in parts for line in part.lines[:-1] if "가" <= line.text[-1:] <= "힣"]
    spaced = 5 * sum(line.spaced for line in ends) > len(ends)
    for part in parts:
        broken = [not line.spaced for line in part.lines] if spaced else _broken(part.lines)
        for (line, following), inside in zip(pairwise(part.lines), broken, strict=False):
            rest, _, after = following.text.partition(" ")
            joined = _joined(line.text, rest, words, inside)
            if joined:
                line.text, following.text = joined, after


def in_one(lines: Sequence[Run]) -> str:
    """Return the words of a cell's lines; a word that its width broke is put together."""
    text = lines[0].text
    for (line, following), inside in zip(pairwise(lines), _broken(lines), strict=False):
        hyphened = _BROKEN.search(text) and following.text[:1].islower()
        korean = inside and not line.spaced and "가" <= following.text[:1] <= "힣"
        text = f"{text[:-1] if hyphened else text}{'' if hyphened or korean else ' '}{following.text}"
    return text


def _broken(lines: Sequence[Run]) -> list[bool]:
    """Tell for each line but the last whether its end is inside a Korean word, by what Kiwi finds likelier."""
    if not any("가" <= line.text[-1:] <= "힣" for line in lines[:-1]):
        return [False] * len(lines)
    _, apart = kiwi().glue([line.text for line in lines], return_space_insertions=True)
    return [not space for space in apart]


def _joined(text: str, rest: str, words: set[str], inside: bool) -> str:
    """Return a line with the rest of its last word; empty if its last word is whole."""
    head = text.rpartition(" ")[2]
    if not rest or not head:
        return ""
    if head[-1].isalnum() and "가" <= rest[0] <= "힣":
        return text + rest if inside else ""
    if head[-1] not in "-\xad\u2010" or not rest[0].isalpha() or len(head) < 2 or not head[-2].isalpha():
        return ""
    stem, tail = head[:-1].lower(), _WORD.match(rest.lower())
    begin, other = re.split(r"[\W\d_]", stem)[-1], tail[0] if tail else ""
    if head[-1] == "\xad" or begin + other in words:
        return text[:-1] + rest
    real = f"{stem}-{other}" in words or "-" in stem or rest[0].isupper()
    compound = len(begin) > 2 and len(other) > 3 and begin in words and other in words
    return text + rest if real or compound else text[:-1] + rest
