"""Compares the files on disk with the index: which notes are new or changed, unchanged, or cannot be read.

In: paths, and what the index knows of files. Out: a `Survey`, which gives the notes to take in one after the other, and
holds none of them. A note whose size and times are unchanged is not opened; one whose bytes are unchanged is not parsed
again.
"""

import hashlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from assistant.errors import NoteError
from assistant.index.ingest import Ingested
from assistant.index.manifest import file_of
from assistant.index.store import IndexedNote, Known
from assistant.index.taking import Job, Taken
from assistant.notes import bibliography
from assistant.notes.archives import Archives
from assistant.notes.bibliography import Entry, Library
from assistant.notes.files import NoteFile, Unread, contents, decode, find_notes, in_archive, leads_out
from assistant.notes.formats import TEXT
from assistant.notes.formats.tesseract import may_help
from assistant.notes.written import told_twice

RACY = 2_000_000_000
"""Nanoseconds: a second change this soon after the first may leave a file's times as they are."""

SCANNING = 60.0
"""Seconds that one survey spends on recognising scanned pages and pictures: other notes do not wait for all of them."""
_TWICE = "its rows are in the table of the same name that ends in _all"
_IN_PART = "read in part: "
"""How the reason begins for a note that is in the index, but not all of it."""


@contextmanager
def surveying(paths: Sequence[Path], known: Known, same_parser: bool, only: bool = False) -> Iterator["Survey"]:
    """Survey the files under the paths and, unless these are the `only` ones, indexed files elsewhere that still exist.

    With `same_parser` False every note is read as if it were new, but keeps its source.

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
        survey = Survey(known, same_parser, unread, named, archives)
        by_path: dict[Path, NoteFile] = {}
        for file in (*files, *unseen):
            if file.source.lower().endswith(bibliography.SUFFIX) and not leads_out(file):
                survey.learn(file)
            else:
                by_path.setdefault(file.path, file)
        # a link and the note that it leads to are one: the note goes by its own name
        survey.to_see = sorted(_named_apart(by_path, known.notes), key=lambda file: os.path.islink(file.place))
        yield survey


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


class Survey:
    """Sorts files, one after the other, into notes to take in, kept notes, and files that are not indexed.

    What became of each note that `jobs` gave is told to `took`; the rest is known after that.
    """

    def __init__(
        self, known: Known, same_parser: bool, unread: Sequence[Unread], named: Sequence[str], archives: Archives
    ) -> None:
        """Begin with the files that were found unreadable; `surveying` adds those to see."""
        self._known, self._same_parser, self._named, self._archives = known, same_parser, named, archives
        self._unread = list(dict.fromkeys(unread))
        self._library: dict[Path, Library] = {}
        self._kept: list[IndexedNote] = []
        self._first: dict[str, str] = {}
        self._copies: dict[str, list[NoteFile]] = {}
        self._until = time.monotonic() + SCANNING
        self._in_part = {(item.root, item.source): item.reason for item in known.unread}
        self.to_see: list[NoteFile] = []
        """The files that have not been looked at yet."""
        self.seen = 0
        """How many files were done with."""
        self.taken: list[str] = []
        """The sources of the notes that were taken in."""
        self.files: dict[str, NoteFile] = {}
        """The files of the notes taken in or kept, by source."""
        self.stamps: dict[str, str] = {}
        """The stamps of these files, by source; empty where a file may change without a trace."""
        self.failed: set[str] = set()
        """The sources of kept notes that could not be read this time."""

    def jobs(self) -> Iterator[Job]:
        """Sort the files that are to be seen; yield those that are to be taken in as notes."""
        files, self.to_see = self.to_see, []
        for file in files:
            if job := self._job(file):
                yield job
            else:
                self.seen += 1

    def took(self, taken: Taken) -> Ingested | None:
        """Note what became of a job; return the note if it is one."""
        job, note = taken
        self.seen += 1
        if isinstance(note, Unread):
            self._unread.append(note)
            del self._first[job.digest], self.files[job.file.source], self.stamps[job.file.source]
            self.to_see += (again := self._copies.pop(job.file.source, []))
            self.seen -= len(again)
            return None
        if missing := note.document.missing:
            self._unread.append(Unread(job.file, f"{_IN_PART}{missing}", failed=True))
        self.taken.append(job.file.source)
        return note

    def copies(self, source: str) -> tuple[str, ...]:
        """Return the sources of the files that hold the same bytes as a note."""
        return tuple(sorted(file.source for file in self._copies.get(source, ())))

    @property
    def kept(self) -> list[IndexedNote]:
        """The notes that did not change, sorted by source."""
        kept = (replace(note, copies=self.copies(note.source)) for note in self._kept)
        return sorted(kept, key=lambda note: note.source)

    @property
    def unread(self) -> list[Unread]:
        """The files that are not indexed, or not as a whole, sorted by folder and source."""
        copies = [
            Unread(file, f"the same content as {of}, which is indexed", failed=False)
            for of, files in self._copies.items()
            for file in files
        ]
        return sorted((*self._unread, *copies), key=lambda item: (str(item.file.root), item.file.source))

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

    def _job(self, file: NoteFile) -> Job | None:
        """Sort one file; return what is to be taken in, if it is a new or changed note."""
        if str(file.place) not in self._named and leads_out(file):
            reason = "a link to a file outside the folder is not followed; name the file itself"
            self._unread.append(Unread(file, reason, failed=False))
            return None
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
            return None
        data = contents(file, self._archives)
        if isinstance(data, Unread):
            if data.file == file or data not in self._unread:  # an archive's reason once, however many notes are in it
                self._unread.append(data)
            if before and data.failed:  # it may be readable again, and then nothing was lost
                self.failed.add(file.source)
                self._keep(file, before, "")
            return None
        digest = hashlib.sha256(data).hexdigest()
        if self._is_copy(file, digest):
            return None
        if before and before.hash == digest and same:
            self._keep(file, before, stamp)
            return None
        self._first[digest] = file.source
        self.files[file.source], self.stamps[file.source] = file, stamp
        return Job(file, data, digest, entry, max(self._until - time.monotonic(), 0))

    def _entry(self, file: NoteFile) -> Entry | None:
        """Return what a bibliography says of a file; text says itself what it is called."""
        library = self._library.get(file.root)
        return library.entry(file.source) if library and not file.source.lower().endswith(tuple(TEXT)) else None

    def _keep(self, file: NoteFile, note: IndexedNote, stamp: str) -> None:
        self._unread += [
            Unread(file, item.reason, failed=True)
            for item in self._known.unread
            if item.reason.startswith(_IN_PART) and (item.root, item.source) == (note.root, note.source)
        ]
        size, modified = times(file.place) if stamp else (note.size, note.modified)
        self._kept.append(replace(note, size=size, modified=modified))
        self._first[note.hash] = file.source
        self.files[file.source], self.stamps[file.source] = file, stamp

    def _is_copy(self, file: NoteFile, digest: str) -> bool:
        if not (original := self._first.get(digest)):
            return False
        self._copies.setdefault(original, []).append(file)
        return True


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
