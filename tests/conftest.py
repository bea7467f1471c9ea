"""What the tests share: six small notes in both languages, an encoder and a language model that need no weights.

Every test works in its own empty folder, sees none of the user's settings, and reaches no network but loopback.
"""

import hashlib
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
import tiny_e5s1
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata
from pydantic import Field
from six_notes import NOTES
from tiny_e5s1 import TinyE5

from assistant import Assistant
from assistant.config import Settings
from assistant.e5s1 import convert
from assistant.embed import build_embedding
from assistant.index import Index, load
from assistant.update import update

# Read before any test clears the environment: the tests marked `embedding` and `llm` need what was really pulled.
REAL_MODELS = Settings.read().models.absolute()

# The same examples in each run, and no limit of time: the first Korean word loads its analyser for seconds.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


class HashEmbedding(BaseEmbedding):
    """Ranks by shared words: each word, or pair of Hangul syllables, is hashed to one dimension.

    Cosines lie between `floor` and 1, as those of the default encoder do, for which the relevance check was fitted.
    `embedded` lists the passages that were embedded, in order; from number `breaks_at` on it raises OSError.
    """

    model_name: str = "hash"
    floor: float = 0.2
    dimensions: int = 512
    breaks_at: int | None = None
    embedded: list[str] = Field(default_factory=list)

    def _get_text_embedding(self, text: str) -> list[float]:
        if self.breaks_at is not None and len(self.embedded) >= self.breaks_at:
            raise OSError("the encoder broke down")
        self.embedded.append(text)
        return self._vector(text)

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._vector(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._vector(query)

    def _vector(self, text: str) -> list[float]:
        bag = np.zeros(self.dimensions)
        for word in re.findall(r"[a-z0-9]{2,}|[가-힣]+", text.lower()):
            pairs = [word[at : at + 2] for at in range(len(word) - 1)] if "가" <= word[0] <= "힣" else [word]
            for term in pairs or [word]:
                digest = hashlib.sha256(term.encode()).digest()
                bag[int.from_bytes(digest[:4]) % self.dimensions] += 1
        length = np.linalg.norm(bag)
        bag = bag / length * (1 - self.floor) ** 0.5 if length else bag
        return [self.floor**0.5, *bag.tolist()]


class ScriptedLLM(CustomLLM):
    """Says its `replies` one after the other, word by word; a reply that is an exception is raised.

    `prompts` keeps what it was asked. It fails when asked more often than it has replies.
    """

    replies: list[Any] = Field(default_factory=list)
    prompts: list[str] = Field(default_factory=list)

    @classmethod
    def saying(cls, *replies: str | Exception) -> "ScriptedLLM":
        return cls(replies=list(replies))

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="scripted")

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        *_, last = self.stream_complete(prompt, formatted, **kwargs)
        return last

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        self.prompts.append(prompt)
        reply = self.replies.pop(0)

        def growing() -> CompletionResponseGen:
            if isinstance(reply, Exception):
                raise reply
            said = ""
            for word in re.findall(r"\S*\s*", reply):
                said += word
                yield CompletionResponse(text=said, delta=word)

        return growing()


class NetworkForbidden(AssertionError):
    """A test tried to reach another machine."""


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("ASSISTANT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ASSISTANT_NOTES", str(tmp_path / "notes"))
    monkeypatch.setenv("ASSISTANT_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path / "models"))
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
        if self.family != socket.AF_UNIX:
            check(address[0])
        connect(self, address)

    def local_names_only(host: Any, *arguments: Any, **options: Any) -> Any:
        check(host)
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket.socket, "connect", loopback_only)
    monkeypatch.setattr(socket, "getaddrinfo", local_names_only)


def write_notes(folder: Path, notes: dict[str, str] | None = None) -> Path:
    """Write notes (default: `NOTES`) under a folder and return it."""
    for source, text in (NOTES if notes is None else notes).items():
        file = folder / source
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


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


@pytest.fixture
def embed_model() -> HashEmbedding:
    return HashEmbedding()


@pytest.fixture
def indexed(settings: Settings, embed_model: HashEmbedding) -> Index:
    """The index of the six notes."""
    update([settings.notes], settings, lambda: embed_model)
    return load(settings)


def opened(settings: Settings, embed_model: HashEmbedding, llm: ScriptedLLM | None = None) -> Assistant:
    """Return an assistant that has indexed the notes; a language model that is handed in writes."""
    made = Assistant(replace(settings, llm="scripted") if llm else settings, embed_model=embed_model, llm=llm)
    made.index()
    return made


def until(true: Callable[[], bool]) -> bool:
    """Wait for something to become true, for half a minute at most; tell whether it did."""
    return any(true() or threading.Event().wait(0.05) for _ in range(600))


@pytest.fixture
def assistant(settings: Settings, embed_model: HashEmbedding) -> Assistant:
    """An assistant that has indexed the six notes and quotes them."""
    return opened(settings, embed_model)


@pytest.fixture
def address(assistant: Assistant) -> Iterator[str]:
    """Where the doors to that assistant are."""
    from door_parts import doors

    with doors(assistant, assistant.settings) as found:
        yield found


@pytest.fixture(scope="session")
def real_embedding() -> Iterator[BaseEmbedding]:
    """The real default encoder, for tests marked `embedding`; fails naming the command that fetches it."""
    yield build_embedding(Settings(models=REAL_MODELS, threads=2))


@pytest.fixture(scope="session")
def real_folder() -> Path:
    """Where the real default encoder lies, as sentence-transformers reads it."""
    return REAL_MODELS / "multilingual-e5-small"


@pytest.fixture
def real_settings(notes: Path, tmp_path: Path) -> Settings:
    """Settings over the six notes with the models that are really on this machine."""
    return Settings(notes=notes, index=tmp_path / "index", models=REAL_MODELS, llm="extractive")


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
    convert(folder / "weights.bin", folder)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Give Chromium, without a window."""
    from browser_parts import CHROMIUM, PATIENCE, QUIET

    with pytest.importorskip("playwright.sync_api").sync_playwright() as playwright:
        flags = [f"--{flag}" for flag in QUIET]
        found = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=flags, timeout=PATIENCE)
        yield found
        found.close()
