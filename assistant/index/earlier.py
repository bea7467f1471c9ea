"""An index as earlier versions wrote it: a file `CURRENT` that names a folder of JSON, FAISS and BM25 files.

In: the folder of an index. Out: the vectors that it holds, by what was embedded. Once they are taken over, its files
go.
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
"""The last one is what tells that the others may be there."""
_MISSING = 0.1
"""Share of a passage's terms that an earlier version may have read otherwise; it did not embed sentences that looked
like orders, and then more of them are missing."""


@dataclass(frozen=True)
class Earlier:
    """What an index of an earlier version embedded: by the text, its search terms then and its vector."""

    embedded: Mapping[str, tuple[frozenset[str], Vectors]]

    def vector(self, passage: Passage) -> Vectors | None:
        """Return the vector of a passage, if the same text was embedded, whole."""
        terms, vector = self.embedded.get(embedded_text(passage), (frozenset(), None))
        wanted = set(passage.terms)
        return vector if len(wanted - terms) <= _MISSING * len(wanted) else None


def is_there(folder: Path) -> bool:
    """Tell whether the folder holds an index of an earlier version."""
    return (folder / CURRENT).is_file()


def fingerprint(folder: Path) -> dict[str, Any]:
    """Return what made the index; nothing if that cannot be read."""
    try:
        return dict(_manifest(folder)[1]["fingerprint"])
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def read(folder: Path, weights: str) -> Earlier:
    """Return what these weights embedded; nothing if others did, or if it is damaged."""
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
    """Let its files go, and nothing else that may be in the folder."""
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
    """Return what was embedded of a record, if nothing of it was hidden."""
    about = record["metadata"]
    title = about["title"] if about.get("titled", True) else ""
    head = "\n".join(line for line in (title, about["heading"]) if line)
    return f"{head}\n\n{record['text']}" if head else str(record["text"])
