"""Vectors in FAISS: each type gives back every row, and finds nearly what exact search finds."""

from pathlib import Path

import faiss
import numpy as np
import pytest
from llama_index.core.vector_stores.types import VectorStoreQuery

from assistant.index import vectors
from assistant.index.vectors import PassageVectors
from assistant.models.embedding import Vectors, normalised

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
def in_cells(many: Vectors) -> PassageVectors:
    return vectors.build(many, 2, CELLS)


def nearest(store: PassageVectors, question: Vectors) -> list[int]:
    found = store.query(VectorStoreQuery(query_embedding=question.tolist(), similarity_top_k=10))
    return [int(id) for id in found.ids or []]


def exact(many: Vectors, question: Vectors) -> list[int]:
    found: list[int] = np.argsort(-(many @ question), kind="stable")[:10].tolist()
    return found


def test_every_row_is_given_back_from_the_file(many: Vectors, in_cells: PassageVectors, tmp_path: Path) -> None:
    faiss.write_index(in_cells.client, str(tmp_path / "cells"))
    vectors.write(many, tmp_path / "exact", 2)
    for name in ("cells", "exact"):
        np.testing.assert_array_equal(vectors.read(tmp_path / name, 40_000).rows(), many)


def test_up_to_its_size_search_is_exact(many: Vectors) -> None:
    store = vectors.build(many, 1, EXACT)
    assert all(nearest(store, many[row]) == exact(many, many[row]) for row in range(20))


def test_beyond_it_a_part_is_compared_and_nearly_all_neighbours_are_found(
    many: Vectors, in_cells: PassageVectors, tmp_path: Path
) -> None:
    faiss.write_index(in_cells.client, str(tmp_path / "cells"))
    store = vectors.read(tmp_path / "cells", 40_000)
    assert 1 < store.client.nprobe <= store.client.nlist / 3
    noise = 0.1 * np.random.default_rng(2).normal(size=(100, 8)).astype(np.float32)
    held = [len({*nearest(store, asked)} & {*exact(many, asked)}) / 10 for asked in normalised(many[:100] + noise)]
    assert np.mean(held) >= 0.98


def test_a_hundred_times_as_many_vectors_are_searched_in_ten_times_as_many_comparisons(
    in_cells: PassageVectors,
) -> None:
    found = in_cells.client
    assert found.nlist == 2 * 200 and found.nprobe * found.ntotal / found.nlist == pytest.approx(64 * 200)


def test_the_same_vectors_give_the_same_file(many: Vectors, in_cells: PassageVectors, tmp_path: Path) -> None:
    for name, store in (("one", in_cells), ("two", vectors.build(many, 2, CELLS))):
        faiss.write_index(store.client, str(tmp_path / name))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_file_of_another_number_of_vectors_is_refused(many: Vectors, tmp_path: Path) -> None:
    vectors.write(many[:100], tmp_path / "made", 1)
    with pytest.raises(ValueError, match="99 vectors expected, 100 found"):
        vectors.read(tmp_path / "made", 99)


def test_no_vectors_can_be_kept(tmp_path: Path) -> None:
    vectors.write(np.empty((0, 1), np.float32), tmp_path / "made", 1)
    assert vectors.read(tmp_path / "made", 0).rows().shape == (0, 1)
