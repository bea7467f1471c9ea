"""Reads Word files: mammoth makes HTML of them, and that is walked like a page.

In: a file's bytes. Out: an `Extracted` with the document's title, author and the date of its last change. What mammoth
would lose (`assistant.notes.formats.word`) is mended before. Comments, pictures and deleted words are left out.
"""

import io
from typing import Any
from zipfile import ZipFile

import mammoth

from assistant.errors import NoteError
from assistant.notes.formats import archive
from assistant.notes.formats.extracted import MOST, Extracted, Writer
from assistant.notes.formats.markup import write
from assistant.notes.formats.properties import telling
from assistant.notes.formats.seen import parsed, words_of
from assistant.notes.formats.word import LABEL, mended
from assistant.notes.formats.xml import local, of_part

_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='toc heading'] => !
p[style-name^='toc '] => !
p[style-name='table of figures'] => !
p[style-name='HTML Preformatted'] => pre:separator('\\n')
"""
_LONGEST_NAME = 40
"""Characters of a cell that may name a column."""


def extract(data: bytes) -> Extracted:
    """Return the text of a Word file; raise NoteError if the bytes are none."""
    with archive.opened(data) as parts:
        about = _about(parts)
        whole = mended(parts)
    try:
        html = mammoth.convert_to_html(
            io.BytesIO(whole),
            style_map=_STYLES,
            include_embedded_style_map=False,
            convert_image=lambda _: [],
        ).value
    except Exception as error:  # mammoth raises errors of every kind over a broken document
        reason = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}"
        raise NoteError(f"expected a Word file, found a damaged one ({reason}); save it again in Word") from error
    root = parsed(html)
    _mark_heads(root)
    _label(root)
    writer = Writer()
    write(root, writer, {link for link in root.iter("a") if _is_back(link)})
    missing = f"what follows the first {MOST:,} characters" if writer.full else ""
    return writer.extracted(_fields(about, root), missing)


def _about(parts: ZipFile) -> dict[str, str]:
    """Return what the file says of itself; nothing if that part is missing or broken."""
    try:
        return {local(found): (found.text or "").strip() for found in of_part(parts, "docProps/core.xml")}
    except NoteError:
        return {}


def _is_back(link: Any) -> bool:
    """Tell the arrow that leads from a note at the end to its place in the text."""
    return str(link.get("href", "")).startswith(("#footnote-ref-", "#endnote-ref-"))


def _label(root: Any) -> None:
    """Give items the numbers that Word shows; mammoth counts every list from 1."""
    for element in root.iter():
        if (element.text or "").startswith(LABEL):
            _, label, words = (*element.text.split(LABEL, 2), "")[:3]
            if element.tag == "li":
                element.set("data-label", label)
            element.text = words if element.tag == "li" else f"{label} {words}"


def _mark_heads(root: Any) -> None:
    """Mark the first row of a table as its head where it looks like one and no row is marked."""
    for table in root.iter("table"):
        first = table.find("tr")
        if first is None or table.find("thead") is not None or len(table) < 2:
            continue
        words = [words_of(cell) for cell in first]
        named = all(0 < len(cell) <= _LONGEST_NAME and any(map(str.isalpha, cell)) for cell in words)
        if len(words) > 1 and named and len(set(words)) == len(words):
            for cell in first:
                cell.tag = "th"


def _fields(about: dict[str, str], root: Any) -> dict[str, str]:
    heading = next((words for found in root.iter("h1") if (words := words_of(found))), "")
    return {
        "title": telling(about.get("title", "")) or heading,
        "author": about.get("creator", ""),
        "date": (about.get("modified") or about.get("created", ""))[:10],
    }
