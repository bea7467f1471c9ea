"""How much each search term says."""

import pytest

from assistant.index.term_weights import TermWeights


def test_coverage_weighs_rare_terms_more() -> None:
    weights = TermWeights({"common": 0.1, "rare": 0.9}, 2.0)
    assert weights.coverage(["common", "rare"], ["rare"]) == pytest.approx(0.9)
    assert weights.coverage(["rare", "unseen"], ["rare"]) == pytest.approx(0.9 / 2.9)
    assert weights.coverage([], ["rare"]) == 0.0
