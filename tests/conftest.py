"""What the tests share: settings over six small notes in both languages, their index, an assistant that quotes them.

Every test works in its own empty folder, sees none of the user's settings, and reaches no network but loopback.
"""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import tiny_e5s1
from fakes import REAL_MODELS, HashEmbedding, opened, write_notes
from llama_index.core.base.embeddings.base import BaseEmbedding
from tiny_e5s1 import TinyE5

from assistant.config import Settings
from assistant.index.local import LocalStore
from assistant.index.snapshot import LocalSnapshot
from assistant.index.update import update
from assistant.models import bert_folder, e5s1
from assistant.models.embedding import build_embedding
from assistant.notes.formats import recognised, tesseract

if TYPE_CHECKING:
    from assistant import Assistant

# The same examples in each run, and no limit of time: the first Korean word loads its analyser for seconds.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")
# Without compiled modules every process that a test starts would compile all packages again, which takes half its time.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


class NetworkForbidden(AssertionError):
    """A test tried to reach another machine."""


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("ASSISTANT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ASSISTANT_NOTES", str(tmp_path / "notes"))
    monkeypatch.setenv("ASSISTANT_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("ASSISTANT_THREADS", "1")  # tests run side by side, and threads that wait for each other spin
    monkeypatch.setattr(tesseract, "program", lambda: None)  # it is on some machines only
    monkeypatch.setattr(recognised, "file", lambda: tmp_path / "recognised.sqlite3")
    # Commands that a test starts there run this checkout, installed or not.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def check(host: object) -> None:
        if host not in (None, "", "127.0.0.1", "::1", "localhost", b"127.0.0.1", b"localhost"):
            raise NetworkForbidden(f"a test tried to reach {host!r}")

    def loopback_only(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            check(address[0])
        connect(self, address)

    def local_names_only(host: Any, *arguments: Any, **options: Any) -> Any:
        check(host)
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket.socket, "connect", loopback_only)
    monkeypatch.setattr(socket, "getaddrinfo", local_names_only)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """The folder that holds the six notes of `NOTES`."""
    return write_notes(tmp_path / "notes")


@pytest.fixture
def settings(notes: Path, tmp_path: Path) -> Settings:
    """Settings over the six notes: hashed vectors, no language model."""
    return Settings(
        notes=notes,
        index=tmp_path / "index",
        models=tmp_path / "models",
        embedding="hash",
        llm="extractive",
        threads=1,
    )


@pytest.fixture(scope="session")
def milvus_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Milvus server for all tests, each with an index of its own; skips where milvus-lite is not installed."""
    pytest.importorskip("milvus_lite")
    from milvus_parts import serving

    with serving(tmp_path_factory.mktemp("milvus")) as address:
        yield address


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """A PostgreSQL server for all tests, which leave nothing in it; skips where it is not installed."""
    from postgres_parts import postgres

    with postgres() as address:
        yield address


@pytest.fixture
def held(settings: Settings, milvus_address: str) -> Settings:
    """Settings with an index in that server."""
    from milvus_parts import in_server

    return in_server(settings, milvus_address)


@pytest.fixture
def embed_model() -> HashEmbedding:
    return HashEmbedding()


@pytest.fixture
def indexed(settings: Settings, embed_model: HashEmbedding) -> LocalSnapshot:
    """The index of the six notes."""
    update([settings.notes], settings, lambda: embed_model)
    return LocalStore(settings).snapshot()


@pytest.fixture
def assistant(settings: Settings, embed_model: HashEmbedding) -> "Assistant":
    """An assistant that has indexed the six notes and quotes them."""
    return opened(settings, embed_model)


@pytest.fixture
def address(assistant: "Assistant") -> Iterator[str]:
    """Where the doors to that assistant are."""
    from door_parts import doors

    with doors(assistant, assistant.settings) as found:
        yield found


@pytest.fixture(scope="session")
def real_embedding() -> Iterator[BaseEmbedding]:
    """The real default encoder, for tests marked `embedding`; fails naming the command that fetches it."""
    yield build_embedding(Settings(models=REAL_MODELS, threads=1))


@pytest.fixture(scope="session")
def real_folder() -> Path:
    """Where the real default encoder lies, as sentence-transformers reads it."""
    return REAL_MODELS / "multilingual-e5-small"


@pytest.fixture
def real_settings(notes: Path, tmp_path: Path) -> Settings:
    """Settings over the six notes with the models that are really on this machine."""
    return Settings(notes=notes, index=tmp_path / "index", models=REAL_MODELS, llm="extractive", threads=1)


@pytest.fixture(scope="session")
def tiny() -> TinyE5:
    """An E5S1 file of one layer and fourteen words."""
    return tiny_e5s1.build()


@pytest.fixture(scope="session")
def converted(tiny: TinyE5, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny file as a sentence-transformers folder."""
    folder = tmp_path_factory.mktemp("e5") / "tiny"
    folder.mkdir()
    (folder / "weights.bin").write_bytes(tiny.data)
    bert_folder.write(e5s1.read(folder / "weights.bin"), folder)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Give Chromium, without a window."""
    from browser_parts import CHROMIUM, PATIENCE, QUIET
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "Chromium is absent; apt-get install chromium"
    with sync_playwright() as playwright:
        flags = [f"--{flag}" for flag in QUIET]
        found = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=flags, timeout=PATIENCE)
        yield found
        found.close()
