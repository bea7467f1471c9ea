"""Reads files of strangers in a process of their own: a parser may crash, hang or want all memory, and only it ends.

In: a format and bytes. Out: an `Extracted`, or a NoteError. The child is kept for the next file and ends by itself when
none comes; a file that ends it costs nothing but itself. What comes back is JSON: nothing of the child's is run here.
"""

import atexit
import base64
import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any

import psutil

from assistant.errors import NoteError
from assistant.notes.formats import recognised, tesseract
from assistant.notes.formats.extracted import Extracted
from assistant.text.blocks import Block, Kind, Place

PATIENCE = 120.0
"""Seconds that one file may take; a paper of 30 pages takes less than 2. Of scans it is a few pages."""
GLANCE = 5.0
"""Seconds of a file's scanned pages at a time: others may ask for a page or a note between."""
_SCANNED = ("pdf", "image")
_KEPT = 4
"""Files that were read last are kept: one that is cited is opened again and again."""
_LOCK = threading.Lock()
_read_lately: dict[tuple[str, bytes], Extracted] = {}
_children: list[subprocess.Popen[bytes]] = []


def extract(kind: str, data: bytes, seconds: float = GLANCE) -> Extracted:
    """Return what a module of this package reads in a file's bytes, spending so many seconds on scanned pages.

    What was recognised of those is kept; the next call goes on with the others.

    Raises:
        NoteError: the bytes are broken, encrypted or too much, or the parser died or hung.

    """
    key = (kind, hashlib.sha256(data).digest())
    found = _read_lately.get(key)
    if found is None or tesseract.may_help(found.missing):
        found = _recognised(kind, data, seconds) if kind in _SCANNED else _extracted(_answered({"kind": kind}, data))
        with _LOCK:
            _read_lately[key] = found
            for old in list(_read_lately)[:-_KEPT]:
                del _read_lately[old]
    return found


def _recognised(kind: str, data: bytes, seconds: float) -> Extracted:
    known, until = recognised.Kept(data), time.monotonic() + seconds
    while True:
        left = max(until - time.monotonic(), 0)
        answer = _answered({"kind": kind, "known": known.pages, "seconds": min(left, GLANCE)}, data)
        known.add(fresh := answer.get("fresh", ()))
        if left <= GLANCE or not fresh or tesseract.WAITS not in answer.get("refused", answer.get("missing", "")):
            return _extracted(answer)
        time.sleep(0.01)  # who waits for the child has it now


def _extracted(answer: Mapping[str, Any]) -> Extracted:
    _unless_refused(answer)
    return Extracted(
        answer["text"],
        tuple(Block(Kind(kind), start, end, level, words) for kind, start, end, level, words in answer["blocks"]),
        tuple(Place(start, end, locator) for start, end, locator in answer["places"]),
        answer["fields"],
        answer["missing"],
    )


def picture(kind: str, data: bytes, page: int) -> bytes:
    """Return a page of a PDF or a picture as PNG, pages counting from 1; raise NoteError as `extract` does."""
    answer = _answered({"kind": kind, "page": page}, data)
    _unless_refused(answer)
    return base64.b64decode(answer["picture"])


def memory() -> float:
    """Return the memory in MB of the process that reads; nan where none runs, or the system does not say."""
    with _LOCK:
        child = _children[0] if _children and _children[0].poll() is None else None
        if child is None:
            return float("nan")
        return float(psutil.Process(child.pid).memory_info().rss) / 2**20


def _answered(asked: dict[str, Any], data: bytes) -> dict[str, Any]:
    with _LOCK:
        for _ in range(2):  # a child that has just gone because nothing came is replaced once
            answer = _asked(_child(), asked, data)
            if answer is not None:
                break
        else:
            raise NoteError("it ended the program that reads such files; it is damaged, or made to do so")
    return answer


def _unless_refused(answer: Mapping[str, Any]) -> None:
    if reason := answer.get("refused"):
        raise NoteError(str(reason))


def _asked(child: "subprocess.Popen[bytes]", asked: dict[str, Any], data: bytes) -> dict[str, Any] | None:
    """Return the child's answer; None if it died before it took the file, and a refusal if it died of it or hung."""
    took = threading.Event()
    late = threading.Timer(PATIENCE, child.kill)
    late.start()
    try:
        sent(_pipe(child.stdin), json.dumps(asked).encode())
        sent(_pipe(child.stdin), data)
        if received(_pipe(child.stdout)) is not None:
            took.set()
            answer = received(_pipe(child.stdout))
            if answer is not None:
                return dict(json.loads(answer))
    except OSError:
        pass
    finally:
        in_time = late.is_alive()
        late.cancel()
    _end(child)
    if not in_time:
        return {"refused": f"reading it took more than {PATIENCE:.0f} seconds; split it"}
    if took.is_set():
        return {"refused": "it ended the program that reads such files; it is damaged, or wants too much memory"}
    return None


def _child() -> "subprocess.Popen[bytes]":
    if not _children or _children[0].poll() is not None:
        _end_all()
        _children[:] = [
            subprocess.Popen(
                [sys.executable, "-m", "assistant.notes.formats.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        ]
    return _children[0]


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise OSError("no pipe")
    return stream


@atexit.register
def _end_all() -> None:
    for child in _children:
        _end(child)


def _end(child: "subprocess.Popen[bytes]") -> None:
    with suppress(OSError):
        child.kill()
    for stream in (child.stdin, child.stdout):
        with suppress(OSError):
            _pipe(stream).close()
    child.wait()


def sent(stream: IO[bytes], data: bytes) -> None:
    """Write a message: its length in eight bytes, and it."""
    stream.write(len(data).to_bytes(8, "little"))
    stream.write(data)
    stream.flush()


def received(stream: IO[bytes]) -> bytes | None:
    """Return the next message; None where the stream ended."""
    length = stream.read(8)
    if len(length) < 8:
        return None
    data = stream.read(size := int.from_bytes(length, "little"))
    return data if len(data) == size else None
