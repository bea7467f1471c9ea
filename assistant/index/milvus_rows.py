"""Notes, passages and words as rows of the collections in Milvus, and a scope as a filter.

In: values of ours. Out: rows and back. Reaches no server.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from assistant.answer import Passage, Scope, Vectors
from assistant.index.database import row_of
from assistant.index.keywords import saturated, term_key
from assistant.index.milvus_client import Row, any_in, both, mark, one_of, storable
from assistant.index.milvus_schema import MANY
from assistant.index.scopes import around, day_of, ending, places_of
from assistant.index.store import Filed, IndexedNote
from assistant.index.words import entries
from assistant.text.blocks import Place
from assistant.text.language import Language

CONTENT = ("content", "terms")
_DIMENSIONS = 2**32 - 3
_NO_TERM = 0
"""A dimension that no term has: the server takes no empty vector."""


class Kept(NamedTuple):
    """A note as it is stored: the revision that wrote it, and the stamp of its file."""

    revision: int
    note: IndexedNote
    stamp: str


def passage_rows(filed: Filed, vectors: Mapping[bytes, Vectors], revision: int, mean: float) -> list[Row]:
    """Return the rows of a note's passages, their terms weighted for a mean length."""
    note = filed.note
    asked = {"revision": revision, "source": mark(note.source), **facets(note)}
    return [
        {
            "pk": f"{revision:012d}-{number:06d}",
            "named": mark(passage.id),
            "key": vector_mark(key),
            "id": storable(passage.id),
            "language": mark(passage.language.value),
            "vector": np.asarray(vectors[key], np.float32),
            "weights": _weights(passage.terms, mean),
            "terms": storable("\n".join(passage.terms)),
            "content": content_of(passage, note.aliases),
            **asked,
        }
        for number, (key, passage) in enumerate(filed.pairs)
    ]


def facets(note: IndexedNote) -> Row:
    """Return what a scope asks of a note, as each of its passages keeps it."""
    return {
        "format": mark(ending(note.source)),
        "day": day_of(note),
        "places": _around([note.source, *note.copies]),
        "tags": _around([tag.casefold() for tag in note.tags]),
    }


def vector_mark(key: bytes) -> str:
    """Return what stands for the key of a vector."""
    return mark(key.hex())


def _around(names: Iterable[str]) -> list[str]:
    return [mark(place) for place in dict.fromkeys(place for name in names for place in around(name))][:MANY]


def _weights(terms: Sequence[str], mean: float) -> dict[int, float]:
    found, counts = np.unique([dimension(term) for term in terms], return_counts=True)
    lengths = np.full(len(found), len(terms), np.int32)
    weights = saturated(counts.astype(np.uint16), lengths, mean)
    return dict(zip(found.tolist(), weights.tolist(), strict=True)) or {_NO_TERM: 1.0}


def dimension(term: str) -> int:
    """Return a term's place in a sparse vector; of a million terms, a hundred share theirs with another."""
    return 1 + term_key(term) % _DIMENSIONS


def content_of(passage: Passage, aliases: Sequence[str]) -> str:
    """Write a passage, without its terms, as JSON."""
    columns = {**row_of(passage), "aliases": list(aliases)}
    del columns["terms"], columns["digest"]
    columns["hidden"], columns["sentences"] = passage.hidden, passage.sentences
    text = json.dumps(columns, ensure_ascii=False)
    return text if text == storable(text) else json.dumps(columns)


def passage_of(row: Mapping[str, Any]) -> Passage:
    """Read a passage from its row."""
    values = json.loads(row["content"])
    first, last, locator = values.pop("first"), values.pop("last"), values.pop("locator")
    return Passage(
        **values
        | {
            "start": first,
            "end": last,
            "terms": tuple(row["terms"].split("\n")) if row["terms"] else (),
            "language": Language(values["language"]),
            "titled": bool(values["titled"]),
            "places": tuple(Place(*place) for place in json.loads(locator)),
            **{name: tuple(map(tuple, values[name])) for name in ("hidden", "sentences")},
            "aliases": tuple(values["aliases"]),
        }
    )


def note_row(kept: Kept) -> Row:
    """Return the row of a note."""
    return {
        "pk": f"{kept.revision:012d}",
        "revision": kept.revision,
        "source": mark(kept.note.source),
        "content": json.dumps({**asdict(kept.note), "stamp": kept.stamp}),
        "vector": [0.0, 0.0],
    }


def kept_of(row: Mapping[str, Any]) -> Kept:
    """Read a note from its row."""
    values = json.loads(row["content"])
    stamp = values.pop("stamp")
    many: dict[str, Any] = {name: tuple(values[name]) for name in ("copies", "tags", "aliases")}
    return Kept(row["revision"], IndexedNote(**values | many), stamp)


def totals_of(notes: int, passages: Sequence[Passage], dimension: int) -> Counter[str]:
    """Return what some notes with these passages add to the totals of an index."""
    totals = Counter(passage.language.value for passage in passages)
    totals["notes"] = notes
    totals["passages"] = len(passages)
    totals["terms"] = sum(len(passage.terms) for passage in passages)
    totals["bytes"] = sum(len(content_of(passage, ())) + 4 * dimension for passage in passages)
    return totals


def words_of(passages: Iterable[Passage]) -> Iterator[tuple[str, str]]:
    """Yield what the words' collection counts: ("", term), and the pairs of the lexicon, once for each passage."""
    for passage in passages:
        yield from (("", term) for term in set(passage.terms))
        yield from entries(passage)


def word(key: str, term: str) -> str:
    """Return the text whose mark is the key of a word's row."""
    return f"{key}\0{term}"


def scope_filter(scope: Scope) -> str:
    """Return the filter for the passages of a scope's notes: what `scopes.fits` tells of a note."""
    tags = tuple(tag.lstrip("#").casefold() for tag in scope.tags)
    named = {field: sorted(places_of(wanted)) for field, wanted in (("places", scope.places), ("tags", tags)) if wanted}
    formats = [suffix.lstrip(".").lower() for suffix in scope.formats]
    return both(
        *(any_in(field, wanted) for field, wanted in named.items() if "" not in wanted),
        one_of("format", formats) if formats else "",
        f"day >= {json.dumps(scope.since)}" if scope.since else "",
        f"day <= {json.dumps(scope.until)}" if scope.until else "",
    )
