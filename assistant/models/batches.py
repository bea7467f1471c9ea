"""Groups texts of like length into batches, for models that pad each batch to one width.

In: lengths in tokens. Out: batches. OpenVINO compiles for every shape that it meets and keeps what it compiled: widths
grow in steps, so that shapes are few and memory stays flat.
"""

from collections.abc import Iterator, Sequence

BATCH_TOKENS = 1024
"""Tokens of a batch, padding included: larger ones are no faster and need more memory."""


def batches(lengths: Sequence[int], step: int) -> Iterator[tuple[list[int], int]]:
    """Yield the places of the texts in each batch, shortest first, and its width: a multiple of `step`.

    Every text is in one batch, a longer one than fits in one of its own.
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
