"""Evidence and a sentence → the share of the sentence's terms that the evidence holds."""

import pytest

from assistant.text.overlap import by_terms


@pytest.mark.parametrize(
    ("evidence", "said", "least", "most"),
    [
        ("Steep the tea at 70 degrees.", "Steep the tea at 70 degrees.", 1.0, 1.0),
        ("녹차는 70도의 물에 우린다.", "녹차는 70도의 물에 우린다.", 1.0, 1.0),
        ("Steep the tea at 70 degrees.", "The lighthouse was painted red.", 0.0, 0.0),
        ("녹차는 70도의 물에 우린다.", "등대는 빨갛게 칠했다.", 0.0, 0.0),
        ("The tea is hot.", "The tea is hot and the lighthouse red.", 0.3, 0.7),
        ("트랜스포머는 2017년에 나왔다.", "The transformer of 2017", 0.9, 1.0),
        ("", "Steep the tea.", 0.0, 0.0),
        ("Steep the tea.", "", 0.0, 0.0),
    ],
)
def test_a_share_counts_terms_in_either_language(evidence: str, said: str, least: float, most: float) -> None:
    (share,) = by_terms([evidence], [said])
    assert least <= share <= most


def test_each_sentence_has_its_own_evidence() -> None:
    assert by_terms(["tea", "tea"], ["tea", "물"]) == [1.0, 0.0]
