"""All examples that the judge learns from, in a fixed order for one seed.

In: our labels, the clones of the labelled repositories, and the folder of the public sets. Out: examples.
"""

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from assistant.config import Settings
from assistant.models.embedding import Vectors, build_embedding, embed_texts
from eval.training import judge_sets
from eval.training.judge_examples import Example, Taught, asked_examples, nearest, support_examples
from eval.training.judge_labels import read_labels, read_passages, texts

SEED = 7
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
    """Return the examples; of the first `passages` labelled passages if that is not 0; without some sources.

    `sets` holds the public sets (`eval.training.judge_sets`). Vectors are kept in the folder `cache`.
    """
    luck = random.Random(SEED)
    taught = list(_taught(clones))
    luck.shuffle(taught)
    learned = [item for item in taught if not item.held_out][: passages or None]
    taught = [*learned, *(item for item in taught if item.held_out)]
    questions = [question.text for item in taught for label in item.labels for question in label.questions]
    subjects = [item.headed(item.text.heading)[0][:_SUBJECT] for item in taught]
    of_questions, of_passages = (_vectors(own, settings, cache) for own in (questions, subjects))
    near = nearest(questions, of_questions, of_passages)
    found = [*asked_examples(taught, near, luck), *support_examples(taught, luck)]
    if sets:
        known = judge_sets.pairs(sets)
        korean, english = (_vectors([pair[own] for pair in known], settings, cache) for own in ("ko", "en"))
        found += judge_sets.questions(sets, luck)
        found += judge_sets.translations(known, korean, english, luck)
        found += judge_sets.inference(sets)
    found = [example for example in found if example.source not in without]
    sys.stderr.write(f"{len(taught)} passages, {len(found)} examples\n")
    return found


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
