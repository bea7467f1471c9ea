"""Compares the files on disk with the index: which notes are new or changed, unchanged, or cannot be read.

In: paths, and what the index knows of files. Out: a `Survey`. A note whose size and times are unchanged is not opened;
one whose bytes are unchanged is not parsed again.
"""

import hashlib
import logging
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant.index.ingest import Ingested, ingest
from assistant.index.manifest import file_of
from assistant.index.store import IndexedNote, UnreadNote
from assistant.notes.files import NoteFile, Unread, contents, find_notes, parsed
from assistant.notes.formats.tesseract import may_help

logger = logging.getLogger(__name__)
RACY = 2_000_000_000
"""Nanoseconds: a second change this soon after the first may leave a file's times as they are."""

SCANNING = 60.0
"""Seconds that one survey spends on recognising scanned pages and pictures: other notes do not wait for all of them."""
_IN_PART = "read in part: "
"""How the reason begins for a note that is in the index, but not all of it."""


@dataclass(frozen=True)
class Known:
    """What the index knows of files: notes by path, their stamps by source, and the files that are not in the index."""

    notes: Mapping[Path, IndexedNote] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    unread: Sequence[UnreadNote] = ()


@dataclass(frozen=True)
class Survey:
    """The result: notes to index, notes to keep, and files that are not indexed.

    `copies`, `files` and `stamps` belong to the notes of both kinds, by source. `failed` are the sources of kept notes
    that could not be read this time.
    """

    taken: tuple[Ingested, ...]
    kept: tuple[IndexedNote, ...]
    unread: tuple[Unread, ...]
    copies: Mapping[str, tuple[str, ...]]
    files: Mapping[str, NoteFile]
    stamps: Mapping[str, str]
    failed: frozenset[str] = frozenset()


def survey(paths: Sequence[Path], known: Known, same_parser: bool) -> Survey:
    """Survey the files under the paths, and the indexed files elsewhere that still exist.

    With `same_parser` False every note is read as if it were new, but keeps its source.

    Raises:
        NoteError: a path does not exist.

    """
    items = list(find_notes(paths))
    files = [item for item in items if isinstance(item, NoteFile)]
    unread = [item for item in items if isinstance(item, Unread)]
    closed = [item.file.path for item in unread if item.failed]
    unseen = [file_of(note) for path, note in known.notes.items() if any(path.is_relative_to(at) for at in closed)]
    elsewhere = [file_of(note) for note in known.notes.values()]
    elsewhere += [NoteFile(Path(item.root), item.source) for item in known.unread]
    look = _Look(known, same_parser, unread, [os.path.abspath(path) for path in paths])
    for file in _named_apart(_with([*files, *unseen], elsewhere, look.named), known.notes):
        look.at(file)
    return look.survey()


def _with(files: Iterable[NoteFile], elsewhere: Iterable[NoteFile], covered: Sequence[str]) -> dict[Path, NoteFile]:
    """Return the files by path, and those elsewhere that still exist and lie under none of the `covered` paths."""
    by_path = {file.path: file for file in files}
    for file in elsewhere:
        path = file.path
        if path not in by_path and not any(path.is_relative_to(place) for place in covered) and _may_be_there(path):
            by_path[path] = file
    return by_path


def _may_be_there(path: Path) -> bool:
    """Tell whether a file exists; True also where that cannot be found out."""
    try:
        return os.path.isfile(path) or bool(os.stat(path) and False)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True


def _named_apart(by_path: Mapping[Path, NoteFile], known: Mapping[Path, IndexedNote]) -> list[NoteFile]:
    """Return the files, known ones first, each with a source of its own.

    If two folders each hold a README.md, the later one gets its folder's name in front, and keeps that source.
    """
    sources: set[str] = set()
    files = []
    for path, file in sorted(by_path.items(), key=lambda item: item[0] not in known):
        if path in known and known[path].source.endswith(f"/{file.source}"):
            file = file_of(known[path])
        while file.source in sources and file.root != file.root.parent:
            file = NoteFile(file.root.parent, f"{file.root.name}/{file.source}")
        sources.add(file.source)
        files.append(file)
    return files


