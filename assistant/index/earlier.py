"""Reads an index of the first format: a file `CURRENT` that names a folder of JSON, FAISS and BM25 files.

In: the folder of an index. Out: its vectors, by the text that was embedded, so that nothing is embedded twice. After an
update has taken them over, it removes these files.
"""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answer import Passage, Vectors
from assistant.index import vectors
from assistant.index.passages import embedded_text

CURRENT = "CURRENT"
_FOLDER = re.compile(r"[0-9a-f]{12}|\.writing")
_FILES = ("CURRENT.new", ".embedded", ".manifest.json", CURRENT)
"""`CURRENT` goes last, since it marks that the others may be there."""
_MISSING = 0.1
"""A stored vector is used if at most this share of the passage's terms is missing from the old record. Where more are
missing, the first format had left sentences out of the text that it embedded."""


@dataclass(frozen=True)
class Earlier:
    """The vectors of such an index: the embedded text mapped to its search terms at that time and its vector."""

    embedded: Mapping[str, tuple[frozenset[str], Vectors]]

    def vector(self, passage: Passage) -> Vectors | None:
        """Return the vector of a passage, if the same text was embedded, whole."""
        terms, vector = self.embedded.get(embedded_text(passage), (frozenset(), None))
        wanted = set(passage.terms)
        return vector if len(wanted - terms) <= _MISSING * len(wanted) else None


def is_there(folder: Path) -> bool:
    """Tell whether the folder holds an index of the first format."""
    return (folder / CURRENT).is_file()


def fingerprint(folder: Path) -> dict[str, Any]:
    """Return the fingerprint of the index; empty if it cannot be read."""
    try:
        return dict(_manifest(folder)[1]["fingerprint"])
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def read(folder: Path, weights: str) -> Earlier:
    """Return the vectors that these weights made; none if other weights made them, or if the files are damaged."""
    try:
        generation, manifest = _manifest(folder)
        if manifest["fingerprint"]["weights"] != weights:
            return Earlier({})
        lines = (generation / "passages.jsonl").read_text(encoding="utf-8").splitlines()
        rows = vectors.rows(vectors.read(generation / "vectors.faiss"))
        records = [json.loads(line) for line in lines]
        pairs = zip(records, rows, strict=True)
        return Earlier({_text(record): (frozenset(record["terms"]), row) for record, row in pairs})
    except (OSError, ValueError, LookupError, TypeError, RuntimeError):
        return Earlier({})


def files(folder: Path) -> Sequence[tuple[str, str]]:
    """Return the root and the source of each note that was indexed or looked at."""
    try:
        manifest = _manifest(folder)[1]
        return [(item["root"], item["source"]) for item in (*manifest["notes"], *manifest.get("unread", ()))]
    except (OSError, ValueError, LookupError, TypeError):
        return []


def remove(folder: Path) -> None:
    """Remove the files of this format, and nothing else in the folder."""
    if not is_there(folder):
        return
    for path in folder.iterdir():
        if _FOLDER.fullmatch(path.name) and not path.is_symlink() and (path / "passages.jsonl").is_file():
            shutil.rmtree(path, ignore_errors=True)
    for name in _FILES:
        (folder / name).unlink(missing_ok=True)


def _manifest(folder: Path) -> tuple[Path, dict[str, Any]]:
    name = (folder / CURRENT).read_text(encoding="utf-8").strip()
    generation = folder / name
    return generation, json.loads((generation / "manifest.json").read_text(encoding="utf-8"))


def _text(record: Mapping[str, Any]) -> str:
    """Return the text that was embedded for a record, assuming that nothing of it was hidden."""
    about = record["metadata"]
    title = about["title"] if about.get("titled", True) else ""
    head = "\n".join(line for line in (title, about["heading"]) if line)
    return f"{head}\n\n{record['text']}" if head else str(record["text"])
