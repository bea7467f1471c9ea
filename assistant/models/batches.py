"""Groups texts of similar length into batches, for models that pad each batch to one width.

In: lengths in tokens. Out: batches. OpenVINO compiles for each new shape and keeps the result, so widths are rounded up
to a few steps to bound memory.
"""

from collections.abc import Iterator, Sequence

BATCH_TOKENS = 1024
"""Tokens of a batch, with padding; larger batches are no faster and need more memory."""


def batches(lengths: Sequence[int], step: int) -> Iterator[tuple[list[int], int]]:
    """Yield the places of the texts in each batch, shortest first, and its width: a multiple of `step`.

    A text longer than `BATCH_TOKENS` gets a batch of its own.
    """
    batch: list[int] = []
    width = 0
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        wider = max(-(-lengths[place] // step), 1) * step
        if batch and (len(batch) + 1) * wider > BATCH_TOKENS:
            yield batch, width
            batch = []
        batch.append(place)
        width = wider
    if batch:
        yield batch, width
