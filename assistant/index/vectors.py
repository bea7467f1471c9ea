"""The vectors in FAISS: which type of index holds how many of them, and how the nearest are looked up.

In: unit vectors, row by row. Out: places and cosines. The one place that knows FAISS; what the constants give is in
docs/decisions.md.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.answer import Vectors

EXACT_UP_TO = 50_000
"""Vectors that are all compared with a question; of more, those in the cells nearest to it are."""
_CELLS_PER_ROOT = 2
"""Cells per square root of the number of vectors."""
_CELLS_SEARCHED = 128
"""However many there are, so that a search over a hundred times as many vectors compares ten times as many."""
_TRAINED_ON = 40
"""Vectors of each cell that its centre is computed from: with fewer FAISS warns, with more it only takes longer."""
_FEW = 0.5
"""Share of the vectors below which those that a search is restricted to are looked for in every cell."""


@dataclass(frozen=True)
class Nearest:
    """Looks up the nearest of many vectors; `engine` is FAISS's index of them."""

    engine: Any

    @classmethod
    def exact(cls, rows: Vectors) -> "Nearest":
        """Hold vectors, shape (rows, dimension), that are all compared."""
        return build(rows, 1, len(rows))

    def __len__(self) -> int:
        return int(self.engine.ntotal)

    def search(
        self, vector: Vectors, k: int, allowed: npt.NDArray[np.bool_] | None = None
    ) -> tuple[npt.NDArray[np.int64], Vectors]:
        """Return the places of the nearest vectors and their cosines, best first; of those `allowed` if given."""
        import faiss

        if not len(self) or k < 1:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        faiss.omp_set_num_threads(1)  # for the calling thread alone: several would wait for each other
        options: dict[str, Any] = {}
        if allowed is not None:
            options["sel"] = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))  # type: ignore[call-arg, arg-type]
        in_cells = hasattr(self.engine, "nprobe")
        if in_cells:
            few = allowed is not None and allowed.mean() < _FEW
            options["nprobe"] = self.engine.nlist if few else self.engine.nprobe
        parameters = faiss.SearchParametersIVF(**options) if in_cells else faiss.SearchParameters(**options)
        scores, places = self.engine.search(vector[None, :], min(k, len(self)), params=parameters)
        real = places[0] >= 0
        return places[0][real], scores[0][real]


def build(rows: Vectors, threads: int, exact_up_to: int = EXACT_UP_TO) -> Nearest:
    """Hold vectors, shape (rows, dimension), in the type of index that their number asks for."""
    import faiss

    faiss.omp_set_num_threads(threads)
    dimension = rows.shape[1] or 1
    exact = faiss.IndexFlatIP(dimension)
    if len(rows) <= exact_up_to:
        if len(rows):
            exact.add(rows)
        return Nearest(exact)
    cells = round(_CELLS_PER_ROOT * len(rows) ** 0.5)
    engine = faiss.IndexIVFFlat(exact, dimension, cells, faiss.METRIC_INNER_PRODUCT)
    engine.cp.max_points_per_centroid = _TRAINED_ON
    engine.nprobe = min(_CELLS_SEARCHED, cells)
    engine.train(rows)
    engine.add(rows)
    return Nearest(engine)


def write(nearest: Nearest, file: Path) -> None:
    """Write the vectors; raise RuntimeError if that fails."""
    import faiss

    faiss.write_index(nearest.engine, str(file))


def read(file: Path) -> Nearest:
    """Read the vectors of a file; raise RuntimeError if it holds none."""
    import faiss

    return Nearest(faiss.read_index(str(file)))


def rows(nearest: Nearest) -> Vectors:
    """Return all vectors, shape (rows, dimension)."""
    engine = nearest.engine
    if hasattr(engine, "make_direct_map"):  # cells do not keep the order of the rows
        engine.make_direct_map()
    return np.asarray(engine.reconstruct_n(0, engine.ntotal), np.float32)
