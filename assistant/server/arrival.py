"""Downloads a language model in the background and reports its progress.

In: settings and a function that pulls. Out: the present state, from any thread. The assistant finds the model by itself
at the first question after the download.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.messages.catalogue import say
from assistant.models import registry as models
from assistant.models.download import Progress
from assistant.models.language_model import EXTRACTIVE, OPENAI_LIKE
from assistant.text.language import Language

logger = logging.getLogger(__name__)
Pull = Callable[[str, Settings, Progress], Path]


class State(StrEnum):
    """The states of a model's download."""

    ABSENT = "absent"
    ARRIVING = "arriving"
    HERE = "here"
    FAILED = "failed"


@dataclass(frozen=True)
class Standing:
    """The state of a download: `share` in 0..1 has arrived; `reason` is one line on why it failed."""

    state: State
    share: float = 0.0
    reason: str = ""


class Arrival:
    """Downloads the settings' language model, which must be in the registry, and reports progress. Thread-safe."""

    def __init__(self, settings: Settings, pull: Pull = models.pull) -> None:
        """Do nothing yet; raise ModelMissing or SettingsError if the registry has no such language model."""
        self._settings, self._pull = settings, pull
        self._model = models.find(settings.llm)
        if self._model.kind is not models.Kind.LANGUAGE:
            raise SettingsError(f"expected a language model, found '{settings.llm}'; see: assistant models")
        self._lock = threading.Lock()
        self._standing = Standing(State.ABSENT)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def standing(self) -> Standing:
        """The present state; a model that another process has pulled counts as here."""
        with self._lock:
            standing = self._standing
        if standing.state is not State.ARRIVING and models.is_here(self._model, self._settings):
            return Standing(State.HERE, 1.0)
        return standing

    def begin(self, then: Callable[[], None] = lambda: None) -> None:
        """Pull in a background thread, unless the model is here or being pulled; call `then` once it is here."""
        if self.standing.state is State.HERE:
            return
        with self._lock:
            if self._standing.state is State.ARRIVING:
                return
            self._standing = Standing(State.ARRIVING)
        threading.Thread(target=self._fetch, args=(then,), name="arrival", daemon=True).start()

    def _fetch(self, then: Callable[[], None]) -> None:
        try:
            self._pull(self._model.name, self._settings, self._advance)
            outcome = Standing(State.HERE, 1.0)
        except Exception as error:  # whatever went wrong, the page must not wait for ever
            outcome = Standing(State.FAILED, reason=" ".join(str(error).split()) or repr(error))
            logger.error("%s", outcome.reason)
        with self._lock:
            self._standing = outcome
        if outcome.state is State.HERE:
            then()

    def _advance(self, done: int, total: int) -> None:
        share = min(max(done / total, 0.0), 1.0) if total else 0.0
        with self._lock:
            self._standing = Standing(State.ARRIVING, share)


def in_words(settings: Settings, arrival: Arrival | None, language: Language) -> str:
    """Return one line about the language model in use and the state of its download."""
    if settings.llm == OPENAI_LIKE:
        return f"{settings.llm_model}, {settings.llm_address}"
    if settings.llm == EXTRACTIVE:
        return say("model.unused", language)
    if settings.llm not in models.MODELS:  # one that was handed in
        return settings.llm
    standing = (arrival or Arrival(settings)).standing
    return say(f"model.{standing.state}", language, name=settings.llm, share=standing.share, reason=standing.reason)
