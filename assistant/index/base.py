"""The files that are made of the database so that searches are fast: the base of an index.

In: a part of an index. Out: a folder of arrays that are mapped into memory, and a file of FAISS's. What the database
says of them (their folder, the last row they hold, a checksum of each) is what makes them count: files that are missing
or not what was written are damage, and an update makes them anew.
"""

import re
import secrets
import shutil
import zlib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import numpy as np

from assistant.index import database, vectors
from assistant.index.database import transaction
from assistant.index.keywords import Postings
from assistant.index.part import Mask, Part, Rows, matrix

_FOLDER = re.compile(r"base-[0-9a-f]{12}")
_VECTORS = "vectors.faiss"
_ARRAYS = {name: kind for kind in (Rows, Postings) for name in (item.name for item in fields(kind))}
FEW, SHARE = 1_000, 0.03
"""Passages added or removed since, in number and as a share of the base, above both of which it is made anew."""


def read(folder: Path, said: Mapping[str, Any]) -> Part:
    """Map the base that the database names; raise ValueError or OSError if a file is not what was written."""
    place = folder / said["folder"]
    for name, checksum in said["files"].items():
        if _checksum(place / name) != checksum:
            raise ValueError(f"{said['folder']}/{name} is not what was written")
    arrays = {name: np.load(place / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS}
    rows = Rows(**{name: array for name, array in arrays.items() if _ARRAYS[name] is Rows})
    postings = Postings(**{name: array for name, array in arrays.items() if _ARRAYS[name] is Postings})
    return Part(rows, postings, vectors.read(place / _VECTORS))


def whole(folder: Path, said: Mapping[str, Any]) -> bool:
    """Tell whether the files of a base are what was written."""
    return all(_checksum(folder / said["folder"] / name) == checksum for name, checksum in said["files"].items())


def renew(connection: Connection, folder: Path, threads: int, *, anyway: bool = False) -> None:
    """Make the base anew if much was added or removed since it was made, or `anyway`; other bases' files go."""
    said = database.meta(connection, "base")
    held, last = (said["passages"], said["last"]) if said else (0, 0)
    [(added,)] = connection.execute("SELECT count(*) FROM passages WHERE row > ?", (last,))
    [(gone,)] = connection.execute("SELECT count(*) FROM removed")
    if not anyway and added + gone <= max(FEW, SHARE * held):
        return
    part = _joined(connection, folder, None if anyway else said)
    name = f"base-{secrets.token_hex(6)}"
    try:
        files = _write(part, connection, folder / name, threads) if len(part.rows) else {}
        last = int(part.rows.rows[-1]) if len(part.rows) else 0
        new = {"folder": name, "last": last, "passages": len(part.rows), "files": files}
        with transaction(connection):
            database.put_meta(connection, base=new if files else None)
            connection.execute("DELETE FROM removed")
    except BaseException:
        shutil.rmtree(folder / name, ignore_errors=True)  # what is left of it must not keep a disk full
        raise
    clear(folder, name)


def clear(folder: Path, kept: str = "") -> None:
    """Remove the files of every base but one."""
    for path in folder.iterdir():
        if _FOLDER.fullmatch(path.name) and path.name != kept:
            shutil.rmtree(path, ignore_errors=True)


def live(connection: Connection, part: Part) -> Mask | None:
    """Return which passages of the base were not removed since; None if none was."""
    gone = [row for (row,) in connection.execute("SELECT row FROM removed")]
    if not gone:
        return None
    return ~np.isin(part.rows.rows, gone)


def _joined(connection: Connection, folder: Path, said: Mapping[str, Any] | None) -> Part:
    """Return what the base held and what came since, without vectors."""
    added = Part.read(connection, said["last"] if said else 0, vectors=False)
    if said is None:
        return added
    before = read(folder, said)
    kept = live(connection, before)
    mask = np.ones(len(before.rows), bool) if kept is None else kept
    columns = (
        np.concatenate([getattr(before.rows, item.name)[mask], getattr(added.rows, item.name)]) for item in fields(Rows)
    )
    return Part(Rows(*columns), before.postings.joined(mask, added.postings), added.vectors)


def _write(part: Part, connection: Connection, place: Path, threads: int) -> dict[str, int]:
    """Write the files of a base and return their checksums."""
    place.mkdir()
    for name, kind in _ARRAYS.items():
        np.save(place / f"{name}.npy", getattr(part.rows if kind is Rows else part.postings, name), allow_pickle=False)
    vectors.write(vectors.build(matrix(connection, 0, len(part.rows)), threads), place / _VECTORS)
    return {file.name: _checksum(file) for file in sorted(place.iterdir())}


def _checksum(file: Path) -> int:
    """Return the CRC-32 of a file: a fifth of what a SHA-256 takes, and the question is damage, not deceit."""
    checksum = 0
    with file.open("rb") as opened:
        while block := opened.read(1 << 22):
            checksum = zlib.crc32(block, checksum)
    return checksum
