"""The folder into which a browser's files come on their way to the notes: ours alone, and emptied.

In: what the page says of an uploaded file. Out: its name and its bytes; the file is gone afterwards. What was uploaded
and never used goes after a while, and all of it when the process ends.
"""

import atexit
import os
import shutil
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from assistant.notes.files import MAX_BYTES

_WHILE = 600.0
"""Seconds after which a file that was uploaded is not on its way to anything any more."""


@cache
def folder() -> Path:
    """Return the folder of this process, which nobody else may enter."""
    made = Path(os.path.realpath(tempfile.mkdtemp(prefix="notes-assistant-uploads-")))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def holds(path: str) -> bool:
    """Tell whether a path names a file in the folder, and no way out of it."""
    try:
        real = os.path.realpath(path)
        return os.path.isabs(path) and os.path.isfile(real) and Path(real).is_relative_to(folder())
    except (OSError, ValueError):
        return False


def taken(item: dict[str, str]) -> tuple[str, bytes]:
    """Return an uploaded file's own name and its bytes, one more than a note may have at most, and remove it."""
    path = item["path"]
    name = item.get("orig_name") or os.path.basename(path)
    if not holds(path):
        return name, b""
    with open(path, "rb") as opened:
        data = opened.read(MAX_BYTES + 1)
    os.remove(path)
    with suppress(OSError):  # another file that holds the same bytes may lie beside it
        os.rmdir(os.path.dirname(path))
    return name, data


def sweep() -> None:
    """Remove what has lain in the folder for a while."""
    for item in folder().iterdir():
        with suppress(OSError):  # another request was faster
            if time.time() - item.stat().st_mtime > _WHILE:
                shutil.rmtree(item) if item.is_dir() else item.unlink()
