"""`Assistant`: the only place that knows the order of the stages.

retrieve → relevance, with its ladder → refine → generate → cite. Each stage takes values and returns values; this
file hands them on, measures the seconds of each, and decides which answerer stands in when a language model is absent
or fails.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answer import Action, Answer, Did, Scope, Step, Verdict
from assistant.answering.clock import Clock
from assistant.answering.follow_up import Turn, standalone
from assistant.answering.reply import reply
from assistant.config import Settings
from assistant.errors import AssistantError, SettingsError
from assistant.index.manifest import made_with, superseded
from assistant.index.update import Progress, Report, update
from assistant.messages.said import NEXT, NO_WORDS
from assistant.models.embedding import name_of
from assistant.models.language_model import EXTRACTIVE, build_llm
from assistant.models.registry import MODELS
from assistant.text.language import detect, prepare
from assistant.text.untrusted import plain

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import LLM
    from llama_index.core.schema import NodeWithScore, QueryBundle

    from assistant.index.local import Index
    from assistant.models.reader import Reader
    from assistant.search.graders import Grader
    from assistant.search.ladder import Judged
    from assistant.search.web import WebSearch

logger = logging.getLogger(__name__)
MAX_QUESTION = 2000
"""Characters of a question that are read; more could not be embedded whole."""


class Assistant:
    """Answers questions from an index of notes; safe to use from several threads, which take turns."""

    def __init__(
        self,
        settings: Settings,
        embed_model: "BaseEmbedding | None" = None,
        llm: "LLM | None" = None,
        web: "WebSearch | None" = None,
    ) -> None:
        """Take collaborators as given; those left out are built from the settings when first needed."""
        # A model that was handed in stays; one that is built is the one that made the index.
        self._given = settings if embed_model is None else replace(settings, embedding=name_of(settings))
        self.settings = made_with(self._given)
        self._embed_model, self._llm, self._web = embed_model, llm, web
        self._index: Index | None = None
        self._grader: Grader | None = None
        self._reader: Reader | None = None
        self._turn = threading.Lock()  # not an RLock: a stream may be closed by another thread than began it
        self._building = threading.RLock()

    @classmethod
    def open(cls, settings: Settings | None = None) -> "Assistant":
        """Open the assistant; models and index are loaded when first needed."""
        return cls(settings or Settings.read())

    @property
    def embed_model(self) -> "BaseEmbedding":
        """The embedding model, loaded at the first use."""
        with self._building:
            if self._embed_model is None:
                from assistant.models.embedding import build_embedding

                self._embed_model = build_embedding(self.settings)
            return self._embed_model

    @property
    def notes(self) -> "Index":
        """The index, loaded at the first use."""
        from assistant.index.local import load

        with self._building:
            if self._index is None:
                self._index = load(self.settings)
            return self._index

    @property
    def grader(self) -> "Grader":
        """The grader over the index that the settings name; raises what `build_grader` raises."""
        from assistant.search.graders import build_grader

        with self._building:
            if self._grader is None:
                self._grader = build_grader(self.settings, self.notes, self.embed_model, self.reader, lambda: self.llm)
            return self._grader

    @property
    def reader(self) -> "Reader | None":
        """What reads strips against a question; None where the encoder that it is made of was not pulled."""
        from assistant.models.reader import Reader

        with self._building:
            if self._reader is None and self.settings.embedding in MODELS:
                self._reader = Reader.open(self.settings)
            return self._reader

    @property
    def llm(self) -> "LLM | None":
        """The language model, built at the first use; None for `extractive`. Raises what `build_llm` raises."""
        with self._building:
            if self._llm is None:
                self._llm = build_llm(self.settings)
            return self._llm

    def use_llm(self, name: str) -> None:
        """Let another language model write from the next question on; it is built when first needed."""
        with self._turn, self._building:
            self._given, self.settings = replace(self._given, llm=name), replace(self.settings, llm=name)
            self._llm = None

    def index(self, paths: Sequence[Path] = (), progress: Progress = lambda done, total: None) -> Report:
        """Bring the index in line with the notes under `paths` (default: the settings' notes)."""
        if not self._turn.locked():  # a turn that is under way keeps its model
            self._renew()
        return update(paths or [self.settings.notes], self.settings, lambda: self.embed_model, progress)

    def _renew(self) -> None:
        """Let go of an index that was replaced, here or elsewhere, and of its model if another made the new one."""
        with self._building:
            if self._index and not superseded(self._index.manifest):
                return
            self._index = self._grader = None
            settings = made_with(self._given)
            if settings.embedding != self.settings.embedding:
                self.settings, self._embed_model = settings, None

    def search(self, query: str, top_k: int | None = None, scope: Scope | None = None) -> "list[NodeWithScore]":
        """Return the best passages of hybrid retrieval; scores are comparable within one query only."""
        with self._turn:
            self._renew()
            return self._retrieve(_bundle(_checked(query)), top_k or self.settings.top_k)

    def judge(self, question: str) -> "tuple[list[NodeWithScore], Verdict]":
        """Return the passages to answer from, else all that were met, best first, and the verdict."""
        with self._turn:
            self._renew()
            query = _bundle(_checked(question))
            judged = self._judge(query, self._retrieve(query, self.settings.top_k))
            return judged.kept or judged.met, judged.verdict

    def ask(self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None) -> Answer:
        """Answer a question; raise an AssistantError if there is no index, no embedding model or no question."""
        return deque(self.stream(question, history, scope), maxlen=1)[0]

    def stream(self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None) -> Iterator[Answer]:
        """Yield the growing answer; only the last one is checked and whole.

        While another question is answered it yields an answer without text whose `fallback` says so. Of `history`, the
        turns before, the last few make a follow-up into a question of its own; `trace` shows it.
        """
        question = _checked(question)
        if not self._turn.acquire(blocking=False):
            language = detect(question)
            yield Answer(question, language, llm=self.settings.llm, fallback=NEXT[language])
            self._turn.acquire()
        try:
            self._renew()
            yield from self._answer(question, history)
        finally:
            self._turn.release()

    def _answer(self, question: str, history: Sequence[Turn]) -> Iterator[Answer]:
        clock = Clock()
        answer = Answer(question, detect(question), llm=self.settings.llm)
        asked = question
        if history:
            asked = standalone(question, history, self.notes.term_weights.__getitem__)[:MAX_QUESTION]
        if asked != question:
            answer = answer.with_(trace=(Step(Did.FOLLOWED, asked),))
        query = _bundle(asked)
        found = self._retrieve(query, self.settings.top_k)
        clock.lap("retrieve")
        judged = self._judge(query, found)
        answer = answer.with_(**vars(judged.verdict), passages=judged.ranked, trace=(*answer.trace, *judged.trace))
        clock.lap("relevance")
        if answer.action is Action.INCORRECT:
            yield self._abstained(answer, clock)
            return
        from assistant.answering.support import scorer
        from assistant.search.evidence import refine

        strips = refine(query, judged.kept, self.grader)
        best = max((strip.relevance for strip in strips), default=None)
        answer = answer.with_(trace=(*answer.trace, Step(Did.REFINED, "", len(strips), best)))
        clock.lap("refine")
        yield answer.with_(seconds=clock.seconds())
        abstain, supports = (lambda last: self._abstained(last, clock)), scorer(self.reader)
        yield from reply(answer, asked, strips, lambda: self.llm, abstain, clock, supports)

    def _judge(self, query: "QueryBundle", found: "list[NodeWithScore]") -> "Judged":
        """Grade what was found, and climb the ladder unless it is Correct."""
        from assistant.search.ladder import Ladder, climb
        from assistant.search.web import build_web

        web = self._web or build_web(self.settings)
        ladder = Ladder(self.notes, self.embed_model, self.settings.top_k, web)
        return climb(query, found, ladder, self.grader)

    def _abstained(self, answer: Answer, clock: Clock) -> Answer:
        from assistant.answering.decline import abstained

        return abstained(answer, self.notes).with_(seconds=clock.seconds())

    def _retrieve(self, query: "QueryBundle", top_k: int) -> "list[NodeWithScore]":
        from assistant.search.retrieve import HybridRetriever

        cold, notes = self._index is None, self.notes
        if cold:
            threading.Thread(target=prepare).start()  # beside the embedding model
        return list(HybridRetriever(notes, self.embed_model, top_k).retrieve(query))

    def warm_up(self) -> None:
        """Load what a question needs, so that the first one does not wait for it; an absent model is left absent."""
        try:
            self.judge("warm up 준비")
            if (llm := self.llm) is not None:
                from assistant.answering.write import warm_up

                with self._turn:
                    warm_up(llm)
            logger.debug("ready, with %s", llm or EXTRACTIVE)
        except AssistantError:
            return  # the first question says it


def _checked(question: str) -> str:
    question = plain(question).strip()
    if not any(map(str.isalnum, question)):
        raise SettingsError(NO_WORDS)
    return question[:MAX_QUESTION]


def _bundle(question: str) -> "QueryBundle":
    from llama_index.core.schema import QueryBundle

    return QueryBundle(question)
