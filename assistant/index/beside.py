"""Finds the pictures that lie beside a note and that it shows.

In: a snapshot, a note's source, and a picture as the note names it. Out: its bytes and its kind. Only pictures in the
note's folder, or its archive, are given, and none that is hidden.
"""

import os
from collections.abc import Iterator
from pathlib import PurePosixPath

from assistant.errors import NoteError
from assistant.index.manifest import file_of
from assistant.index.note_text import note_of
from assistant.index.store import Snapshot
from assistant.messages.said import NO_NOTE
from assistant.notes.archives import Archives
from assistant.notes.files import NoteFile

MOST = 20_000_000
_KINDS = {b"\x89PNG\r\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}
_FOLDERS = ("", "attachments", "Attachments", "assets", "images", "img", "files", "media", "_resources")
"""Where programs put the pictures of notes: Obsidian's `![[name.png]]` says only a name."""


def picture(snapshot: Snapshot, source: str, name: str) -> tuple[bytes, str]:
    """Return a picture that a note names, and its media type; raise NoteError if there is none."""
    note = file_of(note_of(snapshot, source))
    with Archives() as archives:
        for place in _places(note.member or note.source, name):
            data = _inside(note, place, archives) if note.member else _on_disk(note, place)
            for begin, kind in _KINDS.items():
                if data.startswith(begin) and (kind != "image/webp" or data[8:12] == b"WEBP"):
                    return data, kind
    raise NoteError(NO_NOTE.format(source=name[:200]))


def _places(note: str, name: str) -> Iterator[str]:
    """Yield where a picture may lie: as a path from the note, or from the top, or in a folder for such files."""
    wanted = PurePosixPath(name.lstrip("/"))
    above = [PurePosixPath(note).parent, *PurePosixPath(note).parent.parents]
    starts = dict.fromkeys(start / folder for start in above for folder in _FOLDERS)
    for start in starts:
        place = os.path.normpath((start / wanted).as_posix()).replace(os.sep, "/")
        if not any(part.startswith(".") for part in place.split("/")):  # above the top, or hidden
            yield place


def _on_disk(note: NoteFile, place: str) -> bytes:
    try:
        file = os.path.realpath(note.root / place)
        inside = os.path.commonpath((file, os.path.realpath(note.root))) == os.path.realpath(note.root)
        if inside and os.path.isfile(file) and os.path.getsize(file) <= MOST:
            with open(file, "rb") as opened:
                return opened.read()
    except (OSError, ValueError):
        pass
    return b""


def _inside(note: NoteFile, place: str, archives: Archives) -> bytes:
    try:
        return archives.read(note.place, place, MOST)
    except (NoteError, OSError):
        return b""
