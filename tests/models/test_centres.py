"""Moving the languages together: worked examples, and what was fitted."""

import numpy as np

from assistant.models.centres import Centres, centres_of
from assistant.models.embedding import DEFAULT
from assistant.text.language import hangul_share

MEANS = np.array([[1, 0], [0, 1]], np.float32)


def centres(share: float) -> Centres:
    return Centres(MEANS, MEANS, share, "")


def test_each_language_loses_a_share_of_its_own_mean() -> None:
    vectors = np.array([[0.8, 0.6], [0.8, 0.6]], np.float32)
    korean, english = centres(0.5).moved(vectors, ["녹차", "tea"], MEANS)
    np.testing.assert_allclose(korean, np.array([0.3, 0.6]) / 0.45**0.5, rtol=1e-6)
    np.testing.assert_allclose(english, np.array([0.8, 0.1]) / 0.65**0.5, rtol=1e-6)


def test_a_mixed_text_loses_of_both_by_its_letters() -> None:
    """Two syllables weigh as much as five Latin letters."""
    assert (hangul_share("녹차 water"), hangul_share("tea"), hangul_share("녹차"), hangul_share("42")) == (0.5, 0, 1, 0)
    moved = centres(1.0).moved(np.array([[0.6, 0.8]], np.float32), ["녹차 water"], MEANS)
    np.testing.assert_allclose(moved[0], np.array([0.1, 0.3]) / 0.1**0.5, rtol=1e-6)


def test_a_share_of_nothing_moves_nothing() -> None:
    vectors = np.array([[0.6, 0.8]], np.float32)
    np.testing.assert_allclose(centres(0.0).moved(vectors, ["tea"], MEANS), vectors, rtol=1e-6)


def test_the_default_embedding_model_has_its_centres() -> None:
    fitted = centres_of(DEFAULT)
    assert fitted is not None and fitted.question.shape == fitted.passage.shape == (2, 384)
    assert 0 < fitted.share < 1 and len(fitted.digest) == 8


def test_other_models_have_none() -> None:
    assert centres_of("hash") is None
