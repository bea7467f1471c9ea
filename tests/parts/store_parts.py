"""What the tests of stores share: notes and passages of a word or two, and what a search found."""

from collections.abc import Sequence

import numpy as np
from fakes import HashEmbedding

from assistant.answer import Passage
from assistant.index.store import Hit, IndexedNote, Snapshot
from assistant.models.embedding import embed_question
from assistant.text.language import Language

ONE = np.eye(3, dtype=np.float32)[:1]


def note(source: str, tags: tuple[str, ...] = (), day: str = "") -> IndexedNote:
    return IndexedNote("/", source, source, source, "en", 1, tags=tags, day=day)


def passage(source: str, text: str, language: Language = Language.EN) -> Passage:
    words = tuple(text.split())
    return Passage(source, source, source, "", "", language, text, 0, len(text), terms=words)


def of(snapshot: Snapshot, hits: Sequence[Hit]) -> list[str]:
    return [passage.source for passage in snapshot.get(hit.id for hit in hits)]


def asked(words: str) -> np.ndarray:
    return embed_question(HashEmbedding(), words)
