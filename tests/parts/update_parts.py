"""What the tests of indexing share: a run, what the index holds after it, and whether that is right."""

from pathlib import Path

import numpy as np
from fakes import HashEmbedding
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.config import Settings
from assistant.index.local import load
from assistant.index.passages import embedded_text, searched_text
from assistant.index.update import Report, update
from assistant.models.embedding import embed_texts
from assistant.text import language


def run(settings: Settings, *paths: Path, model: BaseEmbedding | None = None) -> Report:
    return update(paths or [settings.notes], settings, lambda: model or HashEmbedding())


def no_model() -> BaseEmbedding:
    raise AssertionError("nothing needs the embedding model")


def sources(settings: Settings) -> list[str]:
    return [note.source for note in load(settings).notes]


def content(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def in_line(settings: Settings) -> None:
    """Check that the index holds, row for row, what one made anew from the same notes would."""
    found = load(settings)
    assert sum(note.passages for note in found.notes) == len(found.passages) == len(found.terms)
    places = [(passage.metadata["source"], passage.start_char_idx) for passage in found.passages]
    assert places == sorted(places)
    texts = [embedded_text(passage) for passage in found.passages]
    np.testing.assert_allclose(found.vectors, embed_texts(HashEmbedding(), texts), atol=1e-6)
    assert [list(words) for words in found.terms] == [
        language.terms(searched_text(passage)) for passage in found.passages
    ]
    files = {note.source: note.file.path.read_text(encoding="utf-8") for note in found.notes}
    for passage in found.passages:
        text = files[passage.metadata["source"]]
        assert text[passage.start_char_idx : passage.end_char_idx] == passage.text
