"""The vectors in FAISS: which type of index holds how many of them, in a file, and behind LlamaIndex's interface.

In: unit vectors, row by row. Out: a vector store whose ids are rows. The one place that knows FAISS's types; what the
constants give is in docs/decisions.md.
"""

from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.vector_stores.types import VectorStoreQuery, VectorStoreQueryResult
from llama_index.vector_stores.faiss import FaissVectorStore

from assistant.models.embedding import Vectors

EXACT_UP_TO = 50_000
"""Vectors that are all compared with a question; of more, those in the cells nearest to it are."""
_CELLS_PER_ROOT = 2
"""Cells per square root of the number of vectors."""
_CELLS_SEARCHED = 128
"""However many there are, so that a search over a hundred times as many vectors compares ten times as many."""
_TRAINED_ON = 40
"""Vectors of each cell that its centre is computed from: with fewer FAISS warns, with more it only takes longer."""


class PassageVectors(FaissVectorStore):
    """LlamaIndex's store; one thread compares a question, because several wait for each other on a busy machine."""

    def __init__(self, faiss_index: Any) -> None:
        super().__init__(faiss_index=faiss_index)

    def query(self, query: VectorStoreQuery, **kwargs: Any) -> VectorStoreQueryResult:
        """Return the rows nearest to the question, best first."""
        import faiss

        faiss.omp_set_num_threads(1)  # for the calling thread alone
        return super().query(query, **kwargs)

    def rows(self) -> Vectors:
        """Return all vectors, shape (rows, dimension)."""
        found = self.client
        if hasattr(found, "make_direct_map"):  # cells do not keep the order of the rows
            found.make_direct_map()
        return np.asarray(found.reconstruct_n(0, found.ntotal), np.float32)


def build(rows: Vectors, threads: int, exact_up_to: int = EXACT_UP_TO) -> PassageVectors:
    """Return a store of the vectors, shape (rows, dimension); row i has the id i."""
    import faiss

    faiss.omp_set_num_threads(threads)
    dimension = rows.shape[1] or 1
    exact = faiss.IndexFlatIP(dimension)
    if len(rows) <= exact_up_to:
        if len(rows):
            exact.add(rows)
        return PassageVectors(faiss_index=exact)
    cells = round(_CELLS_PER_ROOT * len(rows) ** 0.5)
    found = faiss.IndexIVFFlat(exact, dimension, cells, faiss.METRIC_INNER_PRODUCT)
    found.cp.max_points_per_centroid = _TRAINED_ON
    found.nprobe = min(_CELLS_SEARCHED, cells)
    found.train(rows)
    found.add(rows)
    return PassageVectors(faiss_index=found)


def write(rows: Vectors, file: Path, threads: int) -> None:
    """Write the vectors; raise RuntimeError if that fails."""
    import faiss

    faiss.write_index(build(rows, threads).client, str(file))


def read(file: Path, expected: int) -> PassageVectors:
    """Return the store of a file; raise RuntimeError or ValueError if it is not one of so many vectors."""
    import faiss

    found = faiss.read_index(str(file))
    if found.ntotal != expected:
        raise ValueError(f"{expected} vectors expected, {found.ntotal} found")
    return PassageVectors(faiss_index=found)
