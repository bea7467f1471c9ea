"""Intervals, paired differences and percentiles, against cases worked by hand."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.measures.stats import counted, difference, interval, paired_difference, percentile

NAN = math.nan
VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def all_nan(numbers: tuple[float, ...]) -> bool:
    return all(math.isnan(number) for number in numbers)


def test_no_value_and_only_failed_cases_have_no_mean() -> None:
    assert all_nan(interval([]))
    assert all_nan(interval([NAN, NAN]))
    assert all_nan(paired_difference([], []))
    assert all_nan(paired_difference([1.0, NAN], [NAN, 0.0]))
    assert math.isnan(percentile([], 50))
    assert math.isnan(percentile([NAN], 50))


def test_one_value_and_equal_values_are_their_own_interval() -> None:
    assert interval([0.25]) == (0.25, 0.25, 0.25)
    assert interval([0.5] * 9) == (0.5, 0.5, 0.5)
    assert paired_difference([0.75], [0.5]) == (0.25, 0.25, 0.25)


def test_two_values_resample_to_their_three_means() -> None:
    """Of [0, 1] a quarter of the resamples are all 0 and a quarter all 1: both lie beyond 2.5 %."""
    assert interval([0.0, 1.0]) == (0.5, 0.0, 1.0)


def test_the_interval_agrees_with_the_normal_one_for_many_values() -> None:
    values = np.random.default_rng(7).normal(3.0, 2.0, 2000)
    mean, low, high = interval(values.tolist())
    error = float(values.std() / math.sqrt(len(values)))
    assert mean == pytest.approx(float(values.mean()))
    assert low == pytest.approx(mean - 1.96 * error, abs=0.1 * error)
    assert high == pytest.approx(mean + 1.96 * error, abs=0.1 * error)


def test_the_interval_holds_the_true_mean_about_as_often_as_it_says() -> None:
    draws = np.random.default_rng(3).binomial(1, 0.6, (200, 60))
    bounds = [interval(draw.tolist(), samples=400)[1:] for draw in draws]
    assert 0.90 <= np.mean([low <= 0.6 <= high for low, high in bounds]) <= 0.99


def test_the_difference_of_two_groups_needs_no_pairs_and_no_order() -> None:
    assert difference([1.0, 1.0, NAN], [0.25]) == (0.75, 0.75, 0.75)
    assert difference([0.0, 1.0], [0.0]) == (0.5, 0.0, 1.0)
    assert difference([1.0, 0.0, 0.0], [0.5, 0.0]) == difference([0.0, 1.0, 0.0], [0.0, 0.5])
    assert all_nan(difference([], [1.0])) and all_nan(difference([1.0], [NAN]))


def test_failed_cases_are_dropped_and_the_rest_counted() -> None:
    assert interval([NAN, 0.0, 1.0, NAN]) == interval([0.0, 1.0])
    assert counted([NAN, 0.0, 1.0, NAN]) == 2
    assert counted([]) == 0


def test_a_pair_with_one_failed_half_is_dropped_whole() -> None:
    a, b = [1.0, NAN, 0.5, 1.0], [0.5, 1.0, NAN, 0.5]
    assert paired_difference(a, b) == (0.5, 0.5, 0.5)
    assert counted(a, b) == 2


def test_pairing_removes_what_the_cases_have_in_common() -> None:
    a = np.linspace(0, 1, 50)
    difference, low, high = paired_difference((a + 0.01).tolist(), a.tolist())
    assert (difference, low, high) == pytest.approx((0.01, 0.01, 0.01))
    assert interval((a + 0.01).tolist())[1] < interval(a.tolist())[2]  # apart, the two intervals overlap


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one length, found \[1, 2\]"):
        paired_difference([1.0], [1.0, 2.0])


def test_the_seed_decides_the_interval_and_not_the_mean() -> None:
    values = np.random.default_rng(0).random(20).tolist()
    first, other = interval(values), interval(values, seed=1)
    assert interval(values) == first != other
    assert first[0] == other[0]


def test_percentiles_are_interpolated_between_neighbours() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.5
    assert percentile([4.0, 1.0, NAN, 3.0, 2.0], 100) == 4.0
    assert percentile([0.0, 10.0], 95) == pytest.approx(9.5)
    assert percentile([7.0], 5) == 7.0


@given(VALUES)
def test_an_interval_stays_within_the_values_and_around_the_mean(values: list[float]) -> None:
    mean, low, high = interval(values, samples=200)
    slack = 1e-9
    assert min(values) - slack <= low <= high <= max(values) + slack
    assert low - slack <= mean <= high + slack


@given(VALUES, st.randoms(use_true_random=False))
def test_the_order_of_the_cases_changes_nothing(values: list[float], chance: random.Random) -> None:
    shuffled = chance.sample(values, len(values))
    assert interval(shuffled, samples=100) == interval(values, samples=100)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
def test_a_difference_turned_round_changes_its_sign(pairs: list[tuple[float, float]]) -> None:
    a, b = [x for x, _ in pairs], [y for _, y in pairs]
    assert paired_difference(a, b, samples=100)[0] == pytest.approx(-paired_difference(b, a, samples=100)[0])
    assert paired_difference(a, a, samples=100) == (0.0, 0.0, 0.0)
