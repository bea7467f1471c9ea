"""Vectors in FAISS: nearly what exact search finds, also where only some of them count."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

from assistant.answer import Vectors
from assistant.index import vectors
from assistant.index.vectors import Nearest
from assistant.models.embedding import normalised

EXACT, CELLS = 40_000, 39_999
"""Limits that put the vectors of `many` into either type."""


@pytest.fixture(scope="module")
def many() -> Vectors:
    """Vectors that lie in groups, as those of passages do."""
    chance = np.random.default_rng(1)
    centres = chance.normal(size=(40, 8))
    rows = centres[chance.integers(40, size=40_000)] + 0.5 * chance.normal(size=(40_000, 8))
    return normalised(rows.astype(np.float32))


@pytest.fixture(scope="module")
def in_cells(many: Vectors) -> Nearest:
    return vectors.build(many, 2, CELLS)


def nearest(held: Nearest, question: Vectors, allowed: np.ndarray | None = None) -> list[int]:
    places, scores = held.search(question, 10, allowed)
    assert list(scores) == sorted(scores, reverse=True)
    found: list[int] = places.tolist()
    return found


def exact(many: Vectors, question: Vectors, allowed: np.ndarray | None = None) -> list[int]:
    scores = many @ question
    if allowed is not None:
        scores[~allowed] = -2
    found: list[int] = np.argsort(-scores, kind="stable")[:10].tolist()
    return found


def test_up_to_its_size_search_is_exact(many: Vectors) -> None:
    held = vectors.build(many, 1, EXACT)
    assert all(nearest(held, many[row]) == exact(many, many[row]) for row in range(20))


@pytest.mark.parametrize("share", [0.9, 0.3, 0.001])
@pytest.mark.parametrize("limit", [EXACT, CELLS])
def test_only_what_is_allowed_is_found_and_the_nearest_of_it(
    many: Vectors, in_cells: Nearest, share: float, limit: int
) -> None:
    held = in_cells if limit == CELLS else vectors.build(many, 1, EXACT)
    allowed = np.random.default_rng(4).random(len(many)) < share
    shared = []
    for row in range(50):
        given = nearest(held, many[row], allowed)
        assert allowed[given].all() and len(given) == 10
        shared.append(len({*given} & {*exact(many, many[row], allowed)}) / 10)
    assert np.mean(shared) >= (0.98 if share > 0.5 and limit == CELLS else 1.0)


def test_fewer_are_found_where_fewer_are_allowed(many: Vectors, in_cells: Nearest) -> None:
    allowed = np.zeros(len(many), bool)
    assert nearest(in_cells, many[0], allowed) == []
    allowed[[5, 39_000]] = True
    assert sorted(nearest(in_cells, many[0], allowed)) == [5, 39_000]


def test_beyond_it_a_part_is_compared_and_nearly_all_neighbours_are_found(
    many: Vectors, in_cells: Nearest, tmp_path: Path
) -> None:
    vectors.write(in_cells, tmp_path / "cells")
    held = vectors.read(tmp_path / "cells")
    assert 1 < held.engine.nprobe <= held.engine.nlist / 3
    noise = 0.1 * np.random.default_rng(2).normal(size=(100, 8)).astype(np.float32)
    shared = [len({*nearest(held, asked)} & {*exact(many, asked)}) / 10 for asked in normalised(many[:100] + noise)]
    assert np.mean(shared) >= 0.98


def test_a_hundred_times_as_many_vectors_are_searched_in_ten_times_as_many_comparisons(in_cells: Nearest) -> None:
    engine = in_cells.engine
    assert engine.nlist == 2 * 200 and engine.nprobe * engine.ntotal / engine.nlist == pytest.approx(64 * 200)


def test_the_same_vectors_give_the_same_file(many: Vectors, in_cells: Nearest, tmp_path: Path) -> None:
    for name, held in (("one", in_cells), ("two", vectors.build(many, 2, CELLS))):
        faiss.write_index(held.engine, str(tmp_path / name))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_faiss_opens_no_file_itself(
    many: Vectors, in_cells: Nearest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows it takes the name of a folder for text in the system's own encoding, and finds none with Hangul."""

    def without_paths(real: Callable[..., Any]) -> Callable[..., Any]:
        def called(*given: object) -> Any:
            assert not any(isinstance(one, str | Path) for one in given)
            return real(*given)

        return called

    for name in ("write_index", "read_index"):
        monkeypatch.setattr(faiss, name, without_paths(getattr(faiss, name)))
    (tmp_path / "노트").mkdir()
    vectors.write(in_cells, tmp_path / "노트" / "색인")
    assert nearest(vectors.read(tmp_path / "노트" / "색인"), many[3]) == nearest(in_cells, many[3])


def test_no_vectors_can_be_kept(tmp_path: Path) -> None:
    vectors.write(vectors.build(np.empty((0, 1), np.float32), 1), tmp_path / "made")
    held = vectors.read(tmp_path / "made")
    assert (len(held), nearest(held, np.ones(1, np.float32))) == (0, [])
