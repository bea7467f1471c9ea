"""Other graders than the assistant's own: a CrossEncoder by name, or the language model.

In: a question and texts. Out: grades in [-1, 1]; at 0 a text is as likely relevant as not. No thresholds were fitted
for them, so the sign of the best grade decides: above 0 is Correct, below 0 Incorrect, and 0 Ambiguous.
"""

import json
import logging
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from assistant.answer import Action, Passage, Question, Verdict
from assistant.config import Settings
from assistant.errors import GenerationFailed, ModelMissing, SettingsError
from assistant.index.passages import embedded_text
from assistant.index.store import Snapshot
from assistant.messages.said import GRADE
from assistant.models.embedding import EXTRA
from assistant.models.judge import Judge
from assistant.search.relevance import RelevanceGrader, TermsGrader
from assistant.search.strips import of_sentences
from assistant.text.language import Language
from assistant.text.shown import inert

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

BY_LLM = "llm"
_NUMBER = re.compile(r"(?<![\d.,])-?\d+(?:\.\d+)?")
_YES = re.compile(r"^\W*(?:yes|relevant|예|네|관련\s*(?:있|이 있))", re.IGNORECASE)
_NO = re.compile(r"^\W*(?:no\b|not\b|irrelevant|아니|관련\s*(?:없|이 없))", re.IGNORECASE)
_REPLY_TOKENS = 16
_REMEMBER = 1_000
"""Cached grades of the language model: a question that the page suggests is graded before it is asked."""


class Grader(Protocol):
    """What the relevance check needs of a grader."""

    def grade(self, question: Question, passages: Sequence[Passage]) -> list[float]:
        """Return a grade in [-1, 1] for each passage."""
        ...

    def grade_sentences(self, question: Question, passages: Sequence[Passage]) -> list[tuple[float, ...]]:
        """Return the grades, in [-1, 1], of each passage's sentences."""
        ...

    def verdict(self, question: Question, grades: Sequence[float]) -> Verdict:
        """Decide by the passages' grades whether they hold the answer."""
        ...

    def keeps(self, passage: float, sentence: float) -> bool:
        """Tell whether a sentence of that grade, in a passage of that grade, is evidence."""
        ...


