"""What the speed is measured on: notes and vectors in any number, and recall beside an exact search."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from six_notes import NOTES

from assistant.config import Settings
from assistant.index.ingest import Ingested, ingest
from assistant.models.embedding import normalised
from assistant.notes import formats
from eval import store_speed
from eval.questions.many import MixedEmbedding, mixtures, write_notes
from eval.speed import dense, main

REAL = normalised(np.random.default_rng(3).normal(size=(50, 16)).astype(np.float32))


def taken(texts: list[str]) -> list[Ingested]:
    return [ingest(formats.read(text.encode(), f"{number}.md")) for number, text in enumerate(texts)]


@pytest.mark.parametrize("texts", [list(NOTES.values()), ["# 차\n\n녹차는 70도의 물에 우린다."]])
def test_as_many_passages_are_written_as_were_asked_for(tmp_path: Path, texts: list[str]) -> None:
    written = list(write_notes(taken(texts), 40, tmp_path / "many"))
    assert sum(len(passages) for _, passages in written) == sum(note.passages for note, _ in written) == 40
    for note, passages in written:
        data = (tmp_path / "many" / note.source).read_bytes()
        assert hashlib.sha256(data).hexdigest() == note.hash
        assert all(data.decode()[passage.start : passage.end] == passage.text for passage in passages)


def test_the_store_is_measured(tmp_path: Path, settings: Settings) -> None:
    made = replace(settings, notes=tmp_path / "many", index=tmp_path / "index")
    real = taken(list(NOTES.values()))
    vectors = REAL[: sum(len(note.passages) for note in real)]
    figures = store_speed.measure(real, vectors, 60, made)
    assert (figures["passages"], figures["search_ms"] > 0, figures["files"] > 3) == (60, True, True)
    assert "60 passages" in "\n".join(store_speed.lines(figures)) and figures["recall@10"] == 1


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
    found = dense(mixtures(REAL, 300), REAL[:20], threads=1)
    assert (found["kind"], found["recall@10"]) == ("IndexFlatIP", 1.0)


def test_it_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0 and "--beir" in capsys.readouterr().out
