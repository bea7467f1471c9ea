"""An index as earlier versions wrote it: a file `CURRENT` that names a folder of JSON, FAISS and BM25 files.

In: the folder of an index. Out: the vectors that it holds. Once they are taken over, its files go.
"""

from pathlib import Path

CURRENT = "CURRENT"


def is_there(folder: Path) -> bool:
    """Tell whether the folder holds an index of an earlier version."""
    return (folder / CURRENT).is_file()
