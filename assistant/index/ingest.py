"""A document → what the index keeps of it: a pure function, which any number of processes may map over documents.

In: a document. Out: its passages with their search terms. The vectors come from the texts that are to be embedded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answer import Passage
from assistant.index.passages import passages
from assistant.notes.document import Document
from assistant.text import language


@dataclass(frozen=True)
class Ingested:
    """A document's passages, with their terms."""

    document: Document
    passages: tuple[Passage, ...]


def ingest(document: Document) -> Ingested:
    """Cut a document into passages and give each its search terms."""
    return Ingested(document, tuple(with_terms(passages(document))))


def with_terms(passages: Sequence[Passage]) -> list[Passage]:
    """Return passages with the search terms that today's code gives them."""
    return [replace(passage, terms=tuple(language.terms(searched_text(passage)))) for passage in passages]


def embedded_text(passage: Passage) -> str:
    """Return what the embedding model sees of a passage: where it stands, then what a reader sees of it.

    A title that is only the file's name is left out, so that a file that is renamed keeps its vectors.
    """
    return _under([passage.title if passage.titled else "", passage.heading], passage)


def searched_text(passage: Passage) -> str:
    """Return what keyword search sees of a passage: what is embedded, and the file's name where it is the title."""
    return _under([passage.title, passage.heading], passage)


def _under(above: Sequence[str], passage: Passage) -> str:
    head = "\n".join(line for line in above if line)
    return f"{head}\n\n{passage.shown}" if head else passage.shown
