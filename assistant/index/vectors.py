"""Nearest-neighbour search with FAISS: exact for few vectors, in cells (IVF) for many.

In: unit vectors, shape (rows, dimension). Out: places and cosines. The only module that knows FAISS; docs/decisions.md
has the measurements behind the constants.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.answer import Vectors

EXACT_UP_TO = 50_000
"""Up to this many vectors are all compared with a question; of more, only those in the nearest cells."""
_CELLS_PER_ROOT = 2
"""Cells per square root of the number of vectors."""
_CELLS_SEARCHED = 128
"""Constant, so that a search over a hundred times as many vectors compares ten times as many."""
_TRAINED_ON = 40
"""Training vectors per cell: FAISS warns about fewer, and more only take longer."""
_FEW = 0.5
"""If a search is restricted to less than this share of the vectors, it looks into every cell."""


@dataclass(frozen=True)
class Nearest:
    """A searchable set of vectors; `engine` is FAISS's index of them."""

    engine: Any

    @classmethod
    def exact(cls, rows: Vectors) -> "Nearest":
        """Index vectors, shape (rows, dimension), for exact search."""
        return build(rows, 1, len(rows))

    def __len__(self) -> int:
        return int(self.engine.ntotal)

    def search(
        self, vector: Vectors, k: int, allowed: npt.NDArray[np.bool_] | None = None
    ) -> tuple[npt.NDArray[np.int64], Vectors]:
        """Return the places and cosines of the `k` nearest vectors, best first; only of `allowed` ones if given."""
        import faiss

        if not len(self) or k < 1:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        faiss.omp_set_num_threads(1)  # for the calling thread alone: several would wait for each other
        options: dict[str, Any] = {}
        if allowed is not None:
            selector: Any = faiss.IDSelectorBitmap  # which takes an array in Python, and two values in its stubs
            options["sel"] = selector(np.packbits(allowed, bitorder="little"))
        in_cells = hasattr(self.engine, "nprobe")
        if in_cells:
            few = allowed is not None and allowed.mean() < _FEW
            options["nprobe"] = self.engine.nlist if few else self.engine.nprobe
        parameters = faiss.SearchParametersIVF(**options) if in_cells else faiss.SearchParameters(**options)
        scores, places = self.engine.search(vector[None, :], min(k, len(self)), params=parameters)
        real = places[0] >= 0
        return places[0][real], scores[0][real]


def build(rows: Vectors, threads: int, exact_up_to: int = EXACT_UP_TO) -> Nearest:
    """Index vectors, shape (rows, dimension), in the type of index that fits their number."""
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
    """Write the vectors to a file; raise OSError if that fails."""
    import faiss

    # FAISS itself opens no path with Hangul on Windows; its stubs lack what takes a file that Python has opened.
    with file.open("wb") as opened:
        faiss.write_index(nearest.engine, faiss.PyCallbackIOWriter(opened.write))  # type: ignore[attr-defined]


def read(file: Path) -> Nearest:
    """Read vectors from a file; raise OSError if that fails, RuntimeError if it is damaged."""
    import faiss

    with file.open("rb") as opened:
        return Nearest(faiss.read_index(faiss.PyCallbackIOReader(opened.read)))  # type: ignore[attr-defined]


def rows(nearest: Nearest) -> Vectors:
    """Return all vectors, shape (rows, dimension)."""
    engine = nearest.engine
    if hasattr(engine, "make_direct_map"):  # cells do not keep the order of the rows
        engine.make_direct_map()
    return np.asarray(engine.reconstruct_n(0, engine.ntotal), np.float32)
