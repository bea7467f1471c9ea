"""The notes folder as the page changes it: a note is added, or moved out of the way.

In: names and bytes from a browser. Out: files inside the notes folder and nowhere else, and one clear line for what
cannot be one. Nothing is overwritten and nothing deleted: what is removed goes to `.removed` in the same folder.
"""

import os
import re
from pathlib import Path

from assistant.config import Settings
from assistant.errors import NoteError
from assistant.index.manifest import IndexedNote, Manifest
from assistant.notes.files import MAX_BYTES, SUFFIXES, decode
from assistant.text.invisible import plain

REMOVED = ".removed"
AT_ONCE = 50
"""Notes that can be added in one go."""
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"|?*\\/]+')


def folder(settings: Settings, manifest: Manifest | None) -> Path:
    """Return where notes are added: the settings' notes, or, if those are absent, the first folder of the index."""
    roots = [Path(note.root) for note in manifest.notes] if manifest else []
    return settings.notes if settings.notes.is_dir() or not roots else roots[0]


def add(place: Path, name: str, data: bytes) -> Path:
    """Write a note; return its file.

    Raises:
        NoteError: the name or the bytes cannot be a note's, or the folder cannot be written.

    """
    file = place / _safe(name)
    if len(data) > MAX_BYTES:
        raise NoteError(f"a note has at most {MAX_BYTES:,} bytes, found {len(data):,}; split it (노트가 너무 큽니다)")
    if not decode(data).strip():
        raise NoteError("expected text, found an empty note; write something first (노트가 비어 있습니다)")
    try:
        place.mkdir(parents=True, exist_ok=True)
        with _unused(file).open("xb") as opened:
            opened.write(data)
            return Path(opened.name)
    except OSError as error:
        raise NoteError(f"cannot write into the notes folder: {error.strerror} (노트 폴더에 쓸 수 없습니다)") from error


def remove(place: Path, note: IndexedNote) -> Path:
    """Move a note of this folder to `.removed`; return where it is now; raise NoteError if it is not in the folder."""
    file, inside = Path(os.path.realpath(note.file.path)), Path(os.path.realpath(place))
    if not file.is_relative_to(inside):
        raise NoteError("this note is outside the notes folder; remove its file there (노트 폴더 밖의 파일입니다)")
    try:
        target = _unused(inside / REMOVED / file.relative_to(inside))
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)
    except OSError as error:
        raise NoteError(f"cannot move the note: {error.strerror} (노트를 옮길 수 없습니다)") from error
    return target


def _safe(name: str) -> str:
    """Return a file name that stays in its folder and can be seen; raise NoteError if nothing of it is left."""
    base = _FORBIDDEN.sub(" ", plain(re.split(r"[\\/]", name)[-1])).strip(" .")[:120]
    stem, suffix = os.path.splitext(base)
    if suffix.lower() not in SUFFIXES:
        kinds = ", ".join(sorted(SUFFIXES))
        raise NoteError(
            f"notes end in {kinds}; found '{suffix or base}' (노트의 이름은 {kinds} 가운데 하나로 끝나야 합니다)"
        )
    if not any(map(str.isalnum, stem)):
        raise NoteError("expected a name with a letter or digit (이름에 글자나 숫자가 없습니다)")
    return f"{stem.strip()}{suffix}"


def _unused(file: Path) -> Path:
    """Return the file's name, or the next free one, such as `note-2.md`."""
    found, number = file, 1
    while os.path.lexists(found):
        number += 1
        found = file.with_name(f"{file.stem}-{number}{file.suffix}")
    return found
