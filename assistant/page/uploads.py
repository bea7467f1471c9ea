"""The temporary folder for uploaded files, which only this user can enter.

In: the page's description of an uploaded file. Out: its name and bytes; the file is then removed. Unused uploads are
removed after a while, and the whole folder when the process ends; the next process removes those of killed ones, whose
locks are free.
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

from filelock import FileLock, Timeout

from assistant.notes.files import MAX_BINARY

_WHILE = 600.0
"""Seconds after which an unused upload is removed."""


_PREFIX = "notes-assistant-uploads-"
_LOCK = ".lock"


@cache
def folder() -> Path:
    """Return this process's folder, which only this user can enter."""
    return Path(_lock().lock_file).parent


@cache
def _lock() -> FileLock:
    """Make the folder, and hold its lock until the process ends, however it ends."""
    created = Path(os.path.realpath(tempfile.mkdtemp(prefix=_PREFIX)))
    lock = FileLock(created / _LOCK)
    lock.acquire()
    atexit.register(clear)
    return lock


def clear() -> None:
    """Remove the folder of this process, at its end."""
    _lock().release()
    shutil.rmtree(folder(), ignore_errors=True)


def holds(path: str) -> bool:
    """Tell whether a path names an uploaded file, with links resolved; each lies in a folder of its own in `folder`."""
    try:
        real = os.path.realpath(path)
        return os.path.isabs(path) and os.path.isfile(real) and Path(real).parent.parent == folder()
    except (OSError, ValueError):
        return False


def taken(item: dict[str, str]) -> tuple[str, bytes]:
    """Return an uploaded file's name and bytes, and remove it; of a large file only `MAX_BINARY + 1` bytes are read."""
    path = item["path"]
    name = item.get("orig_name") or os.path.basename(path)
    if not holds(path):
        return name, b""
    with open(path, "rb") as opened:
        data = opened.read(MAX_BINARY + 1)
    os.remove(path)
    with suppress(OSError):  # another upload of the same content may be in its folder
        os.rmdir(os.path.dirname(path))
    return name, data


def sweep() -> None:
    """Remove what has lain for a while in the folder, and the folders of this user's processes that have ended."""
    for item in folder().iterdir():
        with suppress(OSError):  # another thread was faster
            if item.name != _LOCK and time.time() - item.stat().st_mtime > _WHILE:
                shutil.rmtree(item) if item.is_dir() else item.unlink()
    for place in _others():
        with suppress(OSError, Timeout):
            with FileLock(place / _LOCK, timeout=0):
                pass  # its process has ended
            shutil.rmtree(place)  # only now, since Windows removes no file that is open


def _others() -> Iterator[Path]:
    """Yield the folders of this user's other processes; a link with such a name is none."""
    mine = folder()
    for place in mine.parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if place != mine and not place.is_symlink() and place.stat().st_uid == mine.stat().st_uid:
                yield place
