"""The fitted values of the relevance grader: weights, thresholds, and the scale of its confidence.

In: the name of an embedding model, and the values that its index keeps. Out: the values to use. They ship in
`relevance.json`, one set for each embedding model; each update stores the present ones in the index.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from assistant.models.embedding import DEFAULT
from assistant.models.reader_export import LEARNED

SHIPPED = Path(__file__).with_name("relevance.json")
Fitted = dict[str, Any]


@cache
def shipped(embedding: str) -> Fitted:
    """Return the values that `eval.training.fit_relevance` fitted for an embedding model, or the default model's."""
    known: dict[str, Fitted] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return known[DEFAULT] | known.get(embedding, {})


def current(embedding: str) -> Fitted:
    """Return the shipped values as an index stores them, with the digest of the reader that they were fitted for."""
    return {"reader": _reader(), **shipped(embedding)}


def usable(kept: Fitted, embedding: str) -> Fitted:
    """Return the stored values; the shipped ones if there are none, or if they were fitted for another reader."""
    return kept if kept.get("reader") == _reader() else shipped(embedding)


@cache
def _reader() -> str:
    return hashlib.sha256(LEARNED.read_bytes()).hexdigest()
