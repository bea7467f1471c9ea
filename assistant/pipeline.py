"""`Assistant`: the only place that knows the order of the stages.

retrieve → relevance → refine → generate → cite. Each stage takes values and returns values; this file hands them on,
measures the seconds of each, and decides which answerer stands in when a language model is absent or fails.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answer import Action, Answer, RankedPassage, Strip, Verdict
from assistant.cite import marked, number_citations, resolve
from assistant.clock import Clock
from assistant.config import Settings
from assistant.embed import name_of
from assistant.errors import AssistantError, GenerationFailed, ModelMissing, SettingsError
from assistant.generate import declines, quote, write
from assistant.language import detect, is_foreign, prepare
from assistant.language_model import EXTRACTIVE, build_llm
from assistant.manifest import made_with, superseded
from assistant.prompts import LLM_ABSENT, LLM_FAILED, LLM_UNSUPPORTED, NEAREST, NO_WORDS, NOT_FOUND, UNDERSTOOD
from assistant.untrusted import plain
from assistant.update import Progress, Report, update

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import LLM
    from llama_index.core.schema import NodeWithScore, QueryBundle

    from assistant.index import Index
    from assistant.relevance import RelevanceGrader

logger = logging.getLogger(__name__)
MAX_QUESTION = 2000
"""Characters of a question that are read; more could not be embedded whole."""
Turn = tuple[str, str]
"""A question and the answer that it got."""


class Assistant:
    """Answers questions from an index of notes; safe to use from several threads, which take turns."""

    def __init__(
        self,
        settings: Settings,
        embed_model: "BaseEmbedding | None" = None,
        llm: "LLM | None" = None,
    ) -> None:
        """Take collaborators as given; those left out are built from the settings when first needed."""
        # A model that was handed in stays; one that is built is the one that made the index.
        self._given = settings if embed_model is None else replace(settings, embedding=name_of(settings))
        self.settings = made_with(self._given)
        self._embed_model, self._llm = embed_model, llm
        self._index: Index | None = None
        self._grader: RelevanceGrader | None = None
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
                from assistant.embed import build_embedding

                self._embed_model = build_embedding(self.settings)
            return self._embed_model

    @property
    def notes(self) -> "Index":
        """The index, loaded at the first use."""
        from assistant.index import load

        with self._building:
            if self._index is None:
                self._index = load(self.settings)
            return self._index

    @property
    def grader(self) -> "RelevanceGrader":
        """The relevance grader over the index."""
        from assistant.relevance import RelevanceGrader

        with self._building:
            if self._grader is None:
                self._grader = RelevanceGrader(self.notes, self.embed_model, self.settings.embedding)
            return self._grader

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

    def search(self, query: str, top_k: int | None = None) -> "list[NodeWithScore]":
        """Return the best passages of hybrid retrieval; scores are comparable within one query only."""
        with self._turn:
            self._renew()
            return self._retrieve(_bundle(_checked(query)), top_k or self.settings.top_k)

    def judge(self, question: str) -> "tuple[list[NodeWithScore], Verdict]":
        """Return what retrieval and the relevance check make of a question: graded passages and the verdict."""
        with self._turn:
            self._renew()
            query = _bundle(_checked(question))
            return self._judge(query, self._retrieve(query, self.settings.top_k))

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Answer a question; raise an AssistantError if there is no index, no embedding model or no question."""
        return deque(self.stream(question, history), maxlen=1)[0]

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Answer]:
        """Yield the growing answer; only the last one is checked and whole."""
        question = _checked(question)
        with self._turn:
            self._renew()
            yield from self._answer(question)

    def _answer(self, question: str) -> Iterator[Answer]:
        clock = Clock()
        query = _bundle(question)
        answer = Answer(question, detect(question), llm=self.settings.llm)
        found = self._retrieve(query, self.settings.top_k)
        clock.lap("retrieve")
        graded, decided = self._judge(query, found)
        answer = answer.with_(action=decided.action, confidence=decided.confidence, passages=_ranked(found, graded))
        clock.lap("relevance")
        if decided.action is Action.INCORRECT:
            yield _abstained(answer, clock)
            return
        from assistant.refine import refine

        strips = refine(query, graded, self.grader)
        clock.lap("refine")
        yield answer.with_(seconds=clock.seconds())
        yield from self._generate(answer, strips, clock)

    def _judge(self, query: "QueryBundle", found: "list[NodeWithScore]") -> "tuple[list[NodeWithScore], Verdict]":
        """Grade what was found; unless it is Correct, search once more by the key terms and grade both together."""
        from assistant.refine import key_terms
        from assistant.relevance import verdict
        from assistant.retrieve import KeywordRetriever

        grader = self.grader
        graded = grader.postprocess_nodes(found, query)
        decided = verdict([item.score or 0.0 for item in graded], self.settings.embedding)
        if decided.action is not Action.CORRECT:
            again = KeywordRetriever(self.notes, self.settings.top_k).retrieve(
                key_terms(query.query_str, grader.term_weights)
            )
            had = {item.node.node_id for item in found}
            found.extend(item for item in again if item.node.node_id not in had)
            graded = grader.postprocess_nodes(found, query)
            decided = verdict([item.score or 0.0 for item in graded], self.settings.embedding)
        return graded, decided

    def _generate(self, answer: Answer, strips: Sequence[Strip], clock: Clock) -> Iterator[Answer]:
        language = answer.language
        try:
            llm = self.llm
        except ModelMissing:
            yield _quoted(answer, strips, clock, LLM_ABSENT[language].format(name=self.settings.llm))
            return
        except (GenerationFailed, SettingsError) as error:
            yield _quoted(answer, strips, clock, LLM_FAILED[language].format(reason=error))
            return
        if llm is None:
            yield _quoted(answer, strips, clock, None)
            return
        written = ""
        try:
            for written in write(llm, answer.question, language, strips):
                yield answer.with_(answer=written, seconds=clock.seconds())
        except GenerationFailed as error:
            yield _quoted(answer, strips, clock, LLM_FAILED[language].format(reason=error))
            return
        clock.lap("generate")
        if declines(written, language):
            yield _abstained(answer, clock)
            return
        # A small model may drift into the notes' language; what the asker cannot read is no answer.
        cited, citations = resolve(written, strips) if detect(written) is language else ([], [])
        clock.lap("cite")
        if not cited:
            yield _quoted(answer, strips, clock, LLM_UNSUPPORTED[language])
            return
        yield answer.with_(
            answer=" ".join(marked(sentence) for sentence in cited),
            sentences=tuple(cited),
            citations=tuple(citations),
            seconds=clock.seconds(),
        )

    def _retrieve(self, query: "QueryBundle", top_k: int) -> "list[NodeWithScore]":
        from assistant.retrieve import HybridRetriever

        cold, notes = self._index is None, self.notes
        if cold:
            threading.Thread(target=prepare).start()  # beside the embedding model
        return list(HybridRetriever(notes, self.embed_model, top_k).retrieve(query))

    def warm_up(self) -> None:
        """Load what a question needs, so that the first one does not wait for it; an absent model is left absent."""
        try:
            self.search("warm up 준비", 1)
            build = self.llm
            logger.debug("ready, with %s", build or EXTRACTIVE)
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


