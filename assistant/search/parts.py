"""Loads the index and the models that turns share, each once, when it is first needed.

In: settings. Out: `Ready`, all that one turn works with. It stays the same during the turn, even if notes are indexed
or another model is chosen meanwhile.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answer import Question, Scored
from assistant.config import Settings
from assistant.index.store import Snapshot
from assistant.index.stores import open_store
from assistant.index.update import Progress, Report, update
from assistant.models.embedding import Embedder
from assistant.models.language_model import build_llm

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from assistant.index.taking import Workers
    from assistant.models.judge import Judge
    from assistant.search.graders import Grader


@dataclass(frozen=True)
class Ready:
    """The settings, index and models of one turn.

    `judged_by` loads the judge, which a plain search does not need; `llm` builds the language model, and raises what
    `build_llm` does.
    """

    settings: Settings
    notes: Snapshot
    embed_model: Embedder
    judged_by: "Callable[[], Judge | None]"
    llm: "Callable[[], LLM | None]"

    @cached_property
    def judge(self) -> "Judge | None":
        """What reads questions and passages; None if its encoder was not pulled."""
        return self.judged_by()

    @cached_property
    def grader(self) -> "Grader":
        """What judges passages; raises what `build_grader` raises."""
        from assistant.search.graders import build_grader

        return build_grader(self.settings, self.notes, self.judge, self.llm)

    def search(self, question: Question, top_k: int | None = None) -> tuple[Question, list[Scored]]:
        """Return the question with its vector, and the passages that hybrid search finds for it."""
        from assistant.search.question import embedded
        from assistant.search.retrieve import hybrid

        question = embedded(question, self.embed_model)
        return question, hybrid(self.notes, question, top_k or self.settings.top_k)


class Models:
    """Loads each model once; a model that is passed in replaces the one that the settings name. Thread-safe."""

    def __init__(self, settings: Settings, embed_model: Embedder | None = None, llm: "LLM | None" = None) -> None:
        """Load nothing yet."""
        self._given = embed_model
        self._embedding: tuple[str, Embedder] | None = None
        self._llm: tuple[str, LLM | None] = (settings.llm if llm else "", llm)
        self._judge: Judge | None = None
        self._loading = threading.RLock()

    def embedding(self, settings: Settings) -> Embedder:
        """Return the embedding model that the settings name."""
        if self._given is not None:
            return self._given
        from assistant.models.embedding import build_embedding

        with self._loading:
            if self._embedding is None or self._embedding[0] != settings.embedding:
                self._embedding = settings.embedding, build_embedding(settings)
            return self._embedding[1]

    def judge(self, settings: Settings) -> "Judge | None":
        """Return the judge, which reads questions and passages; None if its encoder was not pulled."""
        from assistant.models.judge import Judge

        with self._loading:
            if self._judge is None:
                self._judge = Judge.open(settings)
            return self._judge

    def llm(self, settings: Settings) -> "LLM | None":
        """Return the language model that the settings name, None for `extractive`; raise what `build_llm` raises."""
        with self._loading:
            if self._llm[0] != settings.llm:
                self._llm = settings.llm, build_llm(settings)
            return self._llm[1]


class Parts:
    """An index, and the models that its turns work with; several indexes may share the models."""

    def __init__(self, settings: Settings, models: Models) -> None:
        """Load nothing yet."""
        self.models = models
        self.store = open_store(settings)
        self._last: Ready | None = None

    def notes(self) -> Snapshot:
        """Return the current index; raise IndexUnusable."""
        return self.store.snapshot()

    def update(
        self,
        paths: Sequence[Path] | None,
        settings: Settings,
        progress: Progress = lambda what, done, total: None,
        only: bool = False,
        workers: "Workers | None" = None,
    ) -> Report:
        """Bring the index in line with the notes under `paths`, as `assistant.index.update` does."""
        return update(paths, settings, lambda: self.models.embedding(settings), progress, only, self.store, workers)

    def ready(self, settings: Settings) -> Ready:
        """Return what a turn that begins now works with; raise IndexUnusable, or the error of a model's loader."""
        notes = self.notes()
        settings = replace(settings, embedding=str(notes.about.fingerprint["embedding"]))
        last = self._last
        if last is None or last.notes is not notes or last.settings != settings:
            judge, llm = partial(self.models.judge, settings), partial(self.models.llm, settings)
            self._last = last = Ready(settings, notes, self.models.embedding(settings), judge, llm)
        return last
