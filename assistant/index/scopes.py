"""Tells which notes are in a scope.

In: a scope, and an indexed note or the source of a file that was not read. Out: yes or no; the day of a note; the scope
in words.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache

from assistant.answer import Scope
from assistant.index.store import IndexedNote
from assistant.text.shown import inert


def fits(scope: Scope, note: IndexedNote) -> bool:
    """Tell whether a note, by any of its sources, is in a scope.

    A place or tag `a` includes `a/b`: a note in the folder, or a nested tag.
    """
    sources = [note.source, *note.copies]
    return (
        _within(scope.places, sources)
        and _within(tuple(tag.lstrip("#").casefold() for tag in scope.tags), [tag.casefold() for tag in note.tags])
        and (not scope.formats or ending(note.source) in [suffix.lstrip(".").lower() for suffix in scope.formats])
        and (not scope.since or scope.since <= day_of(note))
        and (not scope.until or day_of(note) <= scope.until)
    )


def empty(scope: Scope, notes: Iterable[IndexedNote]) -> bool:
    """Tell whether a scope was chosen that no note is in."""
    return bool(scope) and not any(fits(scope, note) for note in notes)


def said(scope: Scope) -> str:
    """Return what was chosen, in one line: "papers, #tea, pdf, 2026-10-01 – 2026-10-31"."""
    days = " – ".join((scope.since, scope.until)).strip() if scope.since or scope.until else ""
    named = (*scope.places, *(f"#{tag.removeprefix('#')}" for tag in scope.tags), *scope.formats, days)
    return ", ".join(filter(None, map(inert, named)))


def within(scope: Scope, source: str) -> bool:
    """Tell whether a file that was not read, of which only its source is known, may be in a scope."""
    formats = [suffix.lstrip(".").lower() for suffix in scope.formats]
    return _within(scope.places, [source]) and (not formats or ending(source) in formats)


def day_of(note: IndexedNote) -> str:
    """Return the day that a note says it is of, else the one of its file's last change; empty if neither is known."""
    if note.day or note.modified <= 0:
        return note.day
    return datetime.fromtimestamp(note.modified / 1e9, UTC).astimezone().date().isoformat()


def ending(source: str) -> str:
    """Return what follows the last full stop of a file's name, in small letters."""
    return source.rpartition(".")[2].lower()


def _within(wanted: tuple[str, ...], names: Iterable[str]) -> bool:
    places = places_of(wanted)
    return not wanted or "" in places or any(place in places for name in names for place in around(name))


@lru_cache(maxsize=64)
def places_of(wanted: tuple[str, ...]) -> frozenset[str]:
    """Return places as they are compared: composed letters, no slash at either end."""
    return frozenset(unicodedata.normalize("NFC", place).strip("/") for place in wanted)


def around(name: str) -> Iterator[str]:
    """Yield a name and the folders around it: "a/b", "a"."""
    place = unicodedata.normalize("NFC", name)
    while place:
        yield place
        place = place.rpartition("/")[0]