def _ranked(found: "Sequence[NodeWithScore]", graded: "Sequence[NodeWithScore]") -> tuple[RankedPassage, ...]:
    from assistant.chunk import offsets

    scores = {item.node.node_id: item.score or 0.0 for item in found}
    return tuple(
        RankedPassage(
            item.node.metadata["source"],
            *offsets(item.node),
            heading=item.node.metadata["heading"],
            text=item.node.get_content(),
            score=scores[item.node.node_id],
            relevance=item.score or 0.0,
        )
        for item in graded
    )


def _abstained(answer: Answer, clock: Clock) -> Answer:
    nearest = list(dict.fromkeys(passage.source for passage in answer.passages))[:3]
    said = NOT_FOUND[answer.language] + (f" {UNDERSTOOD}" if is_foreign(answer.question) else "")
    if nearest:
        said += " " + NEAREST[answer.language].format(titles=", ".join(nearest))
    return answer.with_(answer=said, abstained=True, seconds=clock.seconds())


def _quoted(answer: Answer, strips: Sequence[Strip], clock: Clock, fallback: str | None) -> Answer:
    cited, citations = number_citations(quote(answer.language, strips), {strip.number: strip for strip in strips})
    clock.lap("generate")
    return answer.with_(
        answer=" ".join(marked(sentence) for sentence in cited),
        sentences=tuple(cited),
        citations=tuple(citations),
        llm=EXTRACTIVE,
        fallback=fallback,
        seconds=clock.seconds(),
    )
