"""What is known of a pulled model's files, so that damage is noticed and an index knows which weights made it.

In: the file or the folder. Out: whether it is whole, and which weights it holds. An embedding model's folder keeps a
record of its files; a folder from before there were records counts as whole if its weights are as long as they say.
"""

import hashlib
import json
from pathlib import Path

_RECORD = "pulled.json"
_WEIGHTS = "model.safetensors"
_HEAVY = (_WEIGHTS, "tokenizer.json")


def keep_record(folder: Path, weights: str = "") -> None:
    """Write the record of a folder; `weights` identifies them where they are not those of the registry's file."""
    files = {path.relative_to(folder).as_posix(): digest_of(path) for path in sorted(folder.rglob("*.*"))}
    (folder / _RECORD).write_text(json.dumps({"files": files, "weights": weights}, indent=1), encoding="utf-8")


def weights_in(folder: Path) -> str:
    """Return what identifies the weights of a folder, where it is not the registry's file; else nothing."""
    try:
        return str(json.loads((folder / _RECORD).read_text(encoding="utf-8"))["weights"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def is_whole(place: Path, sha256: str) -> bool:
    """Tell whether a pulled model is as it arrived: a file by its SHA-256, a folder by its record."""
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
    """Tell whether a safetensors file holds all the bytes that its header speaks of."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if length > file.stat().st_size:
            return False
        entries = json.loads(opened.read(length))
    end = max(int(entry["data_offsets"][1]) for name, entry in entries.items() if name != "__metadata__")
    return file.stat().st_size == 8 + length + end
