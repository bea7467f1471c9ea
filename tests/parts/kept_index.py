"""Writes the index of the six notes as text, for `test_upgrade`: `python tests/parts/kept_index.py VERSION`."""

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from fakes import HashEmbedding, write_notes

from assistant.config import Settings
from assistant.index.database import FILE
from assistant.index.update import update

HERE = Path(__file__).parent.parent / "index" / "earlier"


def main(version: str) -> None:
    """Index the notes in a folder that goes again, and keep what is in the database."""
    with tempfile.TemporaryDirectory() as scratch:
        notes = write_notes(Path(scratch) / "notes")
        settings = Settings(notes=notes, index=Path(scratch) / "index", embedding="hash", llm="extractive")
        update([notes], settings, HashEmbedding)
        with closing(sqlite3.connect(settings.index / FILE)) as connection:
            lines = [f"-- The index of the six notes with hashed vectors, as version {version} wrote it."]
            lines += [line.replace(str(notes), "<notes>") for line in connection.iterdump()]
    (HERE / f"{version}.sql").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
