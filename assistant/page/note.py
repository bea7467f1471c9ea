"""Shows a note beside the conversation, with the quoted words marked.

In: the source of an indexed note, and the offsets of the quote. Out: HTML in which the note stands as its reader knows
it (`assistant.page.blocks`). Title and address come from the index. Only a part of a long note is shown.
"""

import re
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from assistant.assistant import Assistant
from assistant.errors import NoteError
from assistant.index.links import resolved
from assistant.index.manifest import file_of
from assistant.index.store import IndexedNote
from assistant.notes import formats
from assistant.notes.files import Unread, contents, decode
from assistant.notes.front_matter import front_matter
from assistant.page.blocks import Opens, blocks_html
from assistant.page.render import render
from assistant.text.blocks import Place, locator_of
from assistant.text.links import Link, links
from assistant.text.markdown import Markdown, parse

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
        return render("note", title=named, source="", url="", shown=None, locator=None)
    text, places, markdown = read.text, read.places, read.markdown
    moved = bool(quote) and text[start:end] != quote
    if moved:
        start = text.find(quote)
        end = start + len(quote)
    elif heading:
        start, end = _of_heading(text, heading)
    lost = bool(quote) and start < 0
    start, end = (0, 0) if lost else (max(start, 0), min(max(end, 0), len(text)))
    first, last = _window(len(text), start)
    cut = Part(first + 1, last, len(text)) if (first, last) != (0, len(text)) else None
    parsed = read.parsed(first, last)
    shown = blocks_html(
        text,
        parsed,
        (first, last),
        (start, end),
        _opens(text[first:last], source, notes),
        markdown,
        partial(beside_address, source),
    )
    header: dict[str, Any] = {"title": note.title, "source": source, "url": url[:_LONGEST], "shown": shown}
    front = _front(text[: read.body], start, end) if first < read.body > 1 else None  # a mark of the byte order is none
    header |= {"front": front, "place": f"{source} {start} {end}"}
    # What no reader of the note sees stands in the file all the same.
    header["written"] = text[first:last] if parsed.hidden else ""
    header |= {"locator": locator_of(places, start, max(end, start + 1)), "language": note.language}
    return render(
        "note",
        **header,
        picture=picture_address,
        lost=quote[:_LONGEST] if lost else "",
        moved=moved and not lost,
        cut=cut,
    )


def picture_address(source: str, page: int) -> str:
    """Return where the page of a PDF or a picture is drawn (`assistant.server.doors.api`)."""
    return f"api/page?{urlencode({'source': source, 'page': page}, errors='replace')}"


def beside_address(source: str, name: str) -> str:
    """Return where a picture is that a note shows (`assistant.server.doors.api`)."""
    return f"api/picture?{urlencode({'source': source, 'name': name}, errors='replace')}"


def _of_heading(text: str, heading: str) -> tuple[int, int]:
    """Return where a heading stands that a link names; the beginning if there is none.

    Letters and digits decide: of "# A: b" a wikilink says "A b", another link "a-b".
    """
    wanted = _letters(heading)
    return next((match.span() for match in _HEADING.finditer(text) if _letters(match[1]) == wanted), (0, 0))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _opens(shown: str, source: str, notes: Collection[IndexedNote]) -> Opens:
    """Return what gives a link of a note its button, if it leads to another note."""
    sources = resolved({link.target for link in links(shown)}, source, notes)

    def opens(link: Link) -> str:
        if link.target not in sources:
            return ""
        return render("link", words=link.words, source=sources[link.target], heading=link.heading)

    return opens


def _front(text: str, start: int, end: int) -> dict[str, str]:
    """Return the front matter in three parts, the middle one marked."""
    start, end = min(start, len(text)), min(end, len(text))
    return {"before": text[:start], "marked": text[start:end], "behind": text[end:].rstrip()}


class _Read(NamedTuple):
    """A note's text, what of it stands on which page, where its front matter ends, and what parses a part of it."""

    text: str
    places: Sequence[Place]
    markdown: bool
    body: int
    parsed: Callable[[int, int], Markdown]


def _read(note: IndexedNote) -> _Read | None:
    """Return a note; None if its file is gone or cannot be read any more."""
    data = contents(file_of(note))
    try:
        if isinstance(data, Unread):
            return None
        if formats.is_text(data, note.source):
            text, blocks = decode(data), formats.blocks_of(note.source)
            _, body = front_matter(text)
            # Of a long note only the part that is shown is parsed.
            return _Read(text, (), blocks is parse, body, lambda first, last: blocks(text[:last], max(first, body)))
        document = formats.read(data, note.source)
    except NoteError:
        return None
    whole = Markdown(document.blocks, document.hidden, document.whole)
    return _Read(document.text, document.places, False, 0, lambda first, last: whole)


def _window(length: int, start: int) -> tuple[int, int]:
    """Return the span of a text that is shown: all of it, or `MOST` characters around `start`."""
    first = max(0, min(start - MOST // 2, length - MOST))
    return first, min(first + MOST, length)
