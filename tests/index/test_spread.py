"""Notes taken in on Ray: the same index as without, whatever dies on the way."""

import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from fakes import write_notes
from update_parts import no_model, passages, run, settled

from assistant.config import Settings
from assistant.errors import IndexUnusable, ModelMissing, SettingsError
from assistant.index.ingest import Ingested
from assistant.index.local import LocalStore
from assistant.index.spread import HERE, spread
from assistant.index.taking import Job
from assistant.index.update import update
from assistant.models.embedding import build_embedding
from assistant.notes.files import NoteFile, Unread

DIES = "(lambda flag: b'# Tea\\n\\nIt steeps.' if flag.exists() else (flag.touch(), __import__('os')._exit(9)))"


def needs_ray(test: Any) -> Any:
    """Mark a test as one of Ray, which is not imported here because that would settle how it runs."""
    absent = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is absent")
    return pytest.mark.ray(pytest.mark.filterwarnings("default")(absent(test)))


class Deadly(bytes):
    """Bytes of a note that end each process that gets them."""

    def __reduce__(self) -> Any:
        return os._exit, (9,)


class DeadlyOnce(bytes):
    """Bytes of a note that end the first process that gets them; its own are the path of a file that tells."""

    def __reduce__(self) -> Any:
        return eval, (f"{DIES}(__import__('pathlib').Path({self.decode()!r}))",)


class DeadlyText(str):
    """A text that ends each process that is to embed it."""

    def __reduce__(self) -> Any:
        return os._exit, (9,)


def job(name: str, data: bytes) -> Job:
    return Job(NoteFile(Path("/notes"), name), data, name, None, 0)


@pytest.fixture
def tiny_model(settings: Settings, converted: Path) -> Settings:
    """Settings with a model that any process can load."""
    return replace(settings, embedding=str(converted))


@needs_ray
def test_workers_make_the_index_that_this_process_makes(tiny_model: Settings, tmp_path: Path) -> None:
    settings = tiny_model
    write_notes(settings.notes, {"copy.md": (settings.notes / "녹차.md").read_text("utf-8"), "none.md": "# Only this"})
    here, there = (replace(settings, index=tmp_path / name) for name in ("here", "there"))
    by_itself = run(here, model=build_embedding(here))
    with spread(HERE, replace(there, threads=2)) as workers:
        on_ray = update([settings.notes], there, no_model, workers=workers)
    assert replace(on_ray, seconds=0, indexed=()) == replace(by_itself, seconds=0, indexed=()) and on_ray.embedded
    assert sorted(on_ray.indexed) == sorted(by_itself.indexed)
    one, other = LocalStore(here).snapshot(), LocalStore(there).snapshot()
    assert one.notes == other.notes and passages(one) == passages(other)
    ids = [passage.id for passage in passages(one)]
    assert abs(one.vectors(ids) - other.vectors(ids)).max() <= 1e-6


@needs_ray
def test_what_kills_its_workers_fails_alone(tiny_model: Settings, tmp_path: Path) -> None:
    jobs = [
        job("deadly.md", Deadly()),
        job("once.md", DeadlyOnce(str(tmp_path / "flag").encode())),
        job("empty.md", b""),
        *(job(f"{number}.md", b"# Water\n\nIt boils.") for number in range(5)),
    ]
    with spread(HERE, replace(tiny_model, threads=2)) as workers:
        taken = {done.file.source: made for done, made in workers.take(jobs)}
        [(texts, vectors)] = workers.embed([["It boils.", "It steeps."]])
        with pytest.raises(IndexUnusable, match="the workers of Ray at ray died again and again"):
            list(workers.embed([[DeadlyText("It ends.")]]))
    assert len(taken) == len(jobs) and vectors.shape == (len(texts), 32)
    reasons = {source: made.reason for source, made in taken.items() if isinstance(made, Unread)}
    assert reasons == {"deadly.md": "each of 3 processes that read it died", "empty.md": "the file is empty"}
    once = taken["once.md"]
    assert isinstance(once, Ingested) and once.passages[0].text == "It steeps." and not once.document.text


@needs_ray
def test_a_cluster_that_is_not_there_is_one_line(settings: Settings) -> None:
    # In a process of its own, because Ray reads once a process how it is reached.
    asked = [sys.executable, "-m", "assistant", "index", "--on", "ray://127.0.0.1:1"]
    ended = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert ended.returncode == 1 and not ended.stdout
    assert ended.stderr.splitlines()[-1].startswith("assistant: no Ray could be used at ray://127.0.0.1:1: ")


@needs_ray
def test_a_model_that_workers_lack_is_one_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # a worker is not held back from asking the hub as tests are
    with (
        pytest.raises(ModelMissing, match="'nowhere/x' is not in the registry"),
        spread(HERE, replace(settings, embedding="nowhere/x")) as workers,
    ):
        list(workers.embed([["It boils."]]))


def test_ray_is_not_started_for_notes_that_did_not_change(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(monkeypatch.setattr)
    run(settings)
    monkeypatch.setitem(sys.modules, "ray", None)
    with spread(HERE, settings) as workers:
        report = update([settings.notes], settings, no_model, workers=workers)
    assert len(report.unchanged) == 6 and not report.indexed


@pytest.mark.parametrize(
    ("on", "said"), [("ray", r"pip install 'notes-assistant\[ray\]'"), ("nearby", "expected ray, or ray://HOST:PORT")]
)
def test_without_ray_or_its_address_one_line_says_what_to_do(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, on: str, said: str
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SettingsError, match=said), spread(on, settings) as workers:
        update([settings.notes], settings, no_model, workers=workers)
