"""Tells what kind of question was asked, before anything is searched for it, and of a note's summary once more after.

In: a question with its vector. Out: its kind; `CONTENT` unless another one is very likely, since a search does no harm.
It is a logistic regression over the vector and the runs of characters in the words, taught by `python -m
eval.training.fit_plan`. The vector must be the default embedding model's: with another one every question is about
content.
"""

import re
import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import safe_open

from assistant.answer import Kind, Question
from assistant.models.embedding import DEFAULT, Embedder
from assistant.search.question import embedded, read

TAUGHT = Path(__file__).with_name("plan.safetensors")
SURE = {Kind.TALK: 0.6, Kind.COLLECTION: 0.82, Kind.SUMMARY: 0.8, Kind.LIST: 0.4, Kind.COMPARISON: 0.5}
"""The kinds that are answered in another way, and the probability from which a question is taken for one. To take one
for a list or a comparison costs little: more is read."""


_SURELY = 0.9
"""The probability from which a question is of a kind even in the middle of a conversation."""
_RUNS = range(2, 6)
"""Lengths of the runs of characters that are counted, with the spaces around a word."""
_BINS = 8192
"""Runs are counted by the remainder of their hash: this many numbers hold all of them."""


def kind_of(question: Question, embedding: str) -> Kind:
    """Return the kind of a question; `embedding` names the model that made its vector."""
    sure = {kind: chance for kind, chance in _chances(question, embedding).items() if chance > SURE.get(kind, 1)}
    return max(sure, key=lambda kind: sure[kind], default=Kind.CONTENT)


def follows_nothing(question: Question, embedding: str) -> bool:
    """Tell whether a question, as it was typed, is surely small talk or about the collection, whatever came before."""
    chances = _chances(question, embedding)
    return any(chances.get(kind, 0.0) > _SURELY for kind in (Kind.TALK, Kind.COLLECTION))


def _chances(question: Question, embedding: str) -> dict[Kind, float]:
    """Return the probability of each kind; nothing where the vector is another model's."""
    if embedding != DEFAULT or not question.vector.size:
        return {}
    kinds, weights, offsets = _taught()
    logits = weights @ features(question) + offsets
    chances = np.exp(logits - logits.max())
    return dict(zip(kinds, (chances / chances.sum()).tolist(), strict=True))


def features(question: Question) -> npt.NDArray[np.float32]:
    """Return what a question's kind is told from, shape (width of its vector + `_BINS`,).

    Its vector tells what is spoken of, and the runs of characters how it is asked. Both have length 1.
    """
    runs = np.zeros(_BINS, np.float32)
    for word in question.text.lower().split():
        padded = f" {word} "
        for size in _RUNS:
            for start in range(max(1, len(padded) - size + 1)):
                runs[zlib.crc32(padded[start : start + size].encode()) % _BINS] += 1
    return np.concatenate(
        [np.asarray(question.vector, np.float32).ravel(), runs / max(1.0, float(np.linalg.norm(runs)))]
    )


def asks_for_summary(question: Question, titles: Iterable[str], embed_model: Embedder, embedding: str) -> bool:
    """Tell whether a question is for a summary, but for the title of a note that stands in it.

    In a short request the title weighs more than what is asked of it: of 270 such requests 129 were known, 223 are now,
    and none of 500 other questions is taken for one (docs/decisions.md).
    """
    asked = question.text.casefold()
    title = max((title for title in titles if len(title) > 1 and title.casefold() in asked), key=len, default="")
    rest = re.sub(re.escape(title), " ", question.text, flags=re.IGNORECASE)
    return bool(title) and kind_of(embedded(read(rest), embed_model), embedding) is Kind.SUMMARY


@cache
def _taught() -> tuple[list[Kind], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the kinds, the weights of the features for each, and their offsets."""
    with safe_open(TAUGHT, "np") as taught:
        kinds = taught.metadata()["kinds"].split()
        return (
            [Kind(kind) for kind in kinds],
            taught.get_tensor("weights").astype(np.float32),
            taught.get_tensor("offsets"),
        )
