"""The temporary folder for uploaded files, which only this user can enter.

In: the page's description of an uploaded file. Out: its name and bytes; the file is then removed. Unused uploads are
removed after a while, and the whole folder when the process ends.
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
"""Seconds after which an unused upload is removed."""


@cache
def folder() -> Path:
    """Return this process's folder, which only this user can enter."""
    created = Path(os.path.realpath(tempfile.mkdtemp(prefix="notes-assistant-uploads-")))
    atexit.register(shutil.rmtree, created, ignore_errors=True)
    return created


def holds(path: str) -> bool:
    """Tell whether a path names a file in the folder, with links resolved."""
    try:
        real = os.path.realpath(path)
        return os.path.isabs(path) and os.path.isfile(real) and Path(real).is_relative_to(folder())
    except (OSError, ValueError):
        return False


def taken(item: dict[str, str]) -> tuple[str, bytes]:
    """Return an uploaded file's name and bytes, and remove it; of a large file only `MAX_BYTES + 1` bytes are read."""
    path = item["path"]
    name = item.get("orig_name") or os.path.basename(path)
    if not holds(path):
        return name, b""
    with open(path, "rb") as opened:
        data = opened.read(MAX_BYTES + 1)
    os.remove(path)
    with suppress(OSError):  # another upload of the same content may be in its folder
        os.rmdir(os.path.dirname(path))
    return name, data


def sweep() -> None:
    """Remove unused uploads that are older than `_WHILE`."""
    for item in folder().iterdir():
        with suppress(OSError):  # another request was faster
            if time.time() - item.stat().st_mtime > _WHILE:
                shutil.rmtree(item) if item.is_dir() else item.unlink()
