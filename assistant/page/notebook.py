"""Adds notes to the notes folder, and removes them from it, for the page.

In: names and bytes from a browser. Out: files inside the notes folder, or a NoteError of one line. Nothing is
overwritten or deleted: removed and changed notes are moved to `.removed` in the same folder.
"""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from assistant import machine
from assistant.config import Settings
from assistant.errors import NoteError
from assistant.index.manifest import file_of
from assistant.index.store import IndexedNote, Snapshot
from assistant.messages.catalogue import line
from assistant.notes.files import MAX_BINARY, MAX_BYTES, SUFFIXES, decode
from assistant.notes.formats import TEXT
from assistant.notes.front_matter import front_matter
from assistant.text.invisible import plain

REMOVED = ".removed"
AT_ONCE = 50
"""Notes that can be added in one go."""
_LONGEST = 180
"""Bytes of a name without its suffix; file systems allow 255, and a number may be added."""
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"|?*\\/]+')


def folder(settings: Settings, index: Snapshot | None) -> Path:
    """Return the folder for new notes: that of the settings, or the one that most notes of the index come from.

    The latter if the former is missing, or if nobody chose it and no note comes from it: `serve --index other` beside a
    folder `corpus` adds notes to those of the other index.
    """
    roots = Counter(Path(note.root) for note in index.notes) if index else Counter[Path]()
    chosen = settings.notes != Settings.notes or settings.notes.absolute() in roots
    return settings.notes if not roots or (chosen and settings.notes.is_dir()) else roots.most_common(1)[0][0]


def are_example(notes: Collection[IndexedNote]) -> bool:
    """Tell whether the notes are those that come with the program: the README of their one folder says so."""
    roots = {note.root for note in notes}
    readme = Path(roots.pop()) / "README.md" if len(roots) == 1 else None
    try:
        return readme is not None and bool(front_matter(readme.read_text(encoding="utf-8"))[0].get("example"))
    except (OSError, ValueError):
        return False


def chosen(typed: str) -> Path:
    """Return the folder that somebody typed; raise NoteError if there is none, or it cannot be read."""
    place = Path(typed.strip().strip("\"'")).expanduser() if typed.strip() else Path()
    try:
        if not (place.is_absolute() and place.is_dir()):
            raise NoteError(line("line.no_folder", path=typed.strip()[:_LONGEST] or "…"))
        os.listdir(place)
    except (OSError, RuntimeError, ValueError) as error:
        raise NoteError(line("line.no_folder", path=typed.strip()[:_LONGEST])) from error
    return place


def add(place: Path, name: str, data: bytes) -> Path:
    """Write a note; return its file.

    Raises:
        NoteError: the name or the bytes are not valid for a note, or the folder cannot be written.

    """
    file = place / _safe(name)
    text = file.suffix.lower() in TEXT
    if len(data) > (most := MAX_BYTES if text else MAX_BINARY):
        raise NoteError(line("line.note_too_large", most=most, size=len(data)))
    if not (decode(data) if text else data).strip():
        raise NoteError(line("line.note_empty"))
    try:
        place.mkdir(parents=True, exist_ok=True)
        with _unused(file).open("xb") as opened:
            opened.write(data)
            return Path(opened.name)
    except OSError as error:
        raise NoteError(line("line.folder_closed", reason=error.strerror)) from error


def change(place: Path, note: IndexedNote, data: bytes) -> Path:
    """Write a text note of this folder anew; return where its former text is now, in `.removed`.

    Raises:
        NoteError: it is no text file, is not in the folder, or cannot be written.

    """
    file = Path(os.path.realpath(file_of(note).place))
    if file_of(note).archive or file.suffix.lower() not in TEXT:
        raise NoteError(line("line.note_fixed"))
    if len(data) > MAX_BYTES:
        raise NoteError(line("line.note_too_large", most=MAX_BYTES, size=len(data)))
    if not decode(data).strip():
        raise NoteError(line("line.note_empty"))
    former = remove(place, note)
    try:
        file.write_bytes(data)
    except OSError as error:
        former.replace(file)  # which may be there, in part
        raise NoteError(line("line.folder_closed", reason=error.strerror)) from error
    return former


def restore(place: Path, removed: str, source: str) -> Path:
    """Move a note back from `.removed`, where it is named so, to its source; return its file.

    Raises:
        NoteError: it is not there, or cannot be moved.

    """
    inside = Path(os.path.realpath(place))
    file, back = (Path(os.path.realpath(path)) for path in (inside / REMOVED / removed, inside / source))
    if not (file.is_relative_to(inside / REMOVED) and file.is_file() and back.is_relative_to(inside)):
        raise NoteError(line("line.note_gone"))
    try:
        target = _unused(back)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)
    except OSError as error:
        raise NoteError(line("line.note_stays", reason=error.strerror)) from error
    return target


def remove(place: Path, note: IndexedNote) -> Path:
    """Move a note of this folder to `.removed`, with the archive that it is in; return where it is now.

    Raises:
        NoteError: the note is not in the folder, or cannot be moved.

    """
    file, inside = Path(os.path.realpath(file_of(note).place)), Path(os.path.realpath(place))
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
    """Return a file name that is valid on every system and has no folders; raise NoteError if nothing is left of it.

    Hangul is composed, since macOS decomposes it ("가" becomes one character, not two); "CON.md" becomes "CON_.md".
    """
    base = unicodedata.normalize("NFC", plain(re.split(r"[\\/]", name)[-1]))
    stem, suffix = os.path.splitext(_FORBIDDEN.sub(" ", base).strip(" ."))
    if suffix.lower() not in SUFFIXES:
        raise NoteError(line("line.other_kind", name=(suffix or base)[:_LONGEST]))
    stem = stem.encode()[:_LONGEST].decode(errors="ignore").strip(" .")
    if not any(map(str.isalnum, stem)):
        raise NoteError(line("line.no_name"))
    first, dot, rest = stem.partition(".")
    return f"{first}_{dot}{rest}{suffix}" if machine.is_device(first) else f"{stem}{suffix}"


def _unused(file: Path) -> Path:
    """Return the file, or the next free name, such as `note-2.md`.

    Names that differ only in case or in composed letters count as equal, since some systems do not distinguish them.
    """
    taken = {machine.alike(name) for name in os.listdir(file.parent)} if file.parent.is_dir() else set()
    free, number = file, 1
    while machine.alike(free.name) in taken:
        number += 1
        free = file.with_name(f"{file.stem}-{number}{file.suffix}")
    return free
