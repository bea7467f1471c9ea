"""What stands in for models in the tests: an encoder and a language model that need no weights, and notes on disk."""

import hashlib
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata
from pydantic import Field
from six_notes import NOTES

from assistant.config import Settings

if TYPE_CHECKING:
    from assistant import Assistant

# Read before any test clears the environment: the tests marked `embedding` and `llm` need what was really pulled.
REAL_MODELS = Settings.read().models.absolute()


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


def write_notes(folder: Path, notes: dict[str, str] | None = None) -> Path:
    """Write notes (default: `NOTES`) under a folder and return it."""
    for source, text in (NOTES if notes is None else notes).items():
        file = folder / source
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def opened(settings: Settings, embed_model: HashEmbedding, llm: ScriptedLLM | None = None) -> "Assistant":
    """Return an assistant that has indexed the notes; a language model that is handed in writes."""
    from assistant import Assistant

    made = Assistant(replace(settings, llm="scripted") if llm else settings, embed_model=embed_model, llm=llm)
    made.index()
    return made


def until(true: Callable[[], bool]) -> bool:
    """Wait for something to become true, for two minutes at most; tell whether it did."""
    return any(true() or threading.Event().wait(0.05) for _ in range(2400))
