"""A document → what the index keeps of it: a pure function, which any number of processes may map over documents.

In: a document. Out: its passages with their search terms. Their vectors are made from `passages.embedded_text`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from assistant.answer import Passage
from assistant.index.passages import passages, searched_text
from assistant.notes.document import Document
from assistant.text.terms import terms


@dataclass(frozen=True)
class Ingested:
    """A document and its passages."""

    document: Document
    passages: tuple[Passage, ...]


def ingest(document: Document) -> Ingested:
    """Cut a document into passages, each with its search terms."""
    return Ingested(document, tuple(passages(document)))


def with_terms(passages: Iterable[Passage]) -> list[Passage]:
    """Return passages with the search terms that today's code gives them."""
    return [replace(passage, terms=tuple(terms(searched_text(passage)))) for passage in passages]
