"""The temporary folder for uploaded files, which only this user can enter.

In: the page's description of an uploaded file. Out: its name and bytes; the file is then removed. Unused uploads are
removed after a while, and the whole folder when the process ends; the next process removes what a killed one left.
"""

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from assistant.notes.files import MAX_BYTES

_WHILE = 600.0
"""Seconds after which an unused upload is removed."""


_PREFIX = "notes-assistant-uploads-"


@cache
def folder() -> Path:
    """Return this process's folder, which only this user can enter."""
    created = Path(os.path.realpath(tempfile.mkdtemp(prefix=_PREFIX)))
    atexit.register(clear)
    return created


def clear() -> None:
    """Remove the folder of this process, at its end."""
    shutil.rmtree(folder(), ignore_errors=True)


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
    """Remove what has lain for a while in the folder, or in that of another process of the same user."""
    for place in _folders():
        with suppress(OSError):  # another process was faster
            for item in place.iterdir():
                if time.time() - item.stat().st_mtime > _WHILE:
                    shutil.rmtree(item) if item.is_dir() else item.unlink()


def _folders() -> Iterator[Path]:
    """Yield this process's folder and those of the user's others; a link with such a name is none."""
    mine = folder()
    yield mine
    for place in mine.parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if place != mine and not place.is_symlink() and place.stat().st_uid == mine.stat().st_uid:
                yield place
