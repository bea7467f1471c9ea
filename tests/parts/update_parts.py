"""What the tests of indexing share: a run, what the index holds after it, and whether that is right."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from fakes import HashEmbedding
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.answer import Passage
from assistant.config import Settings
from assistant.index.database import FILE
from assistant.index.local import LocalStore
from assistant.index.manifest import file_of
from assistant.index.passages import embedded_text, searched_text
from assistant.index.snapshot import LocalSnapshot
from assistant.index.update import Report, update
from assistant.models.embedding import embed_texts
from assistant.notes.files import read
from assistant.text.terms import terms


def run(settings: Settings, *paths: Path, model: BaseEmbedding | None = None) -> Report:
    return update(paths or [settings.notes], settings, lambda: model or HashEmbedding())


def no_model() -> BaseEmbedding:
    raise AssertionError("nothing needs the embedding model")


def load(settings: Settings) -> LocalSnapshot:
    return LocalStore(settings).snapshot()


def sources(settings: Settings) -> list[str]:
    return [note.source for note in load(settings).notes]


def passages(snapshot: LocalSnapshot) -> list[Passage]:
    """All passages, note by note."""
    return [passage for note in snapshot.notes for passage in snapshot.of(note.source)]


def content(folder: Path) -> dict[str, tuple[int, bytes]]:
    """What the files of an index hold, besides those by which readers and writers agree."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix in (".sqlite", ".npy", ".faiss")]
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def execute(settings: Settings, statement: str, *values: object) -> None:
    """Change the database behind the store's back."""
    with closing(sqlite3.connect(settings.index / FILE)) as connection, connection:
        connection.execute(statement, values)


def settled(monkeypatch_setattr: Callable[..., None]) -> None:
    """Let files that were written just now count as written long ago."""
    monkeypatch_setattr("assistant.index.survey.RACY", 0)


def in_line(settings: Settings) -> None:
    """Check that the index holds what one made anew from the same notes would, and finds the same."""
    snapshot = load(settings)
    held = passages(snapshot)
    assert [note.passages for note in snapshot.notes] == [len(snapshot.of(note.source)) for note in snapshot.notes]
    assert sum(snapshot.about.languages.values()) == snapshot.about.passages == len(held)
    rows = snapshot.vectors([passage.id for passage in held])
    if held:
        made = embed_texts(HashEmbedding(), [embedded_text(passage) for passage in held])
        np.testing.assert_allclose(rows, made, atol=1e-6)
    assert [list(passage.terms) for passage in held] == [terms(searched_text(passage)) for passage in held]
    for note in snapshot.notes:
        document = read(file_of(note))
        assert not hasattr(document, "reason")
        for passage in snapshot.of(note.source):
            assert document.text[passage.start : passage.end] == passage.text  # type: ignore[union-attr]
    anew = LocalStore.holding(held, rows, replace(settings, index=settings.index.parent / "made anew")).snapshot()
    try:
        assert finds(snapshot) == finds(anew)
    finally:
        shutil.rmtree(settings.index.parent / "made anew")


def finds(snapshot: LocalSnapshot) -> object:
    """All that searches give for the words of the passages themselves."""
    held = passages(snapshot)
    words = {word for passage in held for word in passage.terms}
    sparse = {
        word: (
            sorted((hit.id, round(hit.score, 4)) for hit in snapshot.sparse({word: 1.0}, 1000)),
            snapshot.weight(word),
        )
        for word in words
    }
    rows = snapshot.vectors([passage.id for passage in held])
    dense = [sorted((hit.id, round(hit.score, 4)) for hit in snapshot.dense(row, 1000)) for row in rows]
    brackets = {word: snapshot.bracketed(word) for word in words}
    return sparse, dense, brackets, snapshot.about.languages
