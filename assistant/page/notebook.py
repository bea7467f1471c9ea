"""The notes folder as the page changes it: a note is added, or moved out of the way.

In: names and bytes from a browser. Out: files inside the notes folder and nowhere else, and one clear line for what
cannot be one. Nothing is overwritten and nothing deleted: what is removed goes to `.removed` in the same folder.
"""

import os
import re
import unicodedata
from pathlib import Path

from assistant.config import Settings
from assistant.errors import NoteError
from assistant.index.manifest import file_of
from assistant.index.store import IndexedNote, Snapshot
from assistant.messages.catalogue import line
from assistant.notes.files import MAX_BYTES, SUFFIXES, decode
from assistant.text.invisible import plain

REMOVED = ".removed"
AT_ONCE = 50
"""Notes that can be added in one go."""
_LONGEST = 180
"""Bytes of a name, its kind left aside; file systems hold 255, and a number may have to follow."""
_RESERVED = re.compile(r"CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³]", re.IGNORECASE)
"""Names of devices on Windows, whatever follows their first dot."""
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"|?*\\/]+')


def folder(settings: Settings, index: Snapshot | None) -> Path:
    """Return where notes are added: the settings' notes, or, if those are absent, the first folder of the index."""
    roots = [Path(note.root) for note in index.notes] if index else []
    return settings.notes if settings.notes.is_dir() or not roots else roots[0]


def add(place: Path, name: str, data: bytes) -> Path:
    """Write a note; return its file.

    Raises:
        NoteError: the name or the bytes cannot be a note's, or the folder cannot be written.

    """
    file = place / _safe(name)
    if len(data) > MAX_BYTES:
        raise NoteError(line("line.note_too_large", most=MAX_BYTES, size=len(data)))
    if not decode(data).strip():
        raise NoteError(line("line.note_empty"))
    try:
        place.mkdir(parents=True, exist_ok=True)
        with _unused(file).open("xb") as opened:
            opened.write(data)
            return Path(opened.name)
    except OSError as error:
        raise NoteError(line("line.folder_closed", reason=error.strerror)) from error


def remove(place: Path, note: IndexedNote) -> Path:
    """Move a note of this folder to `.removed`; return where it is now; raise NoteError if it is not in the folder."""
    file, inside = Path(os.path.realpath(file_of(note).path)), Path(os.path.realpath(place))
    if not file.is_relative_to(inside):
        raise NoteError(line("line.note_outside"))
    try:
        target = _unused(inside / REMOVED / file.relative_to(inside))
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)
    except OSError as error:
        raise NoteError(line("line.note_stays", reason=error.strerror)) from error
    return target


def _safe(name: str) -> str:
    """Return a file name that stays in its folder and works on every system; raise NoteError if nothing of it is left.

    Letters are composed, as a macOS disk decomposes them ("가" is one letter, not two); "CON.md" becomes "CON_.md".
    """
    base = unicodedata.normalize("NFC", plain(re.split(r"[\\/]", name)[-1]))
    stem, suffix = os.path.splitext(_FORBIDDEN.sub(" ", base).strip(" ."))
    if suffix.lower() not in SUFFIXES:
        kinds = ", ".join(sorted(SUFFIXES))
        raise NoteError(line("line.other_kind", kinds=kinds, name=(suffix or base)[:_LONGEST]))
    stem = stem.encode()[:_LONGEST].decode(errors="ignore").strip(" .")
    if not any(map(str.isalnum, stem)):
        raise NoteError(line("line.no_name"))
    first, dot, rest = stem.partition(".")
    return f"{first}_{dot}{rest}{suffix}" if _RESERVED.fullmatch(first.strip()) else f"{stem}{suffix}"


def _unused(file: Path) -> Path:
    """Return the file's name, or the next free one, such as `note-2.md`.

    A name counts as taken where it differs only in case or in composed letters: some systems hold both for one.
    """
    taken = {_alike(name) for name in os.listdir(file.parent)} if file.parent.is_dir() else set()
    free, number = file, 1
    while _alike(free.name) in taken:
        number += 1
        free = file.with_name(f"{file.stem}-{number}{file.suffix}")
    return free


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
