"""Checks a pulled model's files for damage, and identifies its weights.

In: the model's file or folder. Out: whether it is undamaged, and which weights it has. An embedding model's folder has
a record of its files' digests. Without a record, a folder counts as undamaged if its weights file has its full length.
"""

import hashlib
import json
from pathlib import Path

_RECORD = "pulled.json"
_WEIGHTS = "model.safetensors"
_HEAVY = (_WEIGHTS, "tokenizer.json")


def keep_record(folder: Path, weights: str = "") -> None:
    """Write the record of a folder; `weights` identifies the weights if they are not those of the registry's file."""
    files = {path.relative_to(folder).as_posix(): digest_of(path) for path in sorted(folder.rglob("*.*"))}
    (folder / _RECORD).write_text(json.dumps({"files": files, "weights": weights}, indent=1), encoding="utf-8")


def weights_in(folder: Path) -> str:
    """Return the identity of a folder's weights if they are not those of the registry's file; else empty."""
    try:
        return str(json.loads((folder / _RECORD).read_text(encoding="utf-8"))["weights"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def is_whole(place: Path, sha256: str) -> bool:
    """Tell whether a pulled model is undamaged: a file by its SHA-256, a folder by its record."""
    try:
        if place.is_file():
            return digest_of(place) == sha256
        if not (place / _RECORD).exists():
            return all((place / name).is_file() for name in _HEAVY) and _is_long_enough(place / _WEIGHTS)
        files = json.loads((place / _RECORD).read_text(encoding="utf-8"))["files"]
        return all(digest_of(place / name) == digest for name, digest in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _is_long_enough(file: Path) -> bool:
    """Tell whether a safetensors file has all the bytes that its header announces."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if length > file.stat().st_size:
            return False
        entries = json.loads(opened.read(length))
    end = max(int(entry["data_offsets"][1]) for name, entry in entries.items() if name != "__metadata__")
    return file.stat().st_size == 8 + length + end
