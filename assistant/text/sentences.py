"""Where the sentences of a Korean or English text begin and end.

In: strings. Out: spans. Works on composed and on decomposed Hangul, since spans must fit the text as it is.
"""

import re
from collections.abc import Iterator

from assistant.text.blocks import Span

_HEADING = re.compile(r"#{1,6}\s")
_LIST_MARK = re.compile(r"\s*(?:[-+–](?!\d)|\*(?!\S)|[•·▪‣]|\(?\d{1,3}[.)](?!\d)|[①-⑳]|→|>|#{1,6}\s|\|)")
# Two full stops that end no sentence: those of a Korean date, "2024. 3. 1.", and one before a closing bracket, as in
# "(Absolute, Relative, ... )".
_END = re.compile(
    r"(?<![.!?…。！？．｡])[.!?…。！？．｡]++[\"'”’)\]*_」』]*+(?=\s|$)(?!(?<=\d\.)\s\d{1,2}\.)(?!\s{0,50}[)\]）】」』”’])"
    r"|(?<=[가-힣ᄀ-ᇿ])[.!?](?=[A-Z가-힣ᄀ-ᇿ“])"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|et al|vs|cf|fig|eq|dr|mr|ms|mrs|prof|no|sec|approx|ref|ed|al|inc|st)|(?:^|\s)[A-Z]"
    r"|\b\d{4}\. \d{1,2}\. \d{1,2})\.$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\s*\(?\d{1,3}\.$")
_TAIL = 60
_TITLE_GOES_ON = re.compile(r'[^"\n]{0,300}+"[가-힣ᄀ-ᇿ]')
"""The rest of a quoted title with a Korean particle after it: the sentence goes on (… "3. 원본 XLM"이라는 …)."""
_WRAPPED = 60
"""Characters: a line at least this long without a full stop counts as hard-wrapped, its sentence goes on below."""


def sentences(text: str) -> list[Span]:
    """Return the `(start, end)` of each sentence, in order, without surrounding white space.

    Every character outside the spans is white space. A list item, table row or heading line ends at its line's end.
    """
    return [span for start, end in _lines(text) for span in _split_line(text, start, end)]


def _lines(text: str) -> Iterator[Span]:
    """Yield spans of lines, hard-wrapped ones joined."""
    begin = at = 0
    for line in text.splitlines(keepends=True):
        at += len(line)
        rest, body = text[at : at + 200], line.strip()
        goes_on = (
            len(body) >= _WRAPPED
            and not _END.search(body[-3:])
            and rest.split("\n", 1)[0].strip()
            and not _LIST_MARK.match(rest)
            and not _HEADING.match(body)
            and "|" not in body
        )
        if not goes_on:
            yield begin, at
            begin = at
    if begin < len(text):
        yield begin, len(text)


def _split_line(text: str, start: int, end: int) -> Iterator[Span]:
    begin, looked, quotes = start, start, 0
    for match in _END.finditer(text, start, end):
        quotes += text.count('"', looked, match.end())
        looked = match.end()
        # Of a long sentence only its last characters can be an abbreviation.
        last = text[max(begin, match.end() - _TAIL) : match.end()].rstrip("\"'”’)]")
        if _ABBREVIATION.search(last) or (match.end() - begin <= _TAIL and _NUMBERED.match(last)):
            continue
        if quotes % 2 and _TITLE_GOES_ON.match(text, match.end(), end):
            continue
        yield from _trimmed(text, begin, match.end())
        begin, quotes = match.end(), 0
    yield from _trimmed(text, begin, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    body = text[start:end]
    start += len(body) - len(body.lstrip())
    end -= len(body) - len(body.rstrip())
    if start < end:
        yield start, end
