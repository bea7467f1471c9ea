"""Finds note files and reads each into a `Document`.

In: files, folders and zip archives. Out: a document for each note, and a reason for each file that is not one. The
formats are in `assistant.notes.formats`.
"""

import os
import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from assistant import machine
from assistant.errors import NoteError
from assistant.notes import formats
from assistant.notes.archives import BORDER, SUFFIX, Archives, Unopened
from assistant.notes.document import Document
from assistant.notes.encoding import decode
from assistant.notes.formats import SUFFIXES, apart, tesseract
from assistant.notes.formats.sniffed import PICTURES, advice, is_document
from assistant.notes.ignored import RULES, Ignored

__all__ = [
    "KINDS",
    "MAX_BINARY",
    "MAX_BYTES",
    "SUFFIXES",
    "NoteFile",
    "Unread",
    "contents",
    "decode",
    "find_files",
    "find_notes",
    "in_archive",
    "leads_out",
    "parsed",
    "read",
]

MAX_BYTES = 20_000_000
KINDS = (
    "a note is text, Markdown, PDF, Word, PowerPoint, Excel, CSV, HTML, EPUB, Jupyter, HWP, RTF, ODT, mail or a "
    "picture, or a .zip of such files"
)
PICTURE = f"a picture is not read; write down what it shows in a note beside it, {tesseract.GET}"
MAX_BINARY = 100_000_000
"""Bytes of a file that is not plain text: a PDF of scans is large and holds little."""
HIDDEN = (".", "~$")
"""How the names of hidden files begin; Office hides a file beside each one that it has open."""
_NO = ("false", "no", "off")
_DEEPEST = 3
"""Archives in each other that are read; one may hold itself."""


@dataclass(frozen=True)
class NoteFile:
    """A file on disk, or in a zip archive; `source` is its path relative to `root`, the folder that was asked for.

    Of `Export.zip/plan/Page.md` the `place` is `Export.zip` and the `member` is `plan/Page.md`.
    """

    root: Path
    source: str

    @cached_property
    def path(self) -> Path:
        """The file's path; one that leads through an archive is only a name."""
        return self.root / self.source

    @property
    def place(self) -> Path:
        """The file on disk: this one, or the archive that it is in."""
        return self._parted[0]

    @property
    def member(self) -> str:
        """The path inside the archive; empty if the file is in none."""
        return self._parted[1]

    @property
    def archive(self) -> str:
        """The source of the archive that the file is in; empty if it is in none."""
        return self.source[: -len(self.member) - 1] if self.member else ""

    @cached_property
    def _parted(self) -> tuple[Path, str]:
        for border in BORDER.finditer(self.source):
            if os.path.isfile(archive := self.root / self.source[: border.start()]):
                return archive, self.source[border.end() :]
        return self.path, ""


@dataclass(frozen=True)
class Unread:
    """A file that is not indexed and why; `failed` when it should have been readable."""

    file: NoteFile
    reason: str
    failed: bool


def find_notes(paths: Iterable[Path], archives: Archives | None = None) -> Iterator[NoteFile | Unread]:
    """Yield what `find_files` does, with the members of zip archives in their place; raise what it raises."""
    with Archives() if archives is None else nullcontext(archives) as opened:
        for path, found, ignored in _found(paths):
            linked = isinstance(found, NoteFile) and found.path != path and leads_out(found)
            yield from [found] if isinstance(found, Unread) or linked else in_archive(found, opened, ignored)


def find_files(paths: Iterable[Path]) -> Iterator[NoteFile | Unread]:
    """Yield the files under the paths, sorted within each, and the folders that were not entered; skip hidden files.

    Raises:
        NoteError: a path does not exist.

    """
    yield from (found for _, found, _ in _found(paths))


def _found(paths: Iterable[Path]) -> Iterator[tuple[Path, NoteFile | Unread, Ignored]]:
    """Yield the path that was asked for, what is there, and the rules about what is left out."""
    for path in paths:
        ignored = Ignored()
        path = Path(os.path.abspath(path))
        # For a name that the file system refuses, os.path answers False where Path raises.
        if os.path.isfile(path):
            yield path, NoteFile(path.parent, path.name), ignored
        elif os.path.isdir(path):
            closed: list[Unread] = []
            yield from ((path, NoteFile(path, source), ignored) for source in sorted(_walk(path, closed, ignored)))
            yield from ((path, item, ignored) for item in closed)
        else:
            raise NoteError(f"no file or folder at {path}; name one that holds notes")


def in_archive(
    file: NoteFile, archives: Archives, ignored: Ignored | None = None, deep: int = 1
) -> Iterator[NoteFile | Unread]:
    """Yield the members of a zip archive, of archives in it too; the file itself if it is none, or is one document."""
    if not file.source.lower().endswith(SUFFIX):
        yield file
        return
    try:
        held = archives.listing(file.place, file.member)
    except Unopened as error:
        yield Unread(file, str(error), failed=True)
        return
    if held.document or deep > _DEEPEST:
        yield file if held.document else Unread(file, f"more than {_DEEPEST} archives in each other; unpack it", True)
        return
    ignored = ignored or Ignored()
    at = f"{file.source}/"
    yield from (Unread(NoteFile(file.root, at + name), reason, failed=False) for name, reason in held.refused.items())
    for start in sorted({name.removesuffix(rules) for name in held.members for rules in RULES if name.endswith(rules)}):
        inside = f"{file.member}/{start}" if file.member else start

        def rules_of(name: str, inside: str = inside) -> bytes:
            return archives.read(file.place, inside + name, MAX_BYTES)

        ignored.take(at + start, rules_of)
    for name in sorted(held.members):
        parts = name.split("/")
        paths = [*("/".join(parts[:end]) + "/" for end in range(1, len(parts))), name]
        if not any(part.startswith(".") for part in parts) and not any(ignored(at + path) for path in paths):
            yield from in_archive(NoteFile(file.root, at + name), archives, ignored, deep + 1)


