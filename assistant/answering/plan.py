"""Tells what kind of question was asked, before anything is searched for it, and of a note's summary once more after.

In: a question with its vector. Out: its kind; `CONTENT` unless another one is very likely, since a search does no harm.
It is a logistic regression over the vector, taught by `python -m eval.training.fit_plan`. The vector must be the
default embedding model's: with another one every question is about content.
"""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from assistant.answer import Kind, Question
from assistant.models.embedding import DEFAULT
from assistant.search.question import embedded, read

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

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


def asks_for_summary(question: Question, titles: Iterable[str], embed_model: "BaseEmbedding", embedding: str) -> bool:
    """Tell whether a question is for a summary, but for the title of a note that stands in it.

    In a short request the title weighs more than what is asked of it: of 270 such requests 129 were known, 223 are now,
    and none of 500 other questions is taken for one (docs/decisions.md).
    """
    asked = question.text.casefold()
    title = max((title for title in titles if len(title) > 1 and title.casefold() in asked), key=len, default="")
    rest = re.sub(re.escape(title), " ", question.text, flags=re.IGNORECASE)
    return bool(title) and kind_of(embedded(read(rest), embed_model), embedding) is Kind.SUMMARY


@cache
def _taught() -> tuple[list[Kind], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the kinds, the weights of the vector's values for each, and their offsets."""
    taught = json.loads(TAUGHT.read_text(encoding="utf-8"))
    return [Kind(kind) for kind in taught["kinds"]], np.array(taught["weights"]), np.array(taught["offsets"])
