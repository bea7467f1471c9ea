"""Zip archives of notes: what is in one, and a member's bytes. Nothing is unpacked to disk.

In: an archive's file, and a path inside it, which may lead through archives in the archive. Out: names, bytes, or
the reason why there are none: Unopened for an archive, NoteError for a member. Names of members are paths with
slashes; those that would lead out of the archive are refused.
"""

import re
import stat
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from assistant.errors import NoteError
from assistant.notes.formats import SUFFIXES
from assistant.notes.formats.archive import bearable, opened, part
from assistant.notes.formats.sniffed import document_in

SUFFIX = ".zip"
BORDER = re.compile(r"(?<=\.zip)/", re.IGNORECASE)
"""Where in a path an archive may end and what is in it begin."""
_MOST_OPEN = 4
_UTF_8 = 0x800
_DOCUMENTS = {"mimetype", "[Content_Types].xml", "Contents/content.hpf"}
"""Parts by which EPUB, OpenDocument, Office and HWPX files are known, whatever their names end in."""
_OUTWARDS = re.compile(r"/|[A-Za-z]:|(?:.*/)?\.\.(?:/|$)")


class Unopened(OSError):
    """An archive that cannot be opened; `inside` is its path in the file, empty for the file itself."""

    def __init__(self, inside: str, reason: str) -> None:
        super().__init__(reason)
        self.inside = inside


@dataclass(frozen=True)
class Listing:
    """An archive's members by name, and those that are refused, each with the reason; `document` if it is none."""

    archive: zipfile.ZipFile
    members: Mapping[str, zipfile.ZipInfo]
    refused: Mapping[str, str]
    document: bool


class Archives:
    """Archives that stay open while several of their members are read; they are closed at the end of a `with`."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._open: dict[tuple[Path, str], Listing] = {}
        self._sizes: dict[tuple[Path, str], tuple[int, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            self._close_one()

    def __len__(self) -> int:
        return len(self._open)

    def listing(self, file: Path, inside: str = "") -> Listing:
        """Return what is in an archive: a file, or the one at a path inside it; raise Unopened if it cannot be read."""
        key = file, inside
        if key not in self._open:
            found = self._opened(file, inside)
            if len(self._open) >= _MOST_OPEN:
                self._close_one()
            self._open[key] = found
        return self._open[key]

    def holds(self, file: Path, member: str) -> bool:
        """Tell whether a file is an archive with that member; raise Unopened if it cannot be read."""
        archive, name = self._at(file, member)
        return name in archive.members

    def read(self, file: Path, member: str, most: int) -> bytes:
        """Return a member's bytes, `most` at most; raise NoteError if it, Unopened if its archive cannot be read."""
        archive, name = self._at(file, member)
        if (info := archive.members.get(name)) is None:
            raise NoteError("it is not in the archive any more")
        if info.file_size > most:
            raise NoteError(f"a note has at most {most:,} bytes, found {info.file_size:,}; split it")
        return part(archive.archive, info)

    def _at(self, file: Path, member: str) -> tuple[Listing, str]:
        """Return the innermost archive on the way to a member, and the member's name in it."""
        archive, inside = self.listing(file), ""
        for border in BORDER.finditer(member):
            here = member[len(inside) + bool(inside) : border.start()]
            if here in archive.members:
                inside = member[: border.start()]
                archive = self.listing(file, inside)
        return archive, member[len(inside) + bool(inside) :]

    def _opened(self, file: Path, inside: str) -> Listing:
        try:
            source: bytes | Path = file
            if inside:
                outer, name = self._at(file, inside)
                source = part(outer.archive, outer.members[name])
            archive = opened(source, _read)
        except Unopened:
            raise
        except (NoteError, KeyError) as error:
            raise Unopened(inside, str(error)) from error
        try:
            found = _listed(archive)
            self._count(file, inside, found)
        except NoteError as error:
            archive.close()
            raise Unopened(inside, str(error)) from error
        return found

    def _count(self, file: Path, inside: str, found: Listing) -> None:
        """Raise NoteError if a file unpacks to too much with this archive of it; archives themselves do not count."""
        sizes = [
            info.file_size for name, info in found.members.items() if _read(name) and not name.lower().endswith(SUFFIX)
        ]
        self._sizes[file, inside] = len(sizes), sum(sizes)
        counted = [size for (place, _), size in self._sizes.items() if place == file]
        bearable(sum(parts for parts, _ in counted), sum(size for _, size in counted))

    def _close_one(self) -> None:
        self._open.pop(next(iter(self._open))).archive.close()


def _read(name: str) -> bool:
    """Tell whether a member may be read, by its name: a note, an archive, or what has no ending and is looked into."""
    return PurePosixPath(name).suffix.lower() in (*SUFFIXES, SUFFIX, "")


def _listed(archive: zipfile.ZipFile) -> Listing:
    members: dict[str, zipfile.ZipInfo] = {}
    refused: dict[str, str] = {}
    for info in archive.infolist():
        name = _name(info)
        if _OUTWARDS.match(name):
            refused[name] = "its path leads out of the archive; it is left out"
        elif stat.S_ISLNK(info.external_attr >> 16):
            refused[name] = "a link in an archive is not followed"
        elif not name.endswith("/"):
            members[name] = info
    document = bool(_DOCUMENTS & members.keys()) and document_in(archive) is not None
    return Listing(archive, members, refused, document)


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's path; Korean Windows writes names in EUC-KR, and others in UTF-8, without saying so."""
    name = info.filename
    if not info.flag_bits & _UTF_8:
        for encoding in ("euc-kr", "utf-8"):
            with suppress(UnicodeError):
                name = info.filename.encode("cp437").decode(encoding)
    return name.replace("\\", "/")