def leads_out(file: NoteFile) -> bool:
    """Tell whether a file is a link to one outside its folder."""
    place = str(file.place)
    return os.path.islink(place) and not Path(os.path.realpath(place)).is_relative_to(os.path.realpath(file.root))


def _walk(root: Path, closed: list[Unread], ignored: Ignored) -> Iterator[str]:
    """Yield the files under a folder, relative to it; add the folders that were not entered to `closed`."""

    def refused(error: OSError) -> None:
        # A folder that was named itself goes by its own name.
        inside = os.path.relpath(error.filename, root)
        folder = NoteFile(root.parent, root.name) if inside == os.curdir else NoteFile(root, Path(inside).as_posix())
        closed.append(Unread(_printable(folder), f"the folder cannot be read: {error.strerror}", failed=True))

    for folder, folders, files in os.walk(root, onerror=refused):
        inside = Path(os.path.relpath(folder, root)).as_posix()
        start = "" if inside == os.curdir else f"{inside}/"
        ignored.enter(folder, start)
        folders[:] = [name for name in folders if not (name.startswith(".") or ignored(f"{start}{name}/"))]
        links = {name for name in folders if machine.is_link(os.path.join(folder, name))}
        for name in links:
            link = _printable(NoteFile(root, start + name))
            closed.append(Unread(link, "a link to a folder is not followed; name the folder itself", failed=False))
        folders[:] = [name for name in folders if name not in links]
        yield from (start + name for name in files if not (name.startswith(HIDDEN) or ignored(start + name)))


def _printable(file: NoteFile) -> NoteFile:
    """Return the file with bytes of its name that are not UTF-8 escaped, so that it can be printed and stored."""
    root, source = (text.encode(errors="backslashreplace").decode() for text in (str(file.root), file.source))
    return NoteFile(Path(root), source)


def contents(file: NoteFile, archives: Archives | None = None, suffixes: Collection[str] = SUFFIXES) -> bytes | Unread:
    """Return a note's bytes, or the reason why the file is not a note; never raises for a bad file.

    If it is an archive around it that cannot be read, the reason is that archive's.
    """
    suffix = os.path.splitext(os.path.basename(file.source))[1]
    if suffix.lower() not in suffixes and not _looks_like_a_document(file, suffix.lower(), archives):
        printable = _printable(file)
        ending = os.path.splitext(printable.source)[1] or os.path.basename(printable.source)
        advised = advice(suffix.lower())
        return Unread(printable, advised or f"{KINDS}; found '{ending}'", failed=bool(advised))
    if suffix.lower() in PICTURES and not tesseract.program():
        return Unread(_printable(file), PICTURE, failed=False)
    path = os.path.join(file.root, file.source)
    try:
        path.encode()
    except UnicodeEncodeError:
        return Unread(_printable(file), "its name is not UTF-8; rename it", failed=True)
    most = MAX_BYTES if suffix.lower() in formats.TEXT else MAX_BINARY
    if file.member:
        return _member(file, most, archives)
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            return Unread(file, "not a regular file", failed=True)
        if (size := status.st_size) > most:
            return Unread(file, f"a note has at most {most:,} bytes, found {size:,}; split it", failed=True)
        with open(path, "rb") as opened:
            return opened.read()
    except OSError as error:
        return Unread(file, f"cannot be read: {error.strerror}", failed=True)


def _looks_like_a_document(file: NoteFile, suffix: str, archives: Archives | None) -> bool:
    """Tell by the first bytes whether a file is a document, though its name is of none."""
    if file.member:
        data = _member(file, MAX_BINARY, archives) if not suffix or advice(suffix) else b""
        return isinstance(data, bytes) and is_document(data, suffix)
    try:
        path = os.path.join(file.root, file.source)
        if not stat.S_ISREG(os.stat(path).st_mode):
            return False
        with open(path, "rb") as opened:
            return is_document(opened.read(64), suffix, Path(path))
    except (OSError, ValueError):
        return False


def _member(file: NoteFile, most: int, archives: Archives | None) -> bytes | Unread:
    try:
        with Archives() if archives is None else nullcontext(archives) as opened:
            return opened.read(file.place, file.member, most)
    except Unopened as error:
        archive = "/".join(filter(None, (file.archive, error.inside)))
        return Unread(NoteFile(file.root, archive), str(error), failed=True)
    except NoteError as error:
        return Unread(file, str(error), failed=True)


def read(file: NoteFile) -> Document | Unread:
    """Return a note's document, or the reason why the file is not a note; never raises for a bad file."""
    data = contents(file)
    return data if isinstance(data, Unread) else parsed(file, data)


def parsed(file: NoteFile, data: bytes, seconds: float = apart.GLANCE) -> Document | Unread:
    """Return the document in a note's bytes, or the reason why there is none; never raises for a bad note.

    So many `seconds` may be spent on its scanned pages; what that leaves unread is said in the document.
    """
    try:
        document = formats.read(data, file.source, seconds)
    except NoteError as error:
        return Unread(file, str(error), failed=True)
    except (ValueError, RecursionError) as error:
        return Unread(file, f"cannot be understood: {error}", failed=True)
    if not document.text.strip("\ufeff \t\r\n"):
        return Unread(file, document.missing or "the file is empty", failed=False)
    if str(document.fields.get("index", "")).lower() in _NO:
        return Unread(file, "its front matter says 'index: false'", failed=False)
    return document
