"""The notes that were written for the reader to learn from, with questions, near misses and sentences about them.

In: `eval/data/reading.jsonl`. Out: examples.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.models.embedding import embed_question, embed_texts
from assistant.models.reader import ANSWERS, SUPPORTS
from eval.training.reading_example import Example, Span, around, held_out, lines, strips

OWN = Path(__file__).parent.parent / "data" / "reading.jsonl"
_BOTH = 650
"""Characters of two neighbouring strips that are read as one."""
_ENDINGS = (
    (r"(?:인가요|입니까)\??$", "야"),
    (r"(?:나요|습니까)\??$", "지"),
    (r"(?:알려\s?줘|알려\s?주세요)[.?]?$", "뭐임"),
    (r"(?<=[가-힣])(?:은|는|이|가|을|를)(?= )", ""),
)
"""How questions are shortened as they are typed: polite endings and particles fall away."""


def notes(model: BaseEmbedding, luck: random.Random) -> Iterator[Example]:
    """Yield examples of the notes that were written for the reader."""
    found = list(lines(OWN))
    for note in found:
        text, held = note["text"], held_out(note["id"])
        spans = strips(text)
        where = f"{note['title']} > {note['heading']}"
        vectors = embed_texts(model, [f"{note['title']}\n{note['heading']}\n\n{text[a:b]}" for a, b in spans])

        def headed(span: Span, text: str = text, where: str = where) -> str:
            return f"{where}\n{text[slice(*span)]}" if luck.random() < 0.9 else text[slice(*span)]

        for asked in note["questions"]:
            question, answer = as_typed(asked["question"], luck), asked["answer"]
            order = [int(row) for row in np.argsort(-(vectors @ embed_question(model, question)))]
            yield Example(question, _stranger(note, found, luck), ANSWERS, False, "own-stranger", held)
            if not answer:
                yield from (Example(question, headed(spans[at]), ANSWERS, False, "own-un", held) for at in order[:2])
                first = max(0, min(order[0] + 1, len(spans) - 1) - 1)
                both = spans[first][0], spans[min(first + 1, len(spans) - 1)][1]
                if len(spans) > 1 and both[1] - both[0] < _BOTH:
                    yield Example(question, headed(both), ANSWERS, False, "own-un", held)
                continue
            start = text.find(answer)
            end = start + len(answer)
            for _ in range(2):
                yield Example(question, headed(around(text, start, end, luck)), ANSWERS, True, "own+", held)
                question = as_typed(asked["question"], luck)
            away = [at for at in order if spans[at][1] <= start or spans[at][0] >= end]
            yield from (Example(question, headed(spans[at]), ANSWERS, False, "own-other", held) for at in away[:2])
            evidence = around(text, start, end, luck)
            for key in ("supported", "unsupported"):
                yield Example(asked[key], headed(evidence), SUPPORTS, key == "supported", "own-sup", held)
            yield from _joined(note, asked, headed, held, luck)


def _stranger(note: dict[str, Any], found: Sequence[dict[str, Any]], luck: random.Random) -> str:
    """Return a strip of another note, which has nothing to do with the question."""
    other = luck.choice([other for other in found if other["title"] != note["title"]])
    start, end = luck.choice(strips(other["text"]))
    return f"{other['title']} > {other['heading']}\n{other['text'][start:end]}"


def _joined(
    note: dict[str, Any], asked: dict[str, Any], headed: Callable[[Span], str], held: bool, luck: random.Random
) -> Iterator[Example]:
    """Yield a sentence with a second one behind it: borne out only by evidence that bears out both."""
    text = note["text"]
    others = [
        other
        for other in note["questions"]
        if other["answer"] and other["answer"] != asked["answer"] and other["language"] == asked["language"]
    ]
    if not others:
        return
    other = luck.choice(others)
    joint = " 또한 " if asked["language"] == "ko" else " Also, "
    said = f"{asked['supported']}{joint}{other['supported']}"
    spans = [(text.find(one["answer"]), text.find(one["answer"]) + len(one["answer"])) for one in (asked, other)]
    (start, end), (first, last) = spans
    if last <= start or first >= end:
        yield Example(said, headed((start, end)), SUPPORTS, False, "own-joined", held)
    whole = min(start, first), max(end, last)
    if whole[1] - whole[0] < _BOTH:
        yield Example(said, headed(whole), SUPPORTS, True, "own-joined", held)


def as_typed(question: str, luck: random.Random) -> str:
    """Return a question as it may be typed in haste: half of them shortened, without capitals or a question mark."""
    if luck.random() < 0.5:
        return question
    for pattern, short in _ENDINGS:
        if luck.random() < 0.5:
            question = re.sub(pattern, short, question)
    if luck.random() < 0.5:
        question = question.lower()
    return question.rstrip("?") if luck.random() < 0.5 else question
