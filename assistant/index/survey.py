"""Compares the files on disk with the index: which notes are new or changed, unchanged, or cannot be read.

In: paths, and what the index knows of files. Out: a `Survey`. A note whose size and times are unchanged is not opened;
one whose bytes are unchanged is not parsed again.
"""

import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.errors import NoteError
from assistant.index.ingest import Ingested, ingest
from assistant.index.manifest import file_of
from assistant.index.store import IndexedNote, Known
from assistant.notes import bibliography
from assistant.notes.archives import Archives
from assistant.notes.bibliography import Entry, Library
from assistant.notes.describe import described
from assistant.notes.files import NoteFile, Unread, contents, decode, find_notes, in_archive, leads_out, parsed
from assistant.notes.formats import TEXT
from assistant.notes.formats.tesseract import may_help
from assistant.notes.written import told_twice

logger = logging.getLogger(__name__)
RACY = 2_000_000_000
"""Nanoseconds: a second change this soon after the first may leave a file's times as they are."""

SCANNING = 60.0
"""Seconds that one survey spends on recognising scanned pages and pictures: other notes do not wait for all of them."""
_TWICE = "its rows are in the table of the same name that ends in _all"
_IN_PART = "read in part: "
"""How the reason begins for a note that is in the index, but not all of it."""


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


def survey(
    paths: Sequence[Path],
    known: Known,
    same_parser: bool,
    progress: Callable[[int, int], None] = lambda done, total: None,
    only: bool = False,
) -> Survey:
    """Survey the files under the paths and, unless these are the `only` ones, indexed files elsewhere that still exist.

    With `same_parser` False every note is read as if it were new, but keeps its source. `progress` is called after each
    file that was read, with the number of files looked at and that of all.

    Raises:
        NoteError: a path does not exist.

    """
    with Archives() as archives:
        named = [os.path.abspath(path) for path in paths]
        others = () if only else _elsewhere(known, named, archives)
        items = [*find_notes(paths, archives), *others]
        twice = told_twice({item.path for item in items if isinstance(item, NoteFile)})
        items = [
            Unread(item, _TWICE, False) if isinstance(item, NoteFile) and item.path in twice else item for item in items
        ]
        files = [item for item in items if isinstance(item, NoteFile)]
        unread = [item for item in items if isinstance(item, Unread)]
        closed = [item.file.path for item in unread if item.failed]
        unseen = [file_of(note) for path, note in known.notes.items() if any(path.is_relative_to(at) for at in closed)]
        look = _Look(known, same_parser, unread, named, archives)
        by_path: dict[Path, NoteFile] = {}
        for file in (*files, *unseen):
            if file.source.lower().endswith(bibliography.SUFFIX) and not leads_out(file):
                look.learn(file)
            else:
                by_path.setdefault(file.path, file)
        # a link and the note that it leads to are one: the note goes by its own name
        ordered = sorted(_named_apart(by_path, known.notes), key=lambda file: os.path.islink(file.place))
        for done, file in enumerate(ordered, 1):
            if look.at(file):
                progress(done, len(ordered))
        return look.survey()


def _elsewhere(known: Known, covered: Sequence[str], archives: Archives) -> Iterator[NoteFile | Unread]:
    """Yield the known files that still exist and lie under none of the `covered` paths."""
    files = [file_of(note) for note in known.notes.values()]
    others = [NoteFile(Path(item.root), item.source) for item in known.unread if ".." not in item.source.split("/")]
    for file in (*files, *others):
        if not any(file.path.is_relative_to(place) for place in covered) and _may_be_there(file, archives):
            yield from in_archive(file, archives)


