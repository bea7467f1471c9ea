"""Batches for models that pad: every text in one, little padding, few shapes."""

import random

from hypothesis import given
from hypothesis import strategies as st

from assistant.models.batches import BATCH_TOKENS, batches

STEPS = st.sampled_from([16, 32])


@given(st.lists(st.integers(0, 600), max_size=80), STEPS)
def test_every_text_fits_into_one_batch_of_bounded_size(lengths: list[int], step: int) -> None:
    found = list(batches(lengths, step))
    places = [place for batch, _ in found for place in batch]
    assert sorted(places) == list(range(len(lengths)))
    assert [lengths[place] for place in places] == sorted(lengths)
    for batch, width in found:
        longest = max(lengths[place] for place in batch)
        assert width % step == 0 and longest <= width < longest + step or width == step
        assert len(batch) * width <= BATCH_TOKENS or len(batch) == 1


@given(st.integers(1, 2**32), STEPS)
def test_many_questions_meet_few_widths(seed: int, step: int) -> None:
    chance = random.Random(seed)
    widths = {
        width
        for _ in range(50)
        for _, width in batches([chance.randint(5, 300) for _ in range(chance.randint(1, 30))], step)
    }
    assert len(widths) <= -(-300 // step)


def test_no_text_makes_no_batch() -> None:
    assert list(batches([], 16)) == []