class CrossEncoderGrader:
    """Grades by a sentence-transformers CrossEncoder that gives one score a pair.

    The sigmoid turns its logit into a probability p, and the grade is 2p - 1. No code of the model's repository runs.
    """

    def __init__(self, name: str, threads: int) -> None:
        """Load the model by name or path.

        Raises:
            ModelMissing: sentence-transformers cannot load it, or is not installed.
            SettingsError: it gives more than one score a pair.

        """
        try:
            import torch
            from sentence_transformers import CrossEncoder
        except ImportError as error:
            raise ModelMissing(f"grader '{name}' needs sentence-transformers, found none; run: {EXTRA}") from error
        torch.set_num_threads(threads)
        logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
        try:
            self._model = CrossEncoder(name, device="cpu", trust_remote_code=False)
        except (OSError, ValueError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise ModelMissing(
                f"grader '{name}' is no CrossEncoder that sentence-transformers loads: {reason}"
            ) from error
        if self._model.num_labels != 1:
            raise SettingsError(
                f"grader '{name}': expected a CrossEncoder with one score a pair, found {self._model.num_labels}; "
                "choose one trained for ranking"
            )

    def grade(self, question: Question, passages: Sequence[Passage]) -> list[float]:
        """Return a grade in [-1, 1] for each passage."""
        return self._grades(question, [embedded_text(passage) for passage in passages])

    def grade_sentences(self, question: Question, passages: Sequence[Passage]) -> list[tuple[float, ...]]:
        """Return the grades, in [-1, 1], of each passage's sentences, which are read alone under their heading."""
        texts = [[strip.headed for strip in of_sentences(passage)] for passage in passages]
        grades = iter(self._grades(question, [text for own in texts for text in own]))
        return [tuple(next(grades) for _ in own) for own in texts]

    def verdict(self, question: Question, grades: Sequence[float]) -> Verdict:
        """Decide by the sign of the best grade."""
        return by_sign(grades)

    def keeps(self, passage: float, sentence: float) -> bool:
        """Tell whether a sentence of that grade, in a passage of that grade, is evidence."""
        return passage > 0 and sentence > 0

    def _grades(self, question: Question, texts: Sequence[str]) -> list[float]:
        if not texts:
            return []
        import torch

        pairs = [(question.text, text) for text in texts]
        chances = self._model.predict(pairs, activation_fn=torch.nn.Sigmoid(), show_progress_bar=False)
        return [2 * float(chance) - 1 for chance in chances]


class LLMGrader:
    """Grades by asking a language model for a mark from 0 to 10, one text at a time: the slowest by far.

    A reply that holds no mark counts as grade 0.
    """

    def __init__(self, llm: "LLM") -> None:
        self._llm = llm
        self._one = lru_cache(_REMEMBER)(self._asked)

    def grade(self, question: Question, passages: Sequence[Passage]) -> list[float]:
        """Return a grade in [-1, 1] for each passage; raise GenerationFailed if the model does not answer."""
        return [self._one(question.text, question.language, embedded_text(passage)) for passage in passages]

    def grade_sentences(self, question: Question, passages: Sequence[Passage]) -> list[tuple[float, ...]]:
        """Return for each sentence the grade of its passage: to ask for each of them would take minutes."""
        grades = self.grade(question, passages)
        return [(grade,) * len(passage.sentences) for grade, passage in zip(grades, passages, strict=True)]

    def verdict(self, question: Question, grades: Sequence[float]) -> Verdict:
        """Decide by the sign of the best grade."""
        return by_sign(grades)

    def keeps(self, passage: float, sentence: float) -> bool:
        """Tell whether a sentence of that grade, in a passage of that grade, is evidence."""
        return passage > 0 and sentence > 0

    def _asked(self, question: str, language: Language, text: str) -> float:
        import httpx
        import openai
        from llama_index.core.llms import ChatMessage, MessageRole

        prompt = GRADE[language].format(question=inert(question), text=inert(text))
        try:
            reply = self._llm.chat([ChatMessage(role=MessageRole.USER, content=prompt)], max_tokens=_REPLY_TOKENS)
        except (openai.APIError, httpx.HTTPError, OSError, json.JSONDecodeError) as error:
            raise GenerationFailed(
                "the language model that grader 'llm' asks did not answer; start it, or leave the setting grader empty"
            ) from error
        return read_grade(reply.message.content or "")


def read_grade(reply: str) -> float:
    """Return the grade, in [-1, 1], that a reply names by a mark from 0 to 10, a yes or a no; 0 if by none."""
    if number := _NUMBER.search(reply):
        mark = float(number.group())
        return mark / 5 - 1 if 0 <= mark <= 10 else 0.0
    if _NO.match(reply):
        return -1.0
    return 1.0 if _YES.match(reply) else 0.0


def by_sign(grades: Sequence[float]) -> Verdict:
    """Return the verdict of a grader for which nothing was fitted: the best grade's sign decides."""
    best = max(grades, default=-1.0)
    action = Action.CORRECT if best > 0 else Action.INCORRECT if best < 0 else Action.AMBIGUOUS
    return Verdict(action, (best + 1) / 2)


def build_grader(
    settings: Settings,
    notes: Snapshot,
    judge: Judge | None,
    llm: "Callable[[], LLM | None]",
) -> Grader:
    """Return the grader that the settings name; `llm` builds the language model and is called only for `llm`.

    Raises:
        SettingsError: `llm` without a language model, or a CrossEncoder with several scores.
        ModelMissing: what it needs is not on this machine.

    """
    if not settings.grader:
        return RelevanceGrader(judge) if judge else TermsGrader(notes)
    if settings.grader != BY_LLM:
        return CrossEncoderGrader(settings.grader, settings.threads)
    model = llm()
    if model is None:
        raise SettingsError("grader 'llm' needs a language model, found llm 'extractive'; set ASSISTANT_LLM")
    return LLMGrader(model)