def _may_be_there(file: NoteFile, archives: Archives) -> bool:
    """Tell whether a file exists; True also where that cannot be found out."""
    try:
        if file.member:
            return archives.holds(file.place, file.member)
        return os.path.isfile(file.path) or bool(os.stat(file.path) and False)
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

    def __init__(
        self, known: Known, same_parser: bool, unread: Sequence[Unread], named: Sequence[str], archives: Archives
    ) -> None:
        self._known, self._same_parser, self._named, self._archives = known, same_parser, named, archives
        self._unread = list(dict.fromkeys(unread))
        self._library: dict[Path, Library] = {}
        self._taken: list[Ingested] = []
        self._kept: list[IndexedNote] = []
        self._failed: set[str] = set()
        self._first: dict[str, str] = {}
        self._copies: dict[str, list[str]] = {}
        self._files: dict[str, NoteFile] = {}
        self._stamps: dict[str, str] = {}
        self._until = time.monotonic() + SCANNING
        self._in_part = {(item.root, item.source): item.reason for item in known.unread}

    def learn(self, file: NoteFile) -> None:
        """Take over what a bibliography says of other files."""
        data = contents(file, self._archives, (bibliography.SUFFIX,))
        if isinstance(data, Unread):
            self._unread.append(data)
            return
        with suppress(NoteError):
            self._library.setdefault(file.root, Library()).add(file.source, decode(data))
        reason = "a bibliography: its entries say what the files are called that they name"
        self._unread.append(Unread(file, reason, failed=False))

    def at(self, file: NoteFile) -> bool:
        """Sort one file; tell whether it was read as a note."""
        if str(file.place) not in self._named and leads_out(file):
            reason = "a link to a file outside the folder is not followed; name the file itself"
            self._unread.append(Unread(file, reason, failed=False))
            return False
        before = self._known.notes.get(file.path)
        if before and before.source != file.source:
            before = None
        stamp, entry = stamp_of(file.place), self._entry(file)
        goes_on = before is not None and may_help(self._in_part.get((before.root, before.source), ""))
        described_so = before is not None and before.entry == (entry.line if entry else "")
        same = self._same_parser and described_so and not goes_on
        if before and stamp and same and self._known.stamps.get(before.source) == stamp:
            if not self._is_copy(file, before.hash):
                self._keep(file, before, stamp)
            return False
        data = contents(file, self._archives)
        if isinstance(data, Unread):
            if data.file == file or data not in self._unread:  # an archive's reason once, however many notes are in it
                self._unread.append(data)
            if before and data.failed:  # it may be readable again, and then nothing was lost
                self._failed.add(file.source)
                self._keep(file, before, "")
            return False
        digest = hashlib.sha256(data).hexdigest()
        if self._is_copy(file, digest):
            return False
        if before and before.hash == digest and same:
            self._keep(file, before, stamp)
            return False
        self._take(file, data, digest, stamp, entry)
        return True

    def _entry(self, file: NoteFile) -> Entry | None:
        """Return what a bibliography says of a file; text says itself what it is called."""
        library = self._library.get(file.root)
        return library.entry(file.source) if library and not file.source.lower().endswith(tuple(TEXT)) else None

    def _take(self, file: NoteFile, data: bytes, digest: str, stamp: str, entry: Entry | None) -> None:
        taken = _taken_in(file, data, entry, max(self._until - time.monotonic(), 0))
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
        size, modified = times(file.place) if stamp else (note.size, note.modified)
        self._kept.append(replace(note, size=size, modified=modified))
        self._first[note.hash] = file.source
        self._files[file.source], self._stamps[file.source] = file, stamp

    def _is_copy(self, file: NoteFile, digest: str) -> bool:
        if not (original := self._first.get(digest)):
            return False
        self._copies.setdefault(original, []).append(file.source)
        self._unread.append(Unread(file, f"the same content as {original}, which is indexed", failed=False))
        return True


def _taken_in(file: NoteFile, data: bytes, entry: Entry | None, seconds: float) -> Ingested | Unread:
    """Return a note's document and passages, or the reason why it has none; never raises for a bad note."""
    try:
        document = parsed(file, data, seconds)
        if isinstance(document, Unread):
            return document
        taken = ingest(described(document, entry))
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