class _Look:
    """Sorts files, one after the other, into new, kept and unread ones."""

    def __init__(self, known: Known, same_parser: bool, unread: list[Unread], named: Sequence[str]) -> None:
        self._known, self._same_parser, self.named = known, same_parser, named
        self._unread = unread
        self._taken: list[Ingested] = []
        self._kept: list[IndexedNote] = []
        self._failed: set[str] = set()
        self._first: dict[str, str] = {}
        self._copies: dict[str, list[str]] = {}
        self._files: dict[str, NoteFile] = {}
        self._stamps: dict[str, str] = {}
        self._until = time.monotonic() + SCANNING
        self._in_part = {(item.root, item.source): item.reason for item in known.unread}

    def at(self, file: NoteFile) -> None:
        """Sort one file."""
        if self._leads_out(file):
            reason = "a link to a file outside the folder is not followed; name the file itself"
            self._unread.append(Unread(file, reason, failed=False))
            return
        before = self._known.notes.get(file.path)
        if before and before.source != file.source:
            before = None
        stamp = stamp_of(file.path)
        goes_on = before is not None and may_help(self._in_part.get((before.root, before.source), ""))
        same_parser = self._same_parser and not goes_on
        if before and stamp and same_parser and self._known.stamps.get(before.source) == stamp:
            if not self._is_copy(file, before.hash):
                self._keep(file, before, stamp)
            return
        data = contents(file)
        if isinstance(data, Unread):
            self._unread.append(data)
            if before and data.failed:  # it may be readable again, and then nothing was lost
                self._failed.add(file.source)
                self._keep(file, before, "")
            return
        digest = hashlib.sha256(data).hexdigest()
        if self._is_copy(file, digest):
            return
        if before and before.hash == digest and same_parser:
            self._keep(file, before, stamp)
        else:
            self._take(file, data, digest, stamp)

    def _take(self, file: NoteFile, data: bytes, digest: str, stamp: str) -> None:
        taken = _taken_in(file, data, max(self._until - time.monotonic(), 0))
        if isinstance(taken, Unread):
            self._unread.append(taken)
            return
        if missing := taken.document.missing:
            self._unread.append(Unread(file, f"{_IN_PART}{missing}", failed=True))
        self._taken.append(taken)
        self._first[digest] = file.source
        self._files[file.source], self._stamps[file.source] = file, stamp

    def survey(self) -> Survey:
        """Return the result for all files."""
        copies = {source: tuple(sorted(others)) for source, others in self._copies.items()}
        kept = (replace(note, copies=copies.get(note.source, ())) for note in self._kept)
        return Survey(
            taken=tuple(self._taken),
            kept=tuple(sorted(kept, key=lambda note: note.source)),
            unread=tuple(sorted(self._unread, key=lambda item: (str(item.file.root), item.file.source))),
            copies=copies,
            files=self._files,
            stamps=self._stamps,
            failed=frozenset(self._failed),
        )

    def _keep(self, file: NoteFile, note: IndexedNote, stamp: str) -> None:
        self._unread += [
            Unread(file, item.reason, failed=True)
            for item in self._known.unread
            if item.reason.startswith(_IN_PART) and (item.root, item.source) == (note.root, note.source)
        ]
        size, modified = times(file.path) if stamp else (note.size, note.modified)
        self._kept.append(replace(note, size=size, modified=modified))
        self._first[note.hash] = file.source
        self._files[file.source], self._stamps[file.source] = file, stamp

    def _is_copy(self, file: NoteFile, digest: str) -> bool:
        if not (original := self._first.get(digest)):
            return False
        self._copies.setdefault(original, []).append(file.source)
        self._unread.append(Unread(file, f"the same content as {original}, which is indexed", failed=False))
        return True

    def _leads_out(self, file: NoteFile) -> bool:
        path = str(file.path)
        if not os.path.islink(path) or path in self.named:
            return False
        return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(file.root))


def _taken_in(file: NoteFile, data: bytes, seconds: float) -> Ingested | Unread:
    """Return a note's document and passages, or the reason why it has none; never raises for a bad note."""
    try:
        document = parsed(file, data, seconds)
        if isinstance(document, Unread):
            return document
        taken = ingest(document)
    except Exception as error:  # one bad note must not end the run of all others, whatever it makes a parser do
        logger.exception("cannot take in %r", file.source)
        reason = (str(error).splitlines() or [""])[0][:200]
        return Unread(file, f"cannot be understood: {type(error).__name__}: {reason}", failed=True)
    return taken if taken.passages else Unread(file, "it holds no text besides headings", failed=False)


def times(path: Path) -> tuple[int, int]:
    """Return a file's size in bytes and the time of its last change in nanoseconds; (-1, -1) if it cannot be read."""
    try:
        stat = os.stat(path)
    except (OSError, ValueError):
        return -1, -1
    return stat.st_size, stat.st_mtime_ns


def stamp_of(path: Path) -> str:
    """Return a text that differs after every change to a file; empty if the file changed just now, or is unreadable."""
    try:
        stat = os.stat(path)
    except (OSError, ValueError):
        return ""
    if time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) < RACY:
        return ""
    return f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}"
