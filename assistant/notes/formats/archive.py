"""Opens zip archives of strangers: what is in them may be meant to fill the memory.

In: bytes. Out: a zip file whose parts are of bearable size.
"""

import io
import zipfile

from assistant.errors import NoteError

MOST_PARTS = 20_000
MOST_BYTES = 400_000_000
"""Bytes of all parts together, unpacked. `zipfile` never unpacks more of a part than the archive says it has."""


def opened(data: bytes) -> zipfile.ZipFile:
    """Return the archive; raise NoteError if it is broken, encrypted, or unpacks to too much."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise NoteError(f"it is damaged ({error}); take it from where it came from once more") from error
    parts = archive.infolist()
    size = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or size > MOST_BYTES:
        raise NoteError(f"it unpacks to {len(parts):,} parts of {size:,} bytes; at most {MOST_BYTES:,} bytes are read")
    if any(part.flag_bits & 1 for part in parts):
        raise NoteError("it is encrypted; save it without a password")
    return archive
