"""Tells what kind of question was asked, before anything is searched for it.

In: a question with its vector. Out: its kind; `CONTENT` unless another one is very likely, since a search does no harm.
It is a logistic regression over the vector, taught by `python -m eval.training.fit_plan`. The vector must be the
default embedding model's: with another one every question is about content.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.answer import Kind, Question
from assistant.models.embedding import DEFAULT

TAUGHT = Path(__file__).with_name("plan.json")
SURE = {Kind.TALK: 0.5, Kind.COLLECTION: 0.7, Kind.SUMMARY: 0.7, Kind.LIST: 0.25, Kind.COMPARISON: 0.5}
"""The kinds that are answered in another way, and the probability from which a question is taken for one. To take one
for a list or a comparison costs little: more is read."""


def kind_of(question: Question, embedding: str) -> Kind:
    """Return the kind of a question; `embedding` names the model that made its vector."""
    if embedding != DEFAULT or not question.vector.size:
        return Kind.CONTENT
    kinds, weights, offsets = _taught()
    logits = weights @ np.asarray(question.vector, np.float64).ravel() + offsets
    chances = np.exp(logits - logits.max())
    sure = {
        kind: chance for kind, chance in zip(kinds, chances / chances.sum(), strict=True) if chance > SURE.get(kind, 1)
    }
    return max(sure, key=lambda kind: sure[kind], default=Kind.CONTENT)


@cache
def _taught() -> tuple[list[Kind], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the kinds, the weights of the vector's values for each, and their offsets."""
    taught = json.loads(TAUGHT.read_text(encoding="utf-8"))
    return [Kind(kind) for kind in taught["kinds"]], np.array(taught["weights"]), np.array(taught["offsets"])
