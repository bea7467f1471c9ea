"""The base of an index: files derived from the database, so that searches are fast.

In: passages in the database. Out: a folder of arrays, mapped into memory, and a FAISS file. The database records their
folder, the last row that they hold, and a checksum of each file. Files that are missing or do not match count as
damage, and the next update makes them again.
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
"""The base is made again once more passages than this, and more than this share of it, were added or removed since."""


def read(folder: Path, recorded: Mapping[str, Any]) -> Part:
    """Map the base that the database records into memory; raise ValueError or OSError if a file is damaged."""
    place = folder / recorded["folder"]
    for name, checksum in recorded["files"].items():
        if _checksum(place / name) != checksum:
            raise ValueError(f"{recorded['folder']}/{name} is not what was written")
    arrays = {name: np.load(place / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS}
    rows = Rows(**{name: array for name, array in arrays.items() if _ARRAYS[name] is Rows})
    postings = Postings(**{name: array for name, array in arrays.items() if _ARRAYS[name] is Postings})
    return Part(rows, postings, vectors.read(place / _VECTORS))


def whole(folder: Path, recorded: Mapping[str, Any]) -> bool:
    """Tell whether all files of a base match their checksums."""
    return all(
        _checksum(folder / recorded["folder"] / name) == checksum for name, checksum in recorded["files"].items()
    )


def renew(connection: Connection, folder: Path, threads: int, *, anyway: bool = False) -> None:
    """Make the base again if many passages changed since, or `anyway`; remove the files of older bases."""
    recorded = database.meta(connection, "base")
    size, last = (recorded["passages"], recorded["last"]) if recorded else (0, 0)
    [(added,)] = connection.execute("SELECT count(*) FROM passages WHERE row > ?", (last,))
    [(removed,)] = connection.execute("SELECT count(*) FROM removed")
    if not anyway and added + removed <= max(FEW, SHARE * size):
        return
    part = _joined(connection, folder, None if anyway else recorded)
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
    """Return a mask of the base's passages that still exist; None if all do."""
    removed = [row for (row,) in connection.execute("SELECT row FROM removed")]
    if not removed:
        return None
    return ~np.isin(part.rows.rows, removed)


def _joined(connection: Connection, folder: Path, recorded: Mapping[str, Any] | None) -> Part:
    """Return the passages of the old base and those added since, without vectors."""
    added = Part.read(connection, recorded["last"] if recorded else 0, vectors=False)
    if recorded is None:
        return added
    old = read(folder, recorded)
    kept = live(connection, old)
    mask = np.ones(len(old.rows), bool) if kept is None else kept
    columns = (
        np.concatenate([getattr(old.rows, item.name)[mask], getattr(added.rows, item.name)]) for item in fields(Rows)
    )
    return Part(Rows(*columns), old.postings.joined(mask, added.postings), added.vectors)


def _write(part: Part, connection: Connection, place: Path, threads: int) -> dict[str, int]:
    """Write the files of a base and return their checksums."""
    place.mkdir()
    for name, kind in _ARRAYS.items():
        np.save(place / f"{name}.npy", getattr(part.rows if kind is Rows else part.postings, name), allow_pickle=False)
    vectors.write(vectors.build(matrix(connection, 0, len(part.rows)), threads), place / _VECTORS)
    return {file.name: _checksum(file) for file in sorted(place.iterdir())}


def _checksum(file: Path) -> int:
    """Return the CRC-32 of a file: five times faster than SHA-256, and enough to detect damage."""
    checksum = 0
    with file.open("rb") as opened:
        while block := opened.read(1 << 22):
            checksum = zlib.crc32(block, checksum)
    return checksum
