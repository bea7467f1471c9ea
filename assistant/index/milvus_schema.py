"""The collections of an index in Milvus: their names, fields and indexes.

    {name}_head             the one row that readers trust, the files that were not read, and the leases of writers
    {name}_{set}_passages   a passage's text, vector and weighted terms, and what a scope asks of its note
    {name}_{set}_notes      notes, with the stamps of their files
    {name}_{set}_words      in how many passages each term and each pair of the lexicon is

In: the dimension of vectors. Out: schemas, as the client takes them.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pymilvus import CollectionSchema, IndexParams

SCHEMA = 1
"""Raise it whenever collections of another version cannot be read."""
PASSAGES, NOTES, WORDS = KINDS = ("passages", "notes", "words")
MANY = 4_096
"""Marks in one array: the most that the server takes."""
_TEXT, _MARK = {"max_length": 65_535}, {"max_length": 16}


def heads(name: str) -> str:
    """Return the name of the head's collection."""
    return f"{name}_head"


def collection(name: str, set: str, kind: str) -> str:
    """Return the name of a collection of a set."""
    return f"{name}_{set}_{kind}"


def set_of(name: str, collection: str) -> str:
    """Return the set that a collection is of; empty if it is not of this index."""
    found = re.fullmatch(rf"{re.escape(name)}_([0-9a-f]{{8}})_(?:{'|'.join(KINDS)})", collection)
    return found[1] if found else ""


def schemas(dimension: int, lite: bool) -> dict[str, "tuple[CollectionSchema, IndexParams]"]:
    """Return the schema and the indexes of each collection of a set; `lite` knows fewer indexes."""
    many = {**_MARK, "max_capacity": MANY, "element_type": _type("VARCHAR")}
    passages = {
        "named": ("VARCHAR", _MARK),
        "key": ("VARCHAR", _MARK),
        "id": ("VARCHAR", _TEXT),
        "revision": ("INT64", {}),
        "source": ("VARCHAR", _MARK),
        "language": ("VARCHAR", _MARK),
        "format": ("VARCHAR", _MARK),
        "day": ("VARCHAR", _MARK),
        "places": ("ARRAY", many),
        "tags": ("ARRAY", many),
        "vector": ("FLOAT_VECTOR", {"dim": dimension}),
        "weights": ("SPARSE_FLOAT_VECTOR", {}),
        "terms": ("VARCHAR", _TEXT),
        "content": ("VARCHAR", _TEXT),
    }
    common = {"revision": ("INT64", {}), "vector": ("FLOAT_VECTOR", {"dim": 2})}  # the server takes none without one
    notes = {**common, "source": ("VARCHAR", _MARK), "content": ("VARCHAR", _TEXT)}
    counts: dict[str, tuple[str, Any]] = {"count": ("INT64", {}), "before": ("INT64", {})}
    words = {**common, "key": ("VARCHAR", _MARK), "term": ("VARCHAR", _TEXT), **counts}
    arrays = () if lite else ("places", "tags")
    filtered = ("named", "key", "revision", "source", "language", "format", "day", *arrays)
    return {
        PASSAGES: _schema(passages, filtered, lite),
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
