"""Counts of words in Milvus: in how many passages each term, and each pair of the lexicon, is.

In: a connection, the collection and the words that come and go. Out: changed counts, which readers take only once the
change is committed: a row keeps the count before its last change, so that a killed one is undone by reading.
"""

from collections import Counter
from collections.abc import Iterable

from assistant.answer import Passage
from assistant.index.milvus_client import Milvus, Row, mark, storable
from assistant.index.milvus_head import Head, counted
from assistant.index.milvus_rows import word, words_of

_WORD = ("pk", "key", "term", "revision", "count", "before")


def changed_counts(
    server: Milvus, place: str, head: Head, generation: int, more: Iterable[Passage], less: Iterable[Passage]
) -> list[Row]:
    """Return the rows with the counts of a later generation, when passages come and go."""
    numbers = Counter(words_of(more))
    numbers.subtract(words_of(less))
    changes = {word(*pair): (pair, number) for pair, number in numbers.items() if number}
    known = {row["pk"]: row for row in server.among(place, "pk", list(changes), "", _WORD, fresh=True)}
    rows: list[Row] = []
    for key, ((under, term), number) in changes.items():
        row = known.get(mark(key)) or {"pk": mark(key), "key": mark(under), "term": storable(term)}
        before = counted(row, head.generation) if "count" in row else 0
        rows.append(_row(row, before + number, before, generation))
    return rows


def restored_counts(server: Milvus, place: str, head: Head) -> list[Row]:
    """Return the rows that undo what was counted since a state."""
    rows = list(server.read_all(place, head.later, _WORD))
    return [_row(row, row["before"], row["before"], head.generation) for row in rows]


def _row(row: Row, count: int, before: int, revision: int) -> Row:
    return {**row, "count": count, "before": before, "revision": revision, "vector": [0.0, 0.0]}
