"""What the reader learns from: pairs of texts, each with whether the second answers or supports the first.

In: the folder of sets that `eval.training.fit_reader` is given, and the project's own notes and cards. Out: examples
in a fixed order, for one seed.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.models.reader import ANSWERS
from eval.training.reading_cards import cards
from eval.training.reading_example import Example
from eval.training.reading_own import notes
from eval.training.reading_sets import inference, squad, translations, tydi

SEED = 7
STRANGERS = {"squad+": 0.15, "tydi+": 0.4, "own+": 0.25, "card+": 0.2}
"""How often a question of a source also meets a text of another source, which has nothing to do with it."""


def examples(data: Path, model: BaseEmbedding) -> list[Example]:
    """Return all examples of the sets in `data` and of the own texts."""
    luck = random.Random(SEED)
    found = [*squad(data, model, luck), *tydi(data, model, luck), *translations(data, model, luck), *inference(data)]
    found += [*notes(model, luck), *cards(luck)]
    return [*found, *_strangers(found, luck)]


def _strangers(found: Sequence[Example], luck: random.Random) -> Iterator[Example]:
    answering = [example for example in found if example.source in STRANGERS]
    for example in answering:
        if luck.random() < STRANGERS[example.source]:
            other = luck.choice(answering)
            if other.source != example.source and other.held_out == example.held_out:
                yield Example(example.first, other.second, ANSWERS, False, "stranger", example.held_out)
