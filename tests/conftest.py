"""What the tests share: six small notes in both languages, an encoder and a language model that need no weights.

Every test works in its own empty folder, sees none of the user's settings, and reaches no network but loopback.
"""

import hashlib
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
import tiny_e5s1
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata
from pydantic import Field
from tiny_e5s1 import TinyE5

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

NOTES = {
    "녹차.md": """---
title: 녹차 우리기
language: ko
source: tea-diary
url: https://example.org/tea
date: 2024-03-01
---

# 녹차 우리기

## 물의 온도

녹차는 70도의 물에 2분 동안 우린다. 물이 끓는 100도에서는 떫은 타닌이 많이 나온다.

## 보관

찻잎은 빛이 들지 않는 밀폐 용기에 담아 냉장고에 둔다. 개봉한 찻잎은 3개월 안에 마신다.
""",
    "등대.txt": (
        "솔섬 등대는 1931년에 세워졌다. 등대의 높이는 24미터이고 불빛은 37킬로미터 밖에서도 보인다.\n\n"
        "등대지기 박미래는 매일 저녁 렌즈를 닦는다. 등대의 렌즈는 프레넬 렌즈이다.\n"
    ),
    "sourdough.md": """---
title: Sourdough bread
language: en
source: kitchen-book
url: https://example.org/bread
date: 2024-02-11
---

# Sourdough bread

## Starter

The starter is fed every 12 hours with equal weights of rye flour and water. A starter that floats is ready.

## Baking

Bake the loaf at 250 degrees for 20 minutes under a lid, then at 220 degrees for 25 minutes without it.

- Score the loaf before it goes into the oven.
- Let it cool for an hour before cutting.
""",
    "deep/bicycle.md": """# Bicycle gears

The small chainring has 34 teeth and the large one has 50 teeth. A worn chain stretches, e.g. by 0.75 percent, and
should then be replaced before it damages the sprockets.

| part | life in km |
|---|---|
| chain | 3000 |
| cassette | 9000 |
""",
    "deep/library.txt": (
        "The Willow Street library lends seven books at a time. A book may be kept for four weeks.\n\n"
        "The reading room closes at nine on weekdays. The librarian is called Ada Morrow.\n"
    ),
    "망원경.md": """---
title: "Mirinae telescope / 미리내 망원경"
language: ko, en
source: sky-club
url: https://example.org/mirinae
date: 2024-05-20
---

## 거울 / Mirror

미리내 망원경의 주거울은 지름이 1.8미터이다. 거울은 알루미늄으로 코팅되어 있다.

The primary mirror of the Mirinae telescope is 1.8 metres wide. It is coated with aluminium every third year.

## 관측 / Observing

Mirinae는 초신성을 찾는다. 관측은 달이 없는 밤에만 한다.

Mirinae looks for supernovae. It observes only on nights without a moon.
""",
}
"""Source → text of the notes that the fixture `notes` writes."""


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
