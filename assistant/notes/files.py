r"""Note files → LlamaIndex `Document`s.

In: files and folders. Out: one document per readable note, whose text is the file read as text (line ends as \\n), so
that offsets into it are offsets into the file; and, for every file that is not a note, the reason why. Knows nothing
of passages or models.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from assistant.errors import NoteError
from assistant.text.language import detect
from assistant.text.untrusted import seen

if TYPE_CHECKING:
    from llama_index.core.schema import Document

SUFFIXES = frozenset((".md", ".markdown", ".txt", ".text"))
MAX_BYTES = 20_000_000
HEADING = re.compile(r"(#{1,6})\s+(.*?)(?:\s+#+)?\s*$")
_KEY_LINE = re.compile(r"\s*[\w-]+\s*:")


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
    """Yield the files under the paths, hidden ones left out, sorted within each path, and the folders not entered.

    Raises:
        NoteError: a path does not exist.

    """
    for path in paths:
        path = Path(os.path.abspath(path))
        # os.path has an answer for a name that the file system refuses, too, where Path raises.
        if os.path.isfile(path):
            yield NoteFile(path.parent, path.name)
        elif os.path.isdir(path):
            closed: list[Unread] = []
            yield from (NoteFile(path, found) for found in sorted(_walk(path, closed)))
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

    for folder, folders, files in os.walk(root, onerror=refused):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(os.path.relpath(folder, root)).as_posix()
        start = "" if inside == os.curdir else f"{inside}/"
        for name in folders:
            if os.path.islink(os.path.join(folder, name)):
                link = _printable(NoteFile(root, start + name))
                closed.append(Unread(link, "a link to a folder is not followed; name the folder itself", failed=False))
        yield from (start + name for name in files if not name.startswith("."))


def _printable(file: NoteFile) -> NoteFile:
    """Return the file under a name that can be printed and saved; the same unless its name is not UTF-8."""
    root, source = (text.encode(errors="backslashreplace").decode() for text in (str(file.root), file.source))
    return NoteFile(Path(root), source)


def contents(file: NoteFile) -> bytes | Unread:
    """Return the bytes of a note, or why the file is none; never raises for a bad file."""
    name = os.path.basename(file.source)
    suffix = os.path.splitext(name)[1]
    if suffix.lower() not in SUFFIXES:
        kinds, shown = ", ".join(sorted(SUFFIXES)), _printable(file)
        found = os.path.splitext(shown.source)[1] or os.path.basename(shown.source)
        return Unread(shown, f"notes end in {kinds}; found '{found}'", failed=False)
    path = os.path.join(file.root, file.source)
    try:
        path.encode()
    except UnicodeEncodeError:
        return Unread(_printable(file), "its name is not UTF-8; rename it", failed=True)
    try:
        found_there = os.stat(path)
        if not stat.S_ISREG(found_there.st_mode):
            return Unread(file, "not a regular file", failed=True)
        if (size := found_there.st_size) > MAX_BYTES:
            return Unread(file, f"a note has at most {MAX_BYTES:,} bytes, found {size:,}; split it", failed=True)
        with open(path, "rb") as opened:
            return opened.read()
    except OSError as error:
        return Unread(file, f"cannot be read: {error.strerror}", failed=True)


def read(file: NoteFile) -> "Document | Unread":
    """Return the note's document, or why the file is none; never raises for a bad file."""
    data = contents(file)
    return data if isinstance(data, Unread) else parsed(file, data)


def parsed(file: NoteFile, data: bytes) -> "Document | Unread":
    """Return the document of a note's bytes, or why they are none."""
    try:
        text = decode(data)
    except NoteError as error:
        return Unread(file, str(error), failed=True)
    if not text.strip("\ufeff \t\r\n"):
        return Unread(file, "the file is empty", failed=False)
    front, body_start = front_matter(text)
    if front.get("index") is False:
        return Unread(file, "its front matter says 'index: false'", failed=False)
    from llama_index.core.schema import Document

    body = seen(text[body_start:])
    title = " ".join((seen(_plain(front.get("title"))) or _first_heading(body)).split())
    return Document(
        id_=file.source,
        text=text,
        metadata={
            "root": str(file.root),
            "source": file.source,
            "title": title or " ".join(file.path.stem.split()),
            "titled": bool(title),
            "url": _plain(front.get("url")),
            "language": detect(body).value,
            "hash": hashlib.sha256(data).hexdigest(),
            "body_start": body_start,
        },
    )


def decode(data: bytes) -> str:
    """Return the text of a note in UTF-8 (with or without BOM) or CP949; raise NoteError for anything else."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NoteError("expected UTF-8 or CP949, found UTF-16; save it as UTF-8")
    if b"\0" in data:
        raise NoteError("expected text, found a binary file")
    for encoding in ("utf-8", "cp949"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _looks_korean(text):
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise NoteError("expected text in UTF-8 or CP949, found neither; save it as UTF-8")


def _looks_korean(text: str) -> bool:
    """Tell Korean from other bytes that CP949 happens to decode: of what is not ASCII, most is common Hangul."""
    foreign = [char for char in text if ord(char) > 127]
    hangul = sum("가" <= char <= "힣" for char in foreign)
    # The 2,350 syllables of EUC-KR make up nearly all Korean text; stray bytes land on the rare ones as well.
    common = 0
    for char in foreign:
        try:
            common += len(char.encode("euc-kr")) == 2
        except UnicodeEncodeError:
            continue
    return bool(foreign) and hangul / len(foreign) > 0.6 and common / len(foreign) > 0.9


def front_matter(text: str) -> tuple[dict[str, object], int]:
    """Return the YAML front matter and the offset at which the body starts.

    Damaged front matter gives nothing and is not part of the body; text between two rules is.
    """
    start = 1 if text.startswith("\ufeff") else 0
    if not text.startswith("---\n", start):
        return {}, start
    end = text.find("\n---", start + 3)
    if end < 0:
        return {}, start
    after = text.find("\n", end + 1)
    body_start = len(text) if after < 0 else after + 1
    block = text[start + 4 : end]
    try:
        found = yaml.safe_load(block) or {}
    except (yaml.YAMLError, ValueError, RecursionError):  # a date that does not exist is a ValueError
        found = {} if _KEY_LINE.match(block) else None
    return (found, body_start) if isinstance(found, dict) else ({}, start)


def _plain(value: object) -> str:
    """Return a value of the front matter as text; a list or mapping says nothing that could be shown."""
    return "" if value is None or isinstance(value, list | dict | set) else str(value)


def _first_heading(body: str) -> str:
    first = next((line for line in body.splitlines() if line.strip()), "")
    heading = HEADING.match(first)
    return heading.group(2)[:120] if heading else ""
