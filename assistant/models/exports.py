"""Stores OpenVINO exports of models: beside the weights, or in the user's cache if that folder is read-only.

In: a model's folder, the export's name, and a function that makes it. Out: the compiled model. An export that OpenVINO
cannot read is made again.
"""

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from assistant.config import cache_folder
from assistant.errors import ModelMissing

logger = logging.getLogger(__name__)
Make = Callable[[Path], None]
"""Writes `model.xml` to the given path, and its weights beside it."""


def compiled(folder: Path, name: str, make: Make, threads: int) -> Any:
    """Return the compiled export `name` of the model in `folder`; make it if it is missing or damaged."""
    import openvino

    # Pinned to processors, as OpenVINO does by itself, the threads of several processes would share the first ones.
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "ENABLE_CPU_PINNING": False}
    file = exported(folder, name, make)
    try:
        return openvino.Core().compile_model(file, "CPU", settings)
    except RuntimeError as error:
        logger.warning("%s is damaged and made again: %s", file.parent, str(error).strip().splitlines()[-1])
        return openvino.Core().compile_model(exported(folder, name, make, anew=True), "CPU", settings)


def exported(folder: Path, name: str, make: Make, anew: bool = False) -> Path:
    """Return `model.xml` of the export `name`; make it if it is missing, or in any case with `anew`.

    Raises:
        ModelMissing: it can be written neither beside the weights nor in the user's cache.

    """
    homes = list(_homes(folder))
    reasons = []
    if not anew:
        for home in homes:
            if (home / name / "model.xml").is_file():
                return home / name / "model.xml"
    from filelock import FileLock

    for home in homes:
        try:
            _claim(home, name)
        except OSError as error:
            reasons.append(f"{home} ({error.strerror or error})")
            continue
        with FileLock(home.parent / f".{home.name}.lock"):
            if anew or not (home / name / "model.xml").is_file():
                _put(home, name, make)
        return home / name / "model.xml"
    raise ModelMissing(
        f"cannot write the exported model, in {' or '.join(reasons)}; "
        "make room there, or name a folder of yours with ASSISTANT_MODELS"
    )


def _homes(folder: Path) -> Iterator[Path]:
    yield folder
    weights = (folder / "model.safetensors").stat()
    identity = f"{folder.resolve()} {weights.st_size} {weights.st_mtime_ns}"
    yield cache_folder() / "exports" / f"{folder.name}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"


def _claim(home: Path, name: str) -> None:
    """Create the lock file and the staging folder of an export; raise OSError if that is impossible."""
    home.mkdir(parents=True, exist_ok=True)
    (home.parent / f".{home.name}.lock").touch()
    staging = home / f"{name}.partial"
    staging.mkdir(exist_ok=True)


def _put(home: Path, name: str, make: Make) -> None:
    staging, place = home / f"{name}.partial", home / name
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    make(staging / "model.xml")
    shutil.rmtree(place, ignore_errors=True)
    staging.replace(place)
