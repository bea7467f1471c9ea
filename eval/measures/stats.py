"""Means with their uncertainty, differences of two systems, and percentiles.

nan entries are failed cases: they are dropped, for pairs both halves, and `counted` says how many cases are left.
Nothing left gives nan; one value is its own interval. The same values and seed give the same numbers, in any order.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_LEVELS = (2.5, 97.5)


def interval(values: Sequence[float], seed: int = 0, samples: int = 2000) -> tuple[float, float, float]:
    """Return (mean, low, high): the mean and its 95 % interval by the percentile bootstrap (Efron 1979)."""
    kept = np.sort(_complete(values)[0])  # sorted: the order of the cases must not matter
    if not len(kept):
        return math.nan, math.nan, math.nan
    drawn = np.random.default_rng(seed).integers(len(kept), size=(samples, len(kept)))
    low, high = np.percentile(kept[drawn].mean(axis=1), _LEVELS)
    return float(kept.mean()), float(low), float(high)


def paired_difference(
    a: Sequence[float], b: Sequence[float], seed: int = 0, samples: int = 2000
) -> tuple[float, float, float]:
    """Return (mean of a - b, low, high), resampling cases: entry i of both belongs to case i.

    An interval without 0 is a difference at the 5 % level (two-sided).

    Raises:
        ValueError: the lengths differ.

    """
    first, second = _complete(a, b)
    return interval((first - second).tolist(), seed, samples)


def difference(
    a: Sequence[float], b: Sequence[float], seed: int = 0, samples: int = 2000
) -> tuple[float, float, float]:
    """Return (mean of a less mean of b, low, high) of two groups of different cases, each resampled by itself."""
    first, second = (np.sort(_complete(values)[0]) for values in (a, b))
    if not len(first) or not len(second):
        return math.nan, math.nan, math.nan
    chance = np.random.default_rng(seed)
    means = [group[chance.integers(len(group), size=(samples, len(group)))].mean(axis=1) for group in (first, second)]
    low, high = np.percentile(means[0] - means[1], _LEVELS)
    return float(first.mean() - second.mean()), float(low), float(high)


def percentile(values: Sequence[float], q: float) -> float:
    """Return the q-th percentile, q in 0..100, interpolated linearly between neighbours (numpy's default)."""
    kept = _complete(values)[0]
    return float(np.percentile(kept, q)) if len(kept) else math.nan


def counted(*columns: Sequence[float]) -> int:
    """Return how many cases have a number in every column: those that the functions here count."""
    return len(_complete(*columns)[0])


def _complete(*columns: Sequence[float]) -> list[NDArray[np.float64]]:
    if len(lengths := {len(column) for column in columns}) != 1:
        raise ValueError(f"expected columns of one length, found {sorted(lengths)}")
    table = np.asarray(columns, np.float64)
    return list(table[:, ~np.isnan(table).any(axis=0)])
