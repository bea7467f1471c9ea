"""Finds note files and reads each into a `Document`.

In: files and folders. Out: a document for each note, and a reason for each file that is not one. The formats are in
`assistant.notes.formats`.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from assistant.errors import NoteError
from assistant.notes import formats
from assistant.notes.document import Document
from assistant.notes.encoding import decode
from assistant.notes.formats import SUFFIXES, apart, tesseract
from assistant.notes.formats.sniffed import PICTURES
from assistant.notes.ignored import Ignored

__all__ = [
    "KINDS",
    "MAX_BINARY",
    "MAX_BYTES",
    "SUFFIXES",
    "NoteFile",
    "Unread",
    "contents",
    "decode",
    "find_notes",
    "parsed",
    "read",
]

MAX_BYTES = 20_000_000
KINDS = (
    "a note is text, Markdown, PDF, Word, PowerPoint, Excel, CSV, HTML, EPUB, Jupyter, HWP, RTF, ODT, mail or a picture"
)
PICTURE = f"a picture is not read; write down what it shows in a note beside it, {tesseract.GET}"
MAX_BINARY = 100_000_000
"""Bytes of a file that is not plain text: a PDF of scans is large and holds little."""
_NO = ("false", "no", "off")


@dataclass(frozen=True)
class NoteFile:
    """A file on disk; `source` is its path relative to `root`, the folder that was asked for."""

    root: Path
    source: str

    @cached_property
    def path(self) -> Path:
        """The file."""
        return self.root / self.source


@dataclass(frozen=True)
class Unread:
    """A file that is not indexed and why; `failed` when it should have been readable."""

    file: NoteFile
    reason: str
    failed: bool


def find_notes(paths: Iterable[Path]) -> Iterator[NoteFile | Unread]:
    """Yield the files under the paths, sorted within each, and the folders that were not entered; skip hidden files.

    Raises:
        NoteError: a path does not exist.

    """
    for path in paths:
        path = Path(os.path.abspath(path))
        # For a name that the file system refuses, os.path answers False where Path raises.
        if os.path.isfile(path):
            yield NoteFile(path.parent, path.name)
        elif os.path.isdir(path):
            closed: list[Unread] = []
            yield from (NoteFile(path, source) for source in sorted(_walk(path, closed)))
            yield from closed
        else:
            raise NoteError(f"no file or folder at {path}; name one that holds notes")


def _walk(root: Path, closed: list[Unread]) -> Iterator[str]:
    """Yield the files under a folder, relative to it; add the folders that were not entered to `closed`."""

    def refused(error: OSError) -> None:
        # A folder that was named itself goes by its own name.
        inside = os.path.relpath(error.filename, root)
        folder = NoteFile(root.parent, root.name) if inside == os.curdir else NoteFile(root, Path(inside).as_posix())
        closed.append(Unread(_printable(folder), f"the folder cannot be read: {error.strerror}", failed=True))

    ignored = Ignored()
    for folder, folders, files in os.walk(root, onerror=refused):
        inside = Path(os.path.relpath(folder, root)).as_posix()
        start = "" if inside == os.curdir else f"{inside}/"
        ignored.enter(folder, start)
        folders[:] = [name for name in folders if not (name.startswith(".") or ignored(f"{start}{name}/"))]
        for name in folders:
            if os.path.islink(os.path.join(folder, name)):
                link = _printable(NoteFile(root, start + name))
                closed.append(Unread(link, "a link to a folder is not followed; name the folder itself", failed=False))
        yield from (start + name for name in files if not (name.startswith(".") or ignored(start + name)))


def _printable(file: NoteFile) -> NoteFile:
    """Return the file with bytes of its name that are not UTF-8 escaped, so that it can be printed and stored."""
    root, source = (text.encode(errors="backslashreplace").decode() for text in (str(file.root), file.source))
    return NoteFile(Path(root), source)


def contents(file: NoteFile) -> bytes | Unread:
    """Return a note's bytes, or the reason why the file is not a note; never raises for a bad file."""
    name = os.path.basename(file.source)
    suffix = os.path.splitext(name)[1]
    if suffix.lower() not in SUFFIXES:
        printable = _printable(file)
        ending = os.path.splitext(printable.source)[1] or os.path.basename(printable.source)
        return Unread(printable, f"{KINDS}; found '{ending}'", failed=False)
    if suffix.lower() in PICTURES and not tesseract.program():
        return Unread(_printable(file), PICTURE, failed=False)
    path = os.path.join(file.root, file.source)
    try:
        path.encode()
    except UnicodeEncodeError:
        return Unread(_printable(file), "its name is not UTF-8; rename it", failed=True)
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            return Unread(file, "not a regular file", failed=True)
        most = MAX_BYTES if suffix.lower() in formats.TEXT else MAX_BINARY
        if (size := status.st_size) > most:
            return Unread(file, f"a note has at most {most:,} bytes, found {size:,}; split it", failed=True)
        with open(path, "rb") as opened:
            return opened.read()
    except OSError as error:
        return Unread(file, f"cannot be read: {error.strerror}", failed=True)


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
