"""What the speed is measured on: notes and vectors in any number, and recall beside an exact search."""

from pathlib import Path

import numpy as np
import pytest
from fakes import HashEmbedding
from six_notes import NOTES

from assistant.config import Settings
from assistant.index.local import load
from assistant.index.update import update
from assistant.models.embedding import normalised
from eval.questions.many import MixedEmbedding, mixtures, write_notes
from eval.speed import _dense, main

REAL = normalised(np.random.default_rng(3).normal(size=(50, 16)).astype(np.float32))


@pytest.mark.parametrize("texts", [list(NOTES.values()), ["# 차\n\n녹차는 70도의 물에 우린다."]])
def test_as_many_passages_are_written_as_were_asked_for(settings: Settings, tmp_path: Path, texts: list[str]) -> None:
    write_notes(texts, 40, tmp_path / "many")
    report = update([tmp_path / "many"], settings, HashEmbedding)
    assert 40 <= report.passages + len(report.skipped) and not report.failed
    first = [note.file.path.read_text(encoding="utf-8") for note in load(settings).notes if note.source[:2] == "0/"]
    assert sorted(first) == sorted(texts), "the first edition is the real one"


def test_mixtures_begin_with_the_real_ones_and_lie_near_them() -> None:
    made = mixtures(REAL, 500)
    np.testing.assert_array_equal(made[:50], REAL)
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(made, mixtures(REAL, 500))
    assert len(np.unique(made.round(4), axis=0)) == 500
    assert (made[50:] @ REAL.T).max(axis=1).mean() > 0.7
    assert len(mixtures(REAL, 20)) == 20


def test_a_text_is_always_given_the_same_vector() -> None:
    model = MixedEmbedding(REAL)
    first, second = model.get_text_embedding_batch(["tea", "녹차"])
    assert model.get_text_embedding_batch(["녹차", "tea"]) == [second, first]
    assert any(np.allclose(row, first) for row in REAL)


def test_an_exact_search_has_full_recall() -> None:
    found = _dense(mixtures(REAL, 300), REAL[:20], threads=1)
    assert (found["kind"], found["recall@10"]) == ("IndexFlatIP", 1.0)


def test_it_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0 and "--beir" in capsys.readouterr().out
