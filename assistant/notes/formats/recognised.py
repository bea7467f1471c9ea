"""Keeps what was recognised of scanned pages, which takes seconds a page, beside the models in the user's cache folder.

In: a file's bytes. Out: its pages, as JSON has them. Where nothing can be kept, pages are recognised anew.
"""

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from assistant.config import cache_folder

MOST = 50_000
"""Pages that are kept of all files, about 20 kB each; the oldest go first."""
_MADE = "CREATE TABLE IF NOT EXISTS pages (file TEXT, number INTEGER, page TEXT, PRIMARY KEY (file, number))"
_failed: dict[tuple[str, int], str] = {}
"""Pages that could not be read: another process tries them once more."""


def file() -> Path:
    """Return where the pages of all files are kept."""
    return cache_folder() / "recognised.sqlite3"


class Kept:
    """The recognised pages of one file."""

    def __init__(self, data: bytes) -> None:
        """Look up what is kept of a file."""
        self._name = hashlib.sha256(data).hexdigest()
        self._pages: dict[int, Any] = {}
        if not file().exists():
            return
        with suppress(sqlite3.Error, ValueError), closing(sqlite3.connect(file())) as kept:
            rows = kept.execute("SELECT number, page FROM pages WHERE file = ?", (self._name,))
            self._pages = {number: json.loads(page) for number, page in rows}

    @property
    def pages(self) -> list[tuple[int, Any]]:
        """All pages with their numbers: what is read there, or why nothing is."""
        failed = {number: why for (name, number), why in _failed.items() if name == self._name}
        return [*(failed | self._pages).items()]

    def add(self, fresh: Sequence[Sequence[Any]]) -> None:
        """Keep more pages."""
        read = {number: page for number, page in fresh if not isinstance(page, str)}
        _failed.update({(self._name, number): page for number, page in fresh if isinstance(page, str)})
        self._pages |= read
        if not read:
            return
        with suppress(sqlite3.Error, OSError):
            file().parent.mkdir(parents=True, exist_ok=True)
            file().touch(mode=0o600)
            with closing(sqlite3.connect(file())) as kept, kept:
                kept.execute(_MADE)
                rows = [(self._name, number, json.dumps(page, ensure_ascii=False)) for number, page in read.items()]
                kept.executemany("INSERT OR REPLACE INTO pages VALUES (?, ?, ?)", rows)
                kept.execute("DELETE FROM pages WHERE rowid <= (SELECT max(rowid) FROM pages) - ?", (MOST,))
