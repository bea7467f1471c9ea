"""Which notes are new, which are as they were, and which files are none: what is on disk against the index.

In: paths and what the index knows of notes and other files. Out: a `Survey`. A note whose size and times are those of
the last look is not even opened, one whose bytes are the same is not parsed again.
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

logger = logging.getLogger(__name__)
RACY = 2_000_000_000
"""Nanoseconds after a change within which another one may leave a file's times as they are."""


@dataclass(frozen=True)
class Known:
    """What the index knows: notes by their path, the stamp of each by its source, and the files that are no notes."""

    notes: Mapping[Path, IndexedNote] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    unread: Sequence[UnreadNote] = ()


@dataclass(frozen=True)
class Survey:
    """Notes to take in, notes to keep, files that are not indexed; by source the copies and stamps of either.

    `failed` are the sources of kept notes that could not be read this time.
    """

    taken: tuple[Ingested, ...]
    kept: tuple[IndexedNote, ...]
    unread: tuple[Unread, ...]
    copies: Mapping[str, tuple[str, ...]]
    files: Mapping[str, NoteFile]
    stamps: Mapping[str, str]
    failed: frozenset[str] = frozenset()


def survey(paths: Sequence[Path], known: Known, same_parser: bool) -> Survey:
    """Look at the files under the paths, and at those that the index knows elsewhere while they exist.

    With `same_parser` False, each note is taken in as if it were new, under the name that it had.

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
    """Return the files by their path, and those elsewhere that still exist and were not looked for just now."""
    by_path = {file.path: file for file in files}
    for file in elsewhere:
        path = file.path
        if path not in by_path and not any(path.is_relative_to(place) for place in covered) and _may_be_there(path):
            by_path[path] = file
    return by_path


def _may_be_there(path: Path) -> bool:
    """Tell whether a file exists; one that cannot be looked at may."""
    try:
        return os.path.isfile(path) or bool(os.stat(path) and False)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True


def _named_apart(by_path: Mapping[Path, NoteFile], known: Mapping[Path, IndexedNote]) -> list[NoteFile]:
    """Return the files, known ones first, each under a source of its own.

    Two folders may each hold a README.md: the later one is told apart by its folder's name, and keeps that name.
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
    """Sorts out one file after the other."""

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

    def at(self, file: NoteFile) -> None:
        """Look at a file."""
        if self._leads_out(file):
            reason = "a link to a file outside the folder is not followed; name the file itself"
            self._unread.append(Unread(file, reason, failed=False))
            return
        before = self._known.notes.get(file.path)
        if before and before.source != file.source:
            before = None
        stamp = stamp_of(file.path)
        if before and stamp and self._same_parser and self._known.stamps.get(before.source) == stamp:
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
        if before and before.hash == digest and self._same_parser:
            self._keep(file, before, stamp)
        elif isinstance(taken := _taken_in(file, data), Unread):
            self._unread.append(taken)
        else:
            self._taken.append(taken)
            self._first[digest] = file.source
            self._files[file.source], self._stamps[file.source] = file, stamp

    def survey(self) -> Survey:
        """Return what all files came to."""
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


def _taken_in(file: NoteFile, data: bytes) -> Ingested | Unread:
    """Return what is kept of a note's bytes, or why they are none; never raises for a bad note."""
    try:
        document = parsed(file, data)
        if isinstance(document, Unread):
            return document
        taken = ingest(document)
    except Exception as error:  # one bad note must not end the run of all others, whatever it makes a parser do
        logger.exception("cannot take in %r", file.source)
        said = (str(error).splitlines() or [""])[0][:200]
        return Unread(file, f"cannot be understood: {type(error).__name__}: {said}", failed=True)
    return taken if taken.passages else Unread(file, "it holds no text besides headings", failed=False)


def times(path: Path) -> tuple[int, int]:
    """Return a file's size in bytes and the time of its last change in nanoseconds; -1 for what cannot be told."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return -1, -1
    return found.st_size, found.st_mtime_ns


def stamp_of(path: Path) -> str:
    """Return what is another text after any change to a file; empty if it changed just now or cannot be told."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return ""
    if time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) < RACY:
        return ""
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
