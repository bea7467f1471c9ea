"""Unpacks a sentence-transformers folder from a zip archive.

In: an archive whose bytes were verified. Out: the folder's data files. Nothing else is written: no code, no links, and
nothing outside the folder.
"""

import hashlib
import shutil
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from assistant.errors import PullFailed

_WEIGHTS = "model.safetensors"
_DATA = {".json", ".safetensors"}
"""Suffixes of the files that such a folder needs; notebooks, licences and other tokenizers' files are left out."""


@dataclass(frozen=True)
class Archive:
    """The model's folder inside a zip, and the SHA-256 of `model.safetensors` that its authors give."""

    folder: str
    weights: str


def unpack(file: Path, folder: Path, archive: Archive) -> None:
    """Write the archive's data files into `folder`, which must exist and be empty.

    Raises:
        PullFailed: the archive is damaged, holds a link or a path that leads out of it, or other weights.

    """
    try:
        with zipfile.ZipFile(file) as opened:
            for member in opened.infolist():
                place = _place(member, archive.folder)
                if place is None or place.suffix not in _DATA:
                    continue
                (folder / place).parent.mkdir(parents=True, exist_ok=True)
                with opened.open(member) as packed, (folder / place).open("xb") as written:
                    shutil.copyfileobj(packed, written, 1 << 20)
        with (folder / _WEIGHTS).open("rb") as weights:
            actual = hashlib.file_digest(weights, "sha256").hexdigest()
    except (zipfile.BadZipFile, zlib.error, EOFError, FileExistsError, FileNotFoundError, NotImplementedError) as error:
        raise PullFailed(f"{file.name} is not an archive of a model's folder: {error}") from error
    if actual != archive.weights:
        raise PullFailed(f"{_WEIGHTS} in {file.name}: expected SHA-256 {archive.weights}, found {actual}")


def _place(member: zipfile.ZipInfo, folder: str) -> PurePosixPath | None:
    """Return the member's path inside `folder`; None for a directory, or a member outside it."""
    path = PurePosixPath(member.filename)
    kind = stat.S_IFMT(member.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in member.filename:
        raise PullFailed(f"the archive holds '{member.filename}', which would be written outside the model's folder")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise PullFailed(f"the archive holds '{member.filename}', which is not a plain file")
    if member.is_dir() or path.parts[:1] != (folder,) or len(path.parts) < 2:
        return None
    return path.relative_to(folder)
