"""`Assistant`: the only place that knows the order of the stages.

retrieve → relevance → refine → generate → cite. Each stage takes values and returns values; this file hands them on,
measures the seconds of each, and decides which answerer stands in when a language model is absent or fails.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import index as index_files
from assistant.answer import Action, Answer, RankedPassage, Strip, Verdict
from assistant.chunk import offsets
from assistant.cite import marked, number_citations, resolve
from assistant.config import Settings
from assistant.errors import AssistantError, GenerationFailed, ModelMissing, SettingsError
from assistant.generate import declines, quote, write
from assistant.index import Index
from assistant.language import detect
from assistant.language_model import EXTRACTIVE, build_llm
from assistant.prompts import LLM_ABSENT, LLM_FAILED, LLM_UNSUPPORTED, NEAREST, NOT_FOUND
from assistant.update import Progress, Report, update

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import LLM
    from llama_index.core.schema import NodeWithScore, QueryBundle

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
        self.settings = settings
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
    def notes(self) -> Index:
        """The index, loaded at the first use."""
        with self._building:
            if self._index is None:
                self._index = index_files.load(self.settings)
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

    def index(self, paths: Sequence[Path] = (), progress: Progress = lambda done, total: None) -> Report:
        """Bring the index in line with the notes under `paths` (default: the settings' notes)."""
        report = update(paths or [self.settings.notes], self.settings, lambda: self.embed_model, progress)
        return report

    def _renew(self) -> None:
        """Let go of an index that an update, here or in another process, has replaced; no turn sees two of them."""
        with self._building:
            if self._index and index_files.superseded(self._index):
                self._index = self._grader = None

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
        clock = _Clock()
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

    def _generate(self, answer: Answer, strips: Sequence[Strip], clock: "_Clock") -> Iterator[Answer]:
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

        return list(HybridRetriever(self.notes, self.embed_model, top_k).retrieve(query))

    def warm_up(self) -> None:
        """Load what a question needs, so that the first one does not wait for it; an absent model is left absent."""
        try:
            self.search("warm up 준비", 1)
            build = self.llm
            logger.debug("ready, with %s", build or EXTRACTIVE)
        except AssistantError:
            return  # the first question says it


class _Clock:
    """Seconds per stage and in total."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._laps[stage] = self._laps.get(stage, 0.0) + now - self._last
        self._last = now

    def seconds(self) -> dict[str, float]:
        return {**self._laps, "total": time.perf_counter() - self._began}


def _checked(question: str) -> str:
    question = question.strip()
    if not question:
        raise SettingsError("expected a question, found nothing; type one in Korean or English")
    return question[:MAX_QUESTION]


def _bundle(question: str) -> "QueryBundle":
    from llama_index.core.schema import QueryBundle

    return QueryBundle(question)


def _ranked(found: "Sequence[NodeWithScore]", graded: "Sequence[NodeWithScore]") -> tuple[RankedPassage, ...]:
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


def _abstained(answer: Answer, clock: _Clock) -> Answer:
    nearest = list(dict.fromkeys(passage.source for passage in answer.passages))[:3]
    said = NOT_FOUND[answer.language]
    if nearest:
        said += " " + NEAREST[answer.language].format(titles=", ".join(nearest))
    return answer.with_(answer=said, abstained=True, seconds=clock.seconds())


def _quoted(answer: Answer, strips: Sequence[Strip], clock: _Clock, fallback: str | None) -> Answer:
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
