"""Data sets in BEIR's layout → an index of their passages, their queries and judgements.

A folder holds corpus.jsonl, queries.jsonl and qrels/test.tsv. Each document is one passage, whole. The index is kept
in `beir` beside the user's own, so that a second run embeds nothing.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.answer import Passage
from assistant.config import Settings
from assistant.errors import IndexUnusable, SettingsError
from assistant.index.ingest import with_terms
from assistant.index.local import LocalStore
from assistant.index.passages import embedded_text
from assistant.index.store import Snapshot
from assistant.models.embedding import Embedder, embed_texts, name_of
from assistant.text.language import detect
from assistant.text.sentences import sentences


@dataclass(frozen=True)
class Query:
    """A query and its judged passages: id → gain; empty if none answers it."""

    id: str
    text: str
    relevant: dict[str, int]


@dataclass(frozen=True)
class BeirSet:
    """A data set, indexed."""

    name: str
    notes: Snapshot
    queries: tuple[Query, ...]


def open_set(folder: Path, settings: Settings, embed_model: Embedder, progress: Callable[[int, int], None]) -> BeirSet:
    """Read a data set and index its passages, or open the index of an earlier run.

    Raises:
        SettingsError: the folder lacks one of the three files, or a line of them is damaged.

    """
    qrels: dict[str, dict[str, int]] = {}
    for line in _lines(folder / "qrels" / "test.tsv"):
        query, passage, gain = line.rstrip("\n").split("\t")
        if gain.isdigit():  # the first line may be a header
            qrels.setdefault(query, {})[passage] = int(gain)
    queries = tuple(Query(q["_id"], q["text"], qrels.get(q["_id"], {})) for q in read_objects(folder / "queries.jsonl"))
    passages = [whole_passage(d["_id"], d["text"], d.get("title", "")) for d in read_objects(folder / "corpus.jsonl")]
    return BeirSet(folder.name, index_passages(passages, folder.name, settings, embed_model, progress), queries)


def index_passages(
    passages: list[Passage],
    name: str,
    settings: Settings,
    embed_model: Embedder,
    progress: Callable[[int, int], None],
) -> Snapshot:
    """Return an index of the passages, kept under the name for a later run."""
    settings = replace(settings, index=settings.home / "beir" / name_of(settings).replace("/", "--") / name)
    try:
        kept = LocalStore(settings).snapshot()
        if [p.text for p in kept.get(p.id for p in passages)] == [p.text for p in passages]:
            return kept
    except IndexUnusable:
        pass  # not made yet, or otherwise
    texts = [embedded_text(passage) for passage in passages]
    vectors = embed_texts(embed_model, texts, lambda done: progress(done, len(texts)))
    return LocalStore.holding(with_terms(passages), vectors, settings).snapshot()


def whole_passage(id: str, text: str, title: str) -> Passage:
    """Return a document as one passage, without its terms."""
    spans = tuple(sentences(text))
    return Passage(id, id, title, "", "", detect(text), text, 0, len(text), sentences=spans)


def _lines(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8") as lines:
            yield from lines
    except OSError as error:
        raise SettingsError(
            f"cannot read {file}: {error.strerror}; a BEIR-layout folder holds corpus.jsonl, queries.jsonl and "
            "qrels/test.tsv"
        ) from error


def read_objects(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file; raise SettingsError naming a damaged line."""
    for number, line in enumerate(_lines(file), start=1):
        try:
            yield json.loads(line)
        except ValueError as error:
            raise SettingsError(f"line {number} of {file} is not JSON: {error}") from error
