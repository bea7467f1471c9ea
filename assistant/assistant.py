"""`Assistant`: the only module that knows the order of the stages.

parse → search → judge (with the ladder) → refine evidence → write → check. Each stage takes values and returns values;
this module passes them on and measures the seconds. A turn uses one state of the index and the models throughout. Turns
are not queued here: `assistant.server.queue` runs them one at a time.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answer import Action, Answer, Did, Kind, Question, Scope, Scored, Step, Strip, Turn, Verdict
from assistant.answering.clock import Clock
from assistant.config import Settings
from assistant.errors import AssistantError, SettingsError
from assistant.index.manifest import made_with
from assistant.index.store import Snapshot
from assistant.index.stores import apart
from assistant.index.update import Progress, Report
from assistant.messages.said import NO_SCOPE
from assistant.models.embedding import Embedder, name_of
from assistant.models.language_model import EXTRACTIVE, OPENAI_LIKE, evidence_tokens
from assistant.search.parts import Models, Parts, Ready

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from assistant.index.taking import Workers
    from assistant.search.ladder import Judged
    from assistant.search.web import WebSearch

logger = logging.getLogger(__name__)
_ABOUT = 0.0
"""The judge's grade above which a passage tells that its note is about a topic."""


class Assistant:
    """Answers questions from an index of notes."""

    def __init__(
        self,
        settings: Settings,
        embed_model: Embedder | None = None,
        llm: "LLM | None" = None,
        web: "WebSearch | None" = None,
    ) -> None:
        """Use the collaborators that are passed in; the others are built from the settings when first needed."""
        # Without a model passed in, the one that made the index is built.
        self._given = settings if embed_model is None else replace(settings, embedding=name_of(settings))
        self._parts, self._web = Parts(self._given, Models(self._given, embed_model, llm)), web

    @classmethod
    def open(cls, settings: Settings | None = None) -> "Assistant":
        """Open the assistant; models and index are loaded when first needed."""
        return cls(settings or Settings.read())

    def over(self, notes: Path, index: Path) -> "Assistant":
        """Return an assistant over other notes with another index, which shares this one's models."""
        other = copy(self)
        other._given = apart(self.settings, notes, index)
        other._parts = Parts(other._given, self._parts.models)
        return other

    @property
    def settings(self) -> Settings:
        """The settings, with the embedding model that made the present index."""
        return made_with(self._given, self._parts.store)

    @property
    def snapshot(self) -> Snapshot:
        """The present state of the index; raises IndexUnusable."""
        return self._parts.notes()

    @property
    def ready(self) -> Ready:
        """What a turn that begins now works with."""
        return self._parts.ready(self._given)

    def use_llm(self, name: str) -> None:
        """Use another language model from the next question on; it is built when first needed."""
        self._given = replace(self._given, llm=name)

    def begin(self) -> None:
        """Make an empty index if there is none; raise IndexUnusable if it cannot be made."""
        if not self._parts.store.exists():
            self._parts.update([], self.settings)

    def index(
        self,
        paths: Sequence[Path] = (),
        progress: Progress = lambda what, done, total: None,
        so_far: Callable[[Report], None] = lambda report: None,
        only: bool = False,
        workers: "Workers | None" = None,
    ) -> Report:
        """Bring the index in line with the notes under `paths` (default: as `update`), or with them `only`.

        Scanned pages and pictures are recognised for a minute at a time; what was read until then can be asked, and
        `so_far` is called with the report. Without `workers` this process does all the work.
        """
        settings = self.settings  # those of the index on disk, which may be newer than a running turn's
        report = Report()
        waited: dict[str, str] | None = None
        while waited is None or report.waiting and report.waiting != waited:
            waited = report.waiting
            report = report.then(self._parts.update(list(paths) or None, settings, progress, only, workers))
            so_far(report)
        return report

    def search(self, query: str, top_k: int | None = None, scope: Scope | None = None) -> list[Scored]:
        """Return the best passages of hybrid search; scores are comparable within one query only.

        Raises SettingsError if no note is in the scope.
        """
        from assistant.index.scopes import empty, said

        question, ready = self._turn(query, (), scope)
        if empty(question.scope, ready.notes.notes):
            raise SettingsError(NO_SCOPE.format(scope=said(question.scope)))
        return ready.search(question, top_k)[1]

    def judge(self, question: str, scope: Scope | None = None) -> tuple[list[Scored], Verdict]:
        """Return the passages to answer from, or all graded ones if there are none, best first; and the verdict."""
        parsed, ready = self._turn(question, (), scope)
        judged = self._judge(*ready.search(parsed), ready)
        return judged.kept or judged.met, judged.verdict

    def ask(
        self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None, llm: str = "", wish: str = ""
    ) -> Answer:
        """Answer a question; raise an AssistantError if there is no index, no embedding model or no question."""
        return deque(self.stream(question, history, scope, llm, wish), maxlen=1)[0]

    def stream(
        self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None, llm: str = "", wish: str = ""
    ) -> Iterator[Answer]:
        """Yield the growing answer; only the last one is complete and checked.

        The last turns of `history` turn a follow-up into a question that stands alone; `trace` shows that question.
        `llm` names the language model for this answer alone, as in the settings. `wish` is how the asker wants to be
        answered; served models are told it.
        """
        from assistant.answering.aim import aims
        from assistant.answering.check import scorer
        from assistant.answering.coverage import partly
        from assistant.answering.decline import abstained
        from assistant.answering.follow_up import followed
        from assistant.answering.plan import asks_for_summary, kind_of
        from assistant.answering.recheck import still_there, warned
        from assistant.answering.reply import reply
        from assistant.search.comparison import compared, none_of, together
        from assistant.search.ladder import WIDER

        clock, (parsed, ready) = Clock(), self._turn(question, history, scope, llm)
        answer = Answer(parsed.text, parsed.language, llm=ready.settings.llm)
        parsed = replace(followed(parsed, ready.notes.weight, ready.embed_model, ready.settings.embedding), wish=wish)
        if parsed.text != parsed.asked:
            answer = answer.did(Step(Did.FOLLOWED, parsed.text))
        kind = kind_of(parsed, ready.settings.embedding)
        if kind is Kind.TALK and parsed.text != parsed.asked:
            kind = Kind.CONTENT  # it speaks of what was asked before
        if (unsearched := self._unsearched(answer, kind, parsed, ready)) is not None:
            yield unsearched.with_(seconds=clock.seconds())
            return
        parts = compared(parsed) if kind in (Kind.COMPARISON, Kind.LIST) else ()
        wide = WIDER * ready.settings.top_k if kind is Kind.LIST else None
        searched = [ready.search(part, wide) for part in parts or (parsed,)]
        titles = [item.passage.title for _, found in searched for item in found]
        if kind is Kind.CONTENT and asks_for_summary(parsed, titles, ready.embed_model, ready.settings.embedding):
            kind = Kind.SUMMARY
        clock.lap("retrieve")
        judged = [self._judge(part, first, ready) for part, first in searched]
        if none_of(judged):
            searched = [ready.search(parsed, wide)]
            judged = [self._judge(*searched[0], ready)]
        verdict, trace, ranked = together(judged)
        if self._alone(parsed, verdict):
            yield from self.stream(parsed.asked, (), parsed.scope, llm, wish)
            return
        answer = answer.with_(**vars(verdict), passages=ranked).did(*trace)
        clock.lap("relevance")
        answer, strips = self._evidence(answer, kind, parsed, searched, judged, ready)
        strips, gone, moved = still_there(strips, ready.notes)
        answer = warned(answer, gone, moved)
        if not strips:
            yield abstained(answer, parsed, ready.notes).with_(seconds=clock.seconds())
            return
        answer = answer.did(Step(Did.REFINED, "", len(strips), max(strip.relevance for strip in strips)))
        clock.lap("refine")
        yield answer.with_(seconds=clock.seconds())
        for grown in reply(
            answer, parsed, strips, ready.notes, ready.llm, clock, scorer(ready.judge), aims(ready.judge)
        ):
            yield partly(grown, parsed, ready.notes) if kind is Kind.LIST and grown.citations else grown

    def _turn(self, text: str, history: Sequence[Turn], scope: Scope | None, llm: str = "") -> tuple[Question, Ready]:
        """Return a parsed question and what its turn works with."""
        from assistant.search.question import read, typed
        from assistant.text.terms import prepare

        prepare(text := typed(text))  # beside the models
        ready = self._parts.ready(replace(self._given, llm=llm or self._given.llm))
        return read(text, history, scope or Scope()), ready

    def _alone(self, question: Question, verdict: Verdict) -> bool:
        """Tell whether what was taken for a follow-up, and is not answered, is answered as a question of its own."""
        if verdict.action is not Action.INCORRECT or question.text == question.asked:
            return False
        return self.judge(question.asked, question.scope)[1].action is Action.CORRECT

    def _evidence(
        self,
        answer: Answer,
        kind: Kind,
        question: Question,
        searched: Sequence[tuple[Question, list[Scored]]],
        judged: Sequence["Judged"],
        ready: Ready,
    ) -> tuple[Answer, list[Strip]]:
        """Return what to answer from, and the answer with its kind and what it may lack.

        Each part of a comparison gets its share. A served model declines better than any threshold, so it is handed
        what was found for an Incorrect verdict, too.
        """
        from assistant.answering.coverage import one_sided
        from assistant.search.comparison import merged, spoken_of
        from assistant.search.evidence import gathered
        from assistant.search.folders import under_folders
        from assistant.search.summary import summed_up

        tokens = evidence_tokens(ready.settings, broad=kind is not Kind.CONTENT or len(searched) > 1)
        helps = judged[0].verdict.action is not Action.INCORRECT
        if kind is Kind.SUMMARY and (outline := summed_up(question, searched[0][1], ready.notes, helps, tokens)):
            return answer.with_(kind=kind, action=None), outline
        parts, served = [part for part, _ in searched], ready.settings.llm == OPENAI_LIKE
        found = [one.kept if one.verdict.action is not Action.INCORRECT else [] for one in judged]
        if not any(found) and served:
            found = [one.met for one in judged]
        share = tokens // max(1, sum(map(bool, found)))
        strips = [
            gathered(part, own, share, ready.grader, ready.embed_model, ready.notes if served else None)
            for part, own in zip(parts, found, strict=True)
        ]
        if kind is Kind.LIST:
            answer = answer.with_(kind=kind)
        if len(parts) > 1:
            answer = answer.with_(kind=kind)
            missing = [part.text for part, one in zip(parts, judged, strict=True) if not spoken_of(part, one.met)]
            answer = one_sided(answer, missing) if len(missing) < len(parts) else answer
        return answer, [under_folders(strip, question) for strip in merged(strips)]

    def _judge(self, question: Question, first: Sequence[Scored], ready: Ready) -> "Judged":
        """Grade the first passages, and climb the ladder unless the verdict is Correct."""
        from assistant.search.ladder import Ladder, climb
        from assistant.search.web import build_web

        web = self._web or build_web(ready.settings)
        ladder = Ladder(ready.notes, ready.embed_model, ready.settings.top_k, web)
        return climb(question, first, ladder, ready.grader)

    def _unsearched(self, answer: Answer, kind: Kind, question: Question, ready: Ready) -> Answer | None:
        """Return the answer to what asks for no passages: small talk, which notes there are, or an empty scope."""
        from assistant.answering.collection import told, topic
        from assistant.answering.decline import nowhere
        from assistant.index.scopes import empty

        if empty(question.scope, ready.notes.notes) and kind not in (Kind.TALK, Kind.COLLECTION):
            return nowhere(answer, question.scope)
        about = topic(question, ready.notes) if kind is Kind.COLLECTION else ""
        if kind in (Kind.TALK, Kind.COLLECTION):
            return told(answer, kind, question, ready.notes, self._about(about, question, ready) if about else None)
        return None

    def _about(self, topic: str, question: Question, ready: Ready) -> frozenset[str]:
        """Return the sources of the notes that are about a topic, by their names or by what the judge reads in them."""
        from assistant.search.question import read
        from assistant.text.terms import terms

        words = set(terms(topic))
        named = (note.source for note in ready.notes.notes if words <= set(terms(note.names)))
        judged = self._judge(*ready.search(read(topic, (), question.scope)), ready)
        speak = (item.passage.source for item in judged.met if item.score > _ABOUT)
        return frozenset((*named, *(speak if judged.verdict.action is not Action.INCORRECT else ())))

    def warm_up(self) -> None:
        """Load index and models, so that the first question does not wait for them; ignore what is missing."""
        from assistant.answering.write import warm_up

        try:
            self.judge("warm up 준비")
            if (llm := self.ready.llm()) is not None:
                warm_up(llm)
            logger.debug("ready, with %s", llm or EXTRACTIVE)
        except AssistantError:
            return  # the first question reports it
