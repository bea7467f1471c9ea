"""What was fitted for the relevance grader: weights, thresholds, and the scale of its confidence.

In: the name of an embedding model, and what its index keeps. Out: the values. They ship in `relevance.json`, a set for
each embedding model; an index keeps those that it was last brought up to date with (`assistant.index.manifest`).
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
    """Return what `eval.training.fit_relevance` fitted for an embedding model; for any other the default's."""
    known: dict[str, Fitted] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return known[DEFAULT] | known.get(embedding, {})


def current(embedding: str) -> Fitted:
    """Return what ships, as an index keeps it: with the digest of the reader that it was fitted to."""
    return {"reader": _reader(), **shipped(embedding)}


def usable(kept: Fitted, embedding: str) -> Fitted:
    """Return what an index keeps; what ships where it keeps nothing, or what was fitted to another reader."""
    return kept if kept.get("reader") == _reader() else shipped(embedding)


@cache
def _reader() -> str:
    return hashlib.sha256(LEARNED.read_bytes()).hexdigest()
