"""Reads books (EPUB 2 and 3): their chapters in reading order, without tables of contents.

In: a file's bytes. Out: an `Extracted` with the book's title, author, date and language.
"""

import zlib
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

from assistant.errors import NoteError
from assistant.notes.formats import archive
from assistant.notes.formats.charset import declared, decoded
from assistant.notes.formats.extracted import MOST, Extracted, Writer
from assistant.notes.formats.markup import write
from assistant.notes.formats.properties import telling
from assistant.notes.formats.seen import parsed, words_of
from assistant.notes.formats.xml import local, of_part

_CONTENTS = frozenset(("nav", "toc", "landmarks", "page-list", "loi", "lot"))


def extract(data: bytes) -> Extracted:
    """Return the text of a book.

    Raises:
        NoteError: the bytes are no book, or one that is protected against copying.

    """
    with archive.opened(data) as book:
        path = _package(book)
        package = of_part(book, path)
        chapters = list(dict.fromkeys(_chapters(package, dirname(path))))
        if not chapters:
            raise NoteError("expected a book with chapters, found none listed in it; convert it to EPUB once more")
        if not _encrypted(book).isdisjoint(chapters):
            raise NoteError("it is protected against copying and cannot be read")
        writer = Writer()
        lost = [chapter for chapter in chapters if not writer.full and not _chapter(book, chapter, writer)]
    if len(lost) == len(chapters):
        raise NoteError(f"expected {chapters[0]} in it, found none; take it from where it came from once more")
    missing = [f"{len(lost)} of {len(chapters)} chapters, which are damaged or not in the file"] if lost else []
    missing += [f"what follows the first {MOST:,} characters"] if writer.full else []
    return writer.extracted(_fields(package), "; ".join(missing))


def _package(book: ZipFile) -> str:
    """Return the path of the part that lists the chapters."""
    for found in of_part(book, "META-INF/container.xml").iter("{*}rootfile"):
        if path := found.get("full-path"):
            return normpath(str(path))
    raise NoteError("expected the place of the book's contents in META-INF/container.xml, found none; convert it again")


def _chapters(package: Any, folder: str) -> Iterator[str]:
    """Yield the paths of the chapters in reading order, without tables of contents."""
    contents = {
        _path(folder, found.get("href", ""))
        for found in package.iter("{*}reference")
        if found.get("type", "").lower() in _CONTENTS
    }
    items = {found.get("id"): found for found in package.iter("{*}item")}
    for found in package.iter("{*}itemref"):
        item = items.get(found.get("idref"))
        if item is None or "nav" in item.get("properties", "").split():
            continue
        kind = item.get("media-type", "")
        if ("html" in kind or "dtbook" in kind) and (path := _path(folder, item.get("href", ""))) not in contents:
            yield path


def _path(folder: str, href: str) -> str:
    return normpath(join(folder, unquote(href.partition("#")[0]))).lstrip("/")


def _encrypted(book: ZipFile) -> set[str]:
    """Return the paths of the parts that are encrypted; readers scramble fonts in this way too."""
    if "META-INF/encryption.xml" not in book.namelist():
        return set()
    return {
        _path("", found.get("URI", "")) for found in of_part(book, "META-INF/encryption.xml").iter("{*}CipherReference")
    }


def _chapter(book: ZipFile, path: str, writer: Writer) -> bool:
    """Write a chapter; return whether it could be read."""
    try:
        data = book.read(path)
    except (KeyError, BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return False
    root = parsed(decoded(data, declared(data)))
    body = next(root.iter("{*}body"), root)
    if not _is_contents(body):
        write(body, writer, set(body.iter("{*}nav")))
    return True


def _is_contents(body: Any) -> bool:
    """Tell a page that lists the chapters: nearly all of its words are links."""
    links = [words_of(link) for link in body.iter("{*}a") if link.get("href")]
    return len(links) >= 5 and sum(map(len, links)) >= 0.85 * len(words_of(body))


def _fields(package: Any) -> dict[str, str]:
    told: dict[str, str] = {}
    authors = []
    for found in package.iterfind("{*}metadata//{http://purl.org/dc/elements/1.1/}*"):
        words = found.text or ""
        if local(found) == "creator" and words.strip():
            authors.append(words.strip())
        told.setdefault(local(found), words)
    return {
        "title": telling(told.get("title", "")),
        "author": ", ".join(authors),
        "date": told.get("date", "").strip()[:10],
        "language": told.get("language", ""),
    }
