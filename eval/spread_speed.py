"""How many passages a second the workers of Ray take in, and how near two come to twice as many as one.

In: real notes, how many passages to make of them, and numbers of workers. Out: the figures. Workers are started, and
their models loaded, before time is taken; they read, cut, embed, and this process writes the index.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from assistant.config import Settings
from assistant.index.ingest import Ingested
from assistant.index.spread import HERE, spread
from assistant.index.update import update
from eval.questions.many import write_notes


def measure(real: Sequence[Ingested], passages: int, workers: Sequence[int], settings: Settings) -> dict[str, Any]:
    """Return passages a second for each number of workers, and the efficiency beside the first number."""
    for _ in write_notes(real, passages, settings.notes):
        pass
    warm = settings.notes.parent / "warm"
    for _ in write_notes(real[:4], 64 * max(workers), warm):
        pass
    rates = {}
    for number in workers:
        made = replace(settings, threads=number, index=settings.index / str(number))
        with spread(HERE, made) as hands:
            update([warm], replace(made, index=made.index / "warm"), _none, workers=hands)
            report = update([settings.notes], replace(made, index=made.index / "timed"), _none, workers=hands)
        rates[number] = report.embedded / report.seconds
    first = workers[0]
    return {
        str(number): {"passages_per_second": rate, "efficiency": rate / rates[first] * first / number}
        for number, rate in rates.items()
    }


def lines(figures: dict[str, Any]) -> list[str]:
    """Return the figures as text."""
    return [
        f"taken in on Ray by {number} workers: {rate['passages_per_second']:.1f} passages/s, "
        f"efficiency {rate['efficiency']:.2f}"
        for number, rate in figures.items()
    ]


def _none() -> Any:
    raise AssertionError("the workers hold the model")
