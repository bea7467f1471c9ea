"""Shows a note beside the conversation, with the quoted words marked.

In: the source of an indexed note, and the offsets of the quote. Out: HTML in which the note is plain text. Title and
address come from the index, so front matter is not parsed again. Only a part of a long note is shown.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from assistant.assistant import Assistant
from assistant.errors import NoteError
from assistant.index.links import resolved
from assistant.index.manifest import file_of
from assistant.index.store import IndexedNote
from assistant.notes import formats
from assistant.notes.files import Unread, contents, decode
from assistant.page.render import render
from assistant.text.blocks import Place, locator_of
from assistant.text.links import links

MOST = 100_000
"""Characters of a note that are shown at once."""
_LONGEST = 2000
"""Characters that are shown of an address, or of a quote that is no longer in the note."""
_HEADING = re.compile(r"(?m)^(#{1,6} .*)$")


class Part(NamedTuple):
    """The first and last character shown, counted from 1, and the number of characters of the note."""

    first: int
    last: int
    whole: int


def address_of(assistant: Assistant, source: str) -> str:
    """Return the web address that the index has for a note; empty if it has none."""
    return next((passage.url for passage in assistant.snapshot.of(source)), "")


def hint_html() -> str:
    """Return the hint that is shown while no note is open."""
    return render("hint")


def note_html(
    notes: Collection[IndexedNote],
    source: str,
    start: int,
    end: int,
    quote: str = "",
    url: str = "",
    heading: str = "",
) -> str:
    """Return the note with the text between the offsets marked, or the heading; only indexed notes can be opened.

    If the note has changed since, the quote is searched for; if it is gone, it is shown above the note. Links to other
    notes open them.
    """
    note = next((item for item in notes if item.source == source), None)
    read = _read(note) if note else None
    if note is None or read is None:
        named = source[:_LONGEST]
        return render("note", title=named, source="", url="", pieces=None, locator=None)
    text, places = read
    if quote and text[start:end] != quote:
        start = text.find(quote)
        end = start + len(quote)
    elif heading:
        start, end = _of_heading(text, heading)
    lost = bool(quote) and start < 0
    start, end = (0, 0) if lost else (max(start, 0), min(max(end, 0), len(text)))
    first, last = _window(len(text), start)
    cut = Part(first + 1, last, len(text)) if (first, last) != (0, len(text)) else None
    parts = list(pieces(text, first, last, start, end))
    header: dict[str, Any] = {"title": note.title, "source": source, "url": url[:_LONGEST], "pieces": parts}
    where = locator_of(places, start, max(end, start + 1))
    header |= {"locator": where, "language": note.language, "picture": picture_address}
    header["parted"] = _parted(text[first:last], source, notes)
    return render("note", **header, lost=quote[:_LONGEST] if lost else "", cut=cut)


def picture_address(source: str, page: int) -> str:
    """Return where the page of a PDF or a picture is drawn (`assistant.server.doors.api`)."""
    return f"api/page?{urlencode({'source': source, 'page': page}, errors='replace')}"


def _of_heading(text: str, heading: str) -> tuple[int, int]:
    """Return where a heading stands that a link names; the beginning if there is none.

    Letters and digits decide: of "# A: b" a wikilink says "A b", another link "a-b".
    """
    wanted = _letters(heading)
    return next((match.span() for match in _HEADING.finditer(text) if _letters(match[1]) == wanted), (0, 0))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _parted(shown: str, source: str, notes: Collection[IndexedNote]) -> Callable[[str], Iterator[tuple[str, str, str]]]:
    """Return what splits a piece of a note's text at its links: words, the source that they open if any, a heading."""
    sources = resolved({link.target for link in links(shown)}, source, notes)

    def parted(text: str) -> Iterator[tuple[str, str, str]]:
        at = 0
        for link in sorted(links(text)):
            if link.start >= at and link.target in sources:
                yield text[at : link.start], "", ""
                yield text[link.start : link.end], sources[link.target], link.heading
                at = link.end
        yield text[at:], "", ""

    return parted


def _read(note: IndexedNote) -> tuple[str, Sequence[Place]] | None:
    """Return a note's text, and what of it stands on which page, slide or row; front matter is not read."""
    data = contents(file_of(note))
    try:
        if isinstance(data, Unread):
            return None
        if formats.is_text(data, note.source):
            return decode(data), ()
        document = formats.read(data, note.source)
    except NoteError:
        return None
    return document.text, document.places


def _window(length: int, start: int) -> tuple[int, int]:
    """Return the span of a text that is shown: all of it, or `MOST` characters around `start`."""
    first = max(0, min(start - MOST // 2, length - MOST))
    return first, min(first + MOST, length)


def pieces(text: str, first: int, last: int, start: int, end: int) -> Iterator[tuple[str, str]]:
    """Split `text[first:last]` into pieces with their kind (text, heading or mark); other Markdown stays text."""
    start, end = min(start, last), min(end, last)
    marked = start < end
    for part in (text[first:start], text[end:last]) if marked else (text[first:last],):
        # `split` gives text and headings in turn.
        for place, piece in enumerate(_HEADING.split(part)):
            if piece:
                yield ("heading" if place % 2 else "text"), piece
        if marked:
            marked = False
            yield "mark", text[start:end]
