"""Vectors of an index run that has not finished: a killed run's work is not done again.

A file beside the index: one line of JSON that says what made the vectors, then records of one size, each the SHA-256 of
a text and its vector. A record that a kill cut short is dropped.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant.models.embedding import Vectors

_DIGEST = 32


class Journal:
    """Reads what an earlier run left, takes what this one makes, and goes when the index is written."""

    def __init__(self, file: Path, weights: str) -> None:
        self._file, self._weights = file, weights
        self._whole = 0
        """Bytes that are whole and of these weights; what follows them is overwritten."""

    def read(self, texts: Sequence[str]) -> dict[str, Vectors]:
        """Return the vectors that are there for these texts; none if other weights made them."""
        try:
            data = self._file.read_bytes()
            head, _, body = data.partition(b"\n")
            said = json.loads(head)
            if said["weights"] != self._weights:
                return {}
            record = np.dtype([("digest", f"V{_DIGEST}"), ("vector", "<f4", (said["dimension"],))])
        except (OSError, ValueError, KeyError, TypeError):
            return {}  # nothing was left, or nothing whole
        size = len(body) // record.itemsize * record.itemsize
        self._whole = len(head) + 1 + size
        had = {item["digest"].tobytes(): item["vector"] for item in np.frombuffer(body[:size], record)}
        return {text: had[key] for text in texts if (key := _digest(text)) in had}

    def append(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Add vectors, shape (texts, dimension), behind what is whole; raise OSError if there is no room."""
        rows = np.asarray(vectors, "<f4")
        records = b"".join(_digest(text) + row.tobytes() for text, row in zip(texts, rows, strict=True))
        if not self._whole:
            head = json.dumps({"weights": self._weights, "dimension": rows.shape[1]})
            records = head.encode() + b"\n" + records
        with self._file.open("r+b" if self._whole else "wb") as file:
            file.seek(self._whole)
            file.write(records)
            file.truncate()
        self._whole += len(records)

    def remove(self) -> None:
        """Delete the file: its vectors are in the index."""
        self._file.unlink(missing_ok=True)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
