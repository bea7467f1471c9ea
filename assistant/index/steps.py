"""Groups what is to be written into steps of bounded size."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def in_steps(items: Iterable[Item], size: Callable[[Item], int], most: int) -> Iterator[list[Item]]:
    """Yield the items in order, in groups that each end once their sizes reach `most`; no empty group."""
    step: list[Item] = []
    held = 0
    for item in items:
        step.append(item)
        held += size(item)
        if held >= most:
            yield step
            step, held = [], 0
    if step:
        yield step
