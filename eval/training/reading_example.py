"""One example of what the reader learns from, and how texts are cut into examples.

In: texts. Out: strips of one to four sentences. The tenth that is held out is chosen by note or passage, never by
question, so that nothing of a held-out text is learned.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from assistant.text.sentences import sentences

_STRIP = 420
"""Characters of a strip at most, three sentences at most; those around an answer are cut anew, at random."""
_AROUND = 600
_LONGEST = 900
Span = tuple[int, int]


@dataclass(frozen=True)
class Example:
    """Two texts, which task (`ANSWERS` or `SUPPORTS`), whether it holds, where it is from, whether it is held out."""

    first: str
    second: str
    task: int
    holds: bool
    source: str
    held_out: bool


def held_out(text: str) -> bool:
    """Tell whether a note or passage belongs to the tenth that is measured on."""
    return int(sha256(text.encode()).hexdigest(), 16) % 10 == 0


def strips(text: str) -> list[Span]:
    """Cut a text into strips of up to three sentences."""
    found: list[list[int]] = []  # start, end, sentences
    for start, end in sentences(text) or [(0, len(text))]:
        if found and found[-1][2] < 3 and end - found[-1][0] <= _STRIP:
            found[-1][1:] = [end, found[-1][2] + 1]
        else:
            found.append([start, end, 1])
    return [(start, min(end, start + _LONGEST)) for start, end, _ in found]


def around_first(text: str, answers: Sequence[str], luck: random.Random) -> Span:
    """Return what `around` does, for the first of the answers."""
    at = text.find(answers[0])
    return around(text, at, at + len(answers[0]), luck)


def around(text: str, start: int, end: int, luck: random.Random) -> Span:
    """Return one to four sentences, at random, that hold the span."""
    spans = sentences(text) or [(0, len(text))]
    first = next((at for at, span in enumerate(spans) if span[1] > start), len(spans) - 1)
    last = max(first, next((at for at, span in enumerate(spans) if span[1] >= end), len(spans) - 1))
    wanted = luck.choice([1, 1, 2, 2, 3, 3, 4])
    while last - first + 1 < wanted and (first > 0 or last < len(spans) - 1):
        back = first > 0 and (luck.random() < 0.5 or last == len(spans) - 1)
        low, high = (first - 1, last) if back else (first, min(last + 1, len(spans) - 1))
        if spans[high][1] - spans[low][0] > _AROUND or (low, high) == (first, last):
            break
        first, last = low, high
    return spans[first][0], min(spans[last][1], spans[first][0] + _LONGEST)


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file."""
    with file.open(encoding="utf-8") as opened:
        yield from (json.loads(line) for line in opened if line.strip())
