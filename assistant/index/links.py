"""Tells which note a link names, as Obsidian does: by path, by file name, by title or by another name of the note.

In: what links of one note name, that note's source, and the notes of the index. Out: a source for each that is known.
Of several notes the one whose folder is nearest to the link's is meant.
"""

import os
import posixpath
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping

from assistant.index.store import IndexedNote
from assistant.notes.describe import named

_Rank = tuple[int, int, int, str]


def resolved(targets: Collection[str], source: str, notes: Iterable[IndexedNote]) -> Mapping[str, str]:
    """Return the source of the note that each target names; an empty one names the link's own note.

    Targets that name none are left out.
    """
    wanted: dict[str, list[tuple[str, str]]] = {}
    for target in filter(None, targets):
        path = _alike(target.removeprefix("/"))
        wanted.setdefault(posixpath.basename(path), []).append((target, path))
        wanted.setdefault(path, []).append((target, path))
    best: dict[str, tuple[_Rank, str]] = {}
    for note in notes if wanted else ():
        for kind, name, place in _names(note):
            for target, path in wanted.get(name, ()):
                if not (_leads_to(path, _alike(source), place) if place else name == path):
                    continue
                rank = (kind, _steps(source, note.source), note.source.count("/"), note.source)
                best[target] = min(best.get(target, (rank, note.source)), (rank, note.source))
    own = {"": source} if "" in targets else {}
    return own | {target: found for target, (_, found) in best.items()}


def _names(note: IndexedNote) -> Iterator[tuple[int, str, str]]:
    """Yield a note's names: how well each counts (0 is best), the name, and the path that it is the last part of."""
    for source in (note.source, *note.copies):
        path = _alike(source)
        bare = os.path.splitext(path)[0]
        for place in (path, bare):
            yield 0, posixpath.basename(place), place
        yield 1, _alike(named(source)), ""
    yield 2, _alike(note.title), ""
    for alias in note.aliases:
        yield 3, _alike(alias), ""


def _leads_to(target: str, source: str, place: str) -> bool:
    """Tell whether a path names a place: from the link's folder, or as the end of the place's own path."""
    here = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
    return place == here or place == target or place.endswith(f"/{target}")


def _steps(source: str, other: str) -> int:
    """Return the number of folders that have to be left and entered on the way from one note to another."""
    here, there = (posixpath.dirname(path).split("/") for path in (source, other))
    common = len(os.path.commonprefix([here, there]))
    return len(here) + len(there) - 2 * common


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name.strip()).casefold())
