"""One whole note beside the conversation, at the words that an answer quotes.

In: a note of the index, by its name, and where the words are. Out: HTML in which every character of the note is text.
"""

import re
from collections.abc import Iterable
from html import escape

from assistant.errors import NoteError
from assistant.index.manifest import IndexedNote
from assistant.notes.files import Unread, contents, decode, front_matter
from assistant.page.words import both
from assistant.text.invisible import plain

_HEADING = re.compile(r"(?m)^#{1,6} .*$")


def hint_html() -> str:
    """Return what stands beside the conversation while no note is open."""
    return f'<section><p class="quiet">{both("hint")}</p></section>'


def note_html(notes: Iterable[IndexedNote], source: str, start: int, end: int, quote: str = "") -> str:
    """Return the note with the words between the offsets marked; only notes of the index can be opened.

    Where the note has changed since, the quote is looked for; if it is gone it is shown above the note.
    """
    note = next((item for item in notes if item.source == source), None)
    text = _read(note) if note else None
    if note is None or text is None:
        return _panel(plain(source), f"<p>{both('gone')}</p>", "")
    if quote and text[start:end] != quote:
        start = text.find(quote)
        end = start + len(quote)
    lost = quote and start < 0
    warning = f'<p class="fallback">{both("changed")}</p><blockquote>{_shown(quote)}</blockquote>' if lost else ""
    start, end = (0, 0) if lost else (max(start, 0), min(max(end, 0), len(text)))
    mark = f"<mark>{_shown(text[start:end])}</mark>" if start < end else ""
    whole = f"{_lines(text[:start])}{mark}{_lines(text[end:])}"
    body = f'{warning}<div class="whole" tabindex="0" role="group" aria-label="{_shown(source)}">{whole}</div>'
    return _panel(note.title, body, source, front_matter(text)[0].get("url"))


def _read(note: IndexedNote) -> str | None:
    data = contents(note.file)
    try:
        return None if isinstance(data, Unread) else decode(data)
    except NoteError:
        return None


def _panel(title: str, body: str, source: str, url: object = "") -> str:
    close = f'<button class="close" data-close="note">{both("close")}</button>'
    where = f'<p class="where"><code>{_shown(source)}</code> {_link(str(url or ""))}</p>'
    head = f'<header><h2 tabindex="-1">{_shown(title)}</h2>{close}</header>'
    return f'<section aria-label="{_shown(title)}">{head}{where}{body}</section>'


def _link(url: str) -> str:
    """Return a link if the address is a web page's; any other is shown as text, for it may run something."""
    shown = _shown(url)
    link = f'<a href="{shown}" target="_blank" rel="noopener noreferrer">{shown}</a>'
    return link if url.lower().startswith(("http://", "https://")) else shown


def _lines(text: str) -> str:
    """Return the text with its headings set apart; nothing else of Markdown is rendered."""
    return _HEADING.sub(lambda line: f"<strong>{line[0]}</strong>", _shown(text))


def _shown(text: str) -> str:
    return escape(plain(text))
