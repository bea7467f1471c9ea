"""Opens zip archives of strangers: what is in them may be meant to fill the memory.

In: bytes, or a file. Out: a zip file whose parts are of bearable size, and the bytes of a part.
"""

import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from assistant.errors import NoteError

MOST_PARTS = 20_000
MOST_BYTES = 400_000_000
"""Bytes of all parts together, unpacked. `zipfile` never unpacks more of a part than the archive says it has."""


def opened(source: bytes | Path, reads: Callable[[str], bool] = lambda name: True) -> zipfile.ZipFile:
    """Return the archive; raise NoteError if it is broken, encrypted, or unpacks to too much.

    Only parts that its reader `reads`, by their names, count: the videos of an export are never unpacked.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise NoteError(f"it is damaged ({error}); take it from where it came from once more") from error
    except OSError as error:
        raise NoteError(f"cannot be read: {error.strerror or error}") from error
    try:
        _bearable([info for info in archive.infolist() if reads(info.filename)])
    except NoteError:
        archive.close()
        raise
    return archive


def _bearable(parts: list[zipfile.ZipInfo]) -> None:
    bearable(len(parts), sum(part.file_size for part in parts))
    if any(part.flag_bits & 1 for part in parts):
        raise NoteError("it is encrypted; save it without a password")


def bearable(parts: int, size: int) -> None:
    """Raise NoteError if there are too many parts, or they are too large, together and unpacked."""
    if parts > MOST_PARTS:
        raise NoteError(f"it unpacks to {parts:,} parts; at most {MOST_PARTS:,} are read: take it apart")
    if size > MOST_BYTES:
        raise NoteError(f"it unpacks to {parts:,} parts of {size:,} bytes; at most {MOST_BYTES:,} bytes are read")


def part(archive: zipfile.ZipFile, name: str | zipfile.ZipInfo) -> bytes:
    """Return the bytes of a part; raise NoteError if it is damaged, KeyError if there is none."""
    try:
        return archive.read(name)
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        shown = name if isinstance(name, str) else name.filename
        raise NoteError(f"its part {shown} is damaged ({error}); take it from where it came from once more") from error
