"""All examples that the judge learns from, in a fixed order for one seed.

In: our labels, the clones of the labelled repositories, and the folder of the public sets. Out: examples.
"""

import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from assistant.config import Settings
from assistant.models.embedding import Vectors, build_embedding, embed_texts
from assistant.text.language import Language
from eval.training import judge_sets
from eval.training.judge_examples import Ask, Example, Taught, examples_of, nearest
from eval.training.judge_labels import DATA, read_labels, read_passages, texts

SEED = 7
ROUNDS = 2
"""How often each labelled passage is read, under other headings, in other parts, beside other questions."""
_SUBJECT = 400
"""Characters of a passage that are embedded when its near ones are looked for: they tell its subject."""


def examples(
    clones: Mapping[str, Path],
    sets: Path | None,
    settings: Settings,
    cache: Path,
    passages: int = 0,
    without: Sequence[str] = (),
) -> list[Example]:
    """Return the examples; of the first `passages` labelled passages if that is not 0; without asks of some sources.

    `sets` holds the public sets (`eval.training.judge_sets`). Vectors are kept in the folder `cache`.
    """
    luck = random.Random(SEED)
    taught = list(_taught(clones))
    luck.shuffle(taught)
    learned = [item for item in taught if not item.held_out][: passages or None]
    found: list[Example] = []
    for rounds, items in ((ROUNDS, learned), (1, [item for item in taught if item.held_out])):
        asked = _vectors([question.text for item in items for question in item.questions], settings, cache)
        subjects = _vectors([item.headed(item.text.heading).text[:_SUBJECT] for item in items], settings, cache)
        near = nearest(items, asked, subjects)
        for _ in range(rounds):
            found += examples_of(items, near, _other_subjects(), luck)
    if sets:
        known = judge_sets.pairs(sets)
        korean, english = (_vectors([pair[own] for pair in known], settings, cache) for own in ("ko", "en"))
        found += judge_sets.questions(sets, luck)
        found += judge_sets.translations(known, korean, english, luck)
        found += judge_sets.inference(sets)
    found = list(_without(found, without))
    asks = sum(len(example.asks) for example in found)
    sys.stderr.write(f"{len(taught)} passages, {len(found)} readings, {asks} questions and statements\n")
    return found


def _without(found: Sequence[Example], sources: Sequence[str]) -> Iterator[Example]:
    for example in found:
        asks: tuple[Ask, ...] = tuple(ask for ask in example.asks if ask.source not in sources)
        if asks:
            yield Example(example.text, example.language, asks, example.held_out)


def _other_subjects() -> list[tuple[Language, str]]:
    """Return the questions that were written to tell kinds of questions apart, on anything under the sun."""
    with (DATA.parent / "plan.jsonl").open(encoding="utf-8") as lines:
        return [(Language(item["language"]), item["question"]) for item in map(json.loads, lines)]


def _vectors(own: Sequence[str], settings: Settings, cache: Path) -> Vectors:
    file = cache / f"{sha256(chr(0).join(own).encode()).hexdigest()[:16]}.npy"
    if not file.exists():
        np.save(file, embed_texts(build_embedding(settings), own))
    vectors: Vectors = np.load(file)
    return vectors


def _taught(clones: Mapping[str, Path]) -> Iterator[Taught]:
    passages = read_passages()
    labels = read_labels()
    shown = texts(list(passages.values()), clones)
    for id, passage in passages.items():
        own = tuple(label for label in labels if label.passage == id)
        if own:
            yield Taught(passage, shown[id], own)
