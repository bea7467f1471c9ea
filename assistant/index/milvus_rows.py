"""The collections of an index in Milvus: their fields, and notes, passages and words as rows.

    {name}_head             the one row that readers trust, and the leases of writers
    {name}_{set}_passages   a passage's text, vector and weighted terms, and what a scope asks of its note
    {name}_{set}_notes      notes, and the files that were not read
    {name}_{set}_words      in how many passages each term and each pair of the lexicon is

In: values of ours. Out: rows and back; schemas. Reaches no server.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.answer import Passage, Scope, Vectors
from assistant.index.database import row_of
from assistant.index.keywords import saturated, term_key
from assistant.index.milvus_client import Row, any_in, both, mark, one_of, storable
from assistant.index.scopes import around, day_of, ending, places_of
from assistant.index.store import IndexedNote
from assistant.index.words import entries
from assistant.text.blocks import Place
from assistant.text.language import Language

if TYPE_CHECKING:
    from pymilvus import CollectionSchema, IndexParams

SCHEMA = 1
PASSAGES, NOTES, WORDS = "passages", "notes", "words"
CONTENT = ("content", "terms")
_TEXT, _MANY = 65_535, 4_096
_MARK = {"max_length": 16}
_DIMENSIONS = 2**32 - 3
_NO_TERM = 0
"""A dimension that no term has: the server takes no empty vector."""


@dataclass(frozen=True)
class Head:
    """The state of an index: a reader sees the rows of revisions up to `generation` that are not `dead`.

    `dead` gives the time (seconds) at which each revision was replaced or removed; its rows are deleted a while later.
    `set` names the collections. `totals` are numbers over all that is seen; `least` is the least mean length with which
    terms were weighted.
    """

    set: str = ""
    generation: int = 0
    version: str = ""
    updated: str = ""
    schema: int = SCHEMA
    fingerprint: Mapping[str, Any] = field(default_factory=dict)
    dead: Mapping[str, float] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)
    least: float = 0.0

    @property
    def mean_length(self) -> float:
        """The mean number of terms of a passage."""
        return self.totals["terms"] / self.totals["passages"] if self.totals.get("passages") else 0.0

    @property
    def seen(self) -> str:
        """The filter for the rows that a reader sees."""
        return both(f"revision <= {self.generation}", f"revision not in [{', '.join(self.dead)}]" if self.dead else "")

    def row(self) -> Row:
        """Return the row that makes this the state for who reads it next."""
        return head_row("head", asdict(self))

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Head":
        """Read a row's values; those that another version wrote besides are left out."""
        return cls(**{key: value for key, value in values.items() if key in cls.__dataclass_fields__})


def head_row(key: str, values: Mapping[str, Any]) -> Row:
    """Return a row of the head's collection."""
    return {"pk": key, "content": dict(values), "vector": [0.0, 0.0]}


def passage_rows(
    note: IndexedNote, passages: Sequence[Passage], vectors: Vectors, revision: int, mean: float
) -> list[Row]:
    """Return the rows of a note's passages, their terms weighted for a mean length."""
    facets = {
        "revision": revision,
        "source": mark(note.source),
        "format": mark(ending(note.source)),
        "day": day_of(note),
        "places": _around([note.source, *note.copies]),
        "tags": _around([tag.casefold() for tag in note.tags]),
    }
    return [
        {
            "pk": f"{revision:012d}-{number:06d}",
            "named": mark(passage.id),
            "id": storable(passage.id),
            "language": mark(passage.language.value),
            "vector": np.asarray(vector, np.float32),
            "weights": _weights(passage.terms, mean),
            "terms": storable("\n".join(passage.terms)),
            "content": content_of(passage, note.aliases),
            **facets,
        }
        for number, (passage, vector) in enumerate(zip(passages, vectors, strict=True))
    ]


def _around(names: Iterable[str]) -> list[str]:
    return [mark(place) for place in dict.fromkeys(place for name in names for place in around(name))][:_MANY]


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


def note_row(note: IndexedNote, revision: int) -> Row:
    """Return the row of a note."""
    return {
        "pk": f"{revision:012d}",
        "revision": revision,
        "source": mark(note.source),
        "content": json.dumps(asdict(note)),
        "vector": [0.0, 0.0],
    }


def note_of(row: Mapping[str, Any]) -> IndexedNote:
    """Read a note from its row."""
    values = json.loads(row["content"])
    many: dict[str, Any] = {name: tuple(values[name]) for name in ("copies", "tags", "aliases")}
    return IndexedNote(**values | many)


def words_of(passages: Iterable[Passage]) -> Iterable[tuple[str, str]]:
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


def schemas(dimension: int, lite: bool) -> dict[str, "tuple[CollectionSchema, IndexParams]"]:
    """Return the schema and the indexes of each collection of a set; `lite` knows fewer indexes."""
    text, many = {"max_length": _TEXT}, {**_MARK, "max_capacity": _MANY, "element_type": _type("VARCHAR")}
    passages = {
        "named": ("VARCHAR", _MARK),
        "id": ("VARCHAR", text),
        "revision": ("INT64", {}),
        "source": ("VARCHAR", _MARK),
        "language": ("VARCHAR", _MARK),
        "format": ("VARCHAR", _MARK),
        "day": ("VARCHAR", {"max_length": 16}),
        "places": ("ARRAY", many),
        "tags": ("ARRAY", many),
        "vector": ("FLOAT_VECTOR", {"dim": dimension}),
        "weights": ("SPARSE_FLOAT_VECTOR", {}),
        "terms": ("VARCHAR", text),
        "content": ("VARCHAR", text),
    }
    common = {"revision": ("INT64", {}), "vector": ("FLOAT_VECTOR", {"dim": 2})}  # the server takes none without one
    notes = {**common, "source": ("VARCHAR", _MARK), "content": ("VARCHAR", text)}
    words = {
        **common,
        "key": ("VARCHAR", _MARK),
        "term": ("VARCHAR", text),
        "count": ("INT64", {}),
        "before": ("INT64", {}),
    }
    arrays = () if lite else ("places", "tags")
    return {
        PASSAGES: _schema(passages, ("named", "revision", "source", "language", "format", "day", *arrays), lite),
        NOTES: _schema(notes, ("revision", "source"), lite),
        WORDS: _schema(words, ("revision", "key"), lite),
    }


def head_schema() -> "tuple[CollectionSchema, IndexParams]":
    """Return the schema and the indexes of the head's collection."""
    return _schema({"content": ("JSON", {}), "vector": ("FLOAT_VECTOR", {"dim": 2})}, (), lite=False)


def _schema(
    fields: Mapping[str, tuple[str, Mapping[str, Any]]], filtered: Sequence[str], lite: bool
) -> "tuple[CollectionSchema, IndexParams]":
    from pymilvus import MilvusClient

    schema, indexes = MilvusClient.create_schema(auto_id=False), MilvusClient.prepare_index_params()
    schema.add_field("pk", _type("VARCHAR"), is_primary=True, max_length=64)
    for name, (kind, options) in fields.items():
        schema.add_field(name, _type(kind), **options)
    graph = dict(index_type="HNSW", params={"M": 16, "efConstruction": 200})
    exact = lite or fields["vector"][1]["dim"] == 2
    indexes.add_index("vector", metric_type="IP", **({"index_type": "FLAT"} if exact else graph))
    if "weights" in fields:
        indexes.add_index("weights", metric_type="IP", index_type="SPARSE_INVERTED_INDEX")
    for name in filtered:
        indexes.add_index(name, index_type="INVERTED")
    return schema, indexes


def _type(name: str) -> Any:
    from pymilvus import DataType

    return DataType[name]
