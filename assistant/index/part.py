"""A part of an index as arrays, ready to be searched.

In: rows of the database. Out: arrays in which place i is always the same passage. A snapshot searches two parts: the
base, in files mapped into memory, and the passages added since, read from the database.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection

import numpy as np
import numpy.typing as npt

from assistant.answer import Vectors
from assistant.index import database
from assistant.index.keywords import Postings
from assistant.index.vectors import Nearest
from assistant.text.language import Language

Mask = npt.NDArray[np.bool_]
LANGUAGES = tuple(Language)


@dataclass(frozen=True)
class Rows:
    """For each passage its row in the database, its note's id, and the number of its language in `LANGUAGES`."""

    rows: npt.NDArray[np.int64]
    notes: npt.NDArray[np.int64]
    languages: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Part:
    """Rows, postings and vectors of the same passages: place i is the same passage in each."""

    rows: Rows
    postings: Postings
    vectors: Nearest

    @classmethod
    def read(cls, connection: Connection, behind: int, *, vectors: bool = True) -> "Part":
        """Read the passages with rows above `behind`, without their vectors if `vectors` is False."""
        table = _rows(connection, behind)
        rows = matrix(connection, behind, len(table)) if vectors else np.empty((0, 0), np.float32)
        return cls(table, Postings.of(_terms(connection, behind)), Nearest.exact(rows))


def _rows(connection: Connection, behind: int) -> Rows:
    read = connection.execute("SELECT row, note, language FROM passages WHERE row > ? ORDER BY row", (behind,))
    table = np.array(
        [(row, note, LANGUAGES.index(Language(language))) for row, note, language in read], np.int64
    ).reshape(-1, 3)
    return Rows(table[:, 0].copy(), table[:, 1].copy(), table[:, 2].astype(np.uint8))


def _terms(connection: Connection, behind: int) -> Iterable[list[str]]:
    for (terms,) in connection.execute("SELECT terms FROM passages WHERE row > ? ORDER BY row", (behind,)):
        yield terms.split("\n") if terms else []


def matrix(connection: Connection, behind: int, count: int) -> Vectors:
    """Return the vectors of the `count` passages with rows above `behind`, shape (count, dimension)."""
    read = connection.execute(
        "SELECT v.digest, v.vector FROM passages p LEFT JOIN vectors v ON v.key = p.vector WHERE p.row > ? "
        "ORDER BY p.row",
        (behind,),
    )
    rows = np.empty((0, 0), np.float32)
    for place, row in enumerate(read):
        vector = database.vector_of(*row)
        if not place:
            rows = np.empty((count, len(vector)), np.float32)
        rows[place] = vector
    return rows
