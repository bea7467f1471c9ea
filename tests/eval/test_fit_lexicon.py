"""Parallel sentences → which terms translate each other."""

import pytest

from eval.training.fit_lexicon import model1, translations

PAIRS = [(["집"], ["house"]), (["집", "책"], ["book", "house"]), (["책"], ["book"]), (["책"], ["book"])]


def test_each_terms_probabilities_sum_to_one() -> None:
    learned = model1(PAIRS)
    for other in ("house", "book"):
        assert sum(share for (_, given), share in learned.items() if given == other) == pytest.approx(1)


def test_one_round_is_a_count_of_shared_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand, from even shares: "house" explains half of 집 alone and a third of it beside "book", of 책 a third."""
    monkeypatch.setattr("eval.training.fit_lexicon.ROUNDS", 1)
    assert model1(PAIRS)["집", "house"] == pytest.approx((1 / 2 + 1 / 3) / (1 / 2 + 1 / 3 + 1 / 3))


def test_words_that_go_together_are_told_from_those_that_are_merely_near() -> None:
    assert {korean: list(english) for korean, english in translations(PAIRS).items()} == {
        "집": ["house"],
        "책": ["book"],
    }


def test_a_pair_that_was_met_once_is_left_out() -> None:
    assert translations([(["집"], ["house"])]) == {}
    assert translations([]) == {}
