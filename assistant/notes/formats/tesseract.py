"""Finds and runs Tesseract, a program that a person may install; without it no scan and no picture is read.

It reads Korean and English, where its data for them are installed. What it is not there to read is said with `GET` or
`KOREAN`, and what it has yet to read with `WAITS`, so that it can be read later.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

from assistant.errors import NoteError

GET = "or install Tesseract and its Korean data (packages tesseract-ocr and tesseract-ocr-kor) and index again"
KOREAN = "read as English only; install Tesseract's Korean data (package tesseract-ocr-kor) and index again"
WAITS = "wait to be recognised; `assistant index` goes on with them"


def program() -> str | None:
    """Return where the program is; None if it is not installed."""
    found = shutil.which("tesseract")
    # Windows looks first in the working folder, where notes of strangers may lie
    return found if found and Path(found).resolve().parent != Path.cwd() else None


def languages() -> tuple[str, ...]:
    """Return which of Korean and English the program can read, as it calls them."""
    try:
        said = run(time.monotonic() + 10, "--list-langs").split()
    except NoteError:
        return ()
    return tuple(language for language in ("kor", "eng") if language in said)


def may_help(missing: str) -> bool:
    """Tell whether what is `missing` of a file could be read now: it waits, or the program for it is there now."""
    return WAITS in missing or GET in missing and bool(languages()) or KOREAN in missing and "kor" in languages()


def run(until: float, *arguments: str) -> str:
    """Return what the program prints; `until` is on the monotonic clock.

    Raises:
        NoteError: it is not there, it failed, or it took longer.

    """
    command = program()
    if not command:
        raise NoteError("Tesseract is not installed")
    # its threads wait for each other longer than they save
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    left = max(until - time.monotonic(), 0)
    try:
        done = subprocess.run(
            [command, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=left, env=environment
        )
    except subprocess.TimeoutExpired as error:
        raise NoteError("Tesseract took too long") from error
    except OSError as error:
        raise NoteError(f"Tesseract cannot be started ({error.strerror})") from error
    if done.returncode:
        raise NoteError(f"Tesseract ended with status {done.returncode}")
    return done.stdout.decode("utf-8", "replace")
