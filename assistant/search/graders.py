"""Stronger graders in the place of the assistant's own: a CrossEncoder by name, or the language model.

In: a question and texts. Out: grades in [-1, 1], in which 0 is as likely relevant as not. Nothing is fitted for them,
so their thresholds are neutral: a best grade above 0 is Correct, below 0 Incorrect, and 0 itself Ambiguous.
"""

import json
import logging
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from pydantic import PrivateAttr

from assistant.answer import Action, Verdict
from assistant.config import Settings
from assistant.errors import GenerationFailed, ModelMissing, SettingsError
from assistant.index.passages import embedded_text
from assistant.messages.said import GRADE
from assistant.models.reader import Reader
from assistant.search.relevance import RelevanceGrader
from assistant.text.language import detect
from assistant.text.untrusted import inert

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import LLM

    from assistant.index.local import Index

BY_LLM = "llm"
_NUMBER = re.compile(r"(?<![\d.,])-?\d+(?:\.\d+)?")
_YES = re.compile(r"^\W*(?:yes|relevant|예|네|관련\s*(?:있|이 있))", re.IGNORECASE)
_NO = re.compile(r"^\W*(?:no\b|not\b|irrelevant|아니|관련\s*(?:없|이 없))", re.IGNORECASE)
_REPLY_TOKENS = 16
_REMEMBER = 20_000
"""Grades of the language model that are kept: the ladder grades what it met again on each rung."""


class Grader(Protocol):
    """What judging needs of a grader; every grader is a LlamaIndex postprocessor besides."""

    def postprocess_nodes(self, nodes: list[NodeWithScore], query_bundle: QueryBundle) -> list[NodeWithScore]:
        """Return the passages with their grades as scores, best first."""
        ...

    def grade(self, query: QueryBundle, texts: Sequence[str]) -> list[float]:
        """Return a grade in [-1, 1] for each text."""
        ...


class CrossEncoderGrader(BaseNodePostprocessor):
    """Grades by a sentence-transformers CrossEncoder that gives one score a pair.

    Its logit goes through the sigmoid, the activation of such models, to a probability p and to the grade 2p - 1. It
    runs none of the model's own code.
    """

    _model: Any = PrivateAttr()

    def __init__(self, name: str, threads: int) -> None:
        """Load the model by name or path.

        Raises:
            ModelMissing: sentence-transformers cannot load it.
            SettingsError: it gives more than one score a pair.

        """
        super().__init__()
        import torch
        from sentence_transformers import CrossEncoder

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

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        return _graded(nodes, query_bundle, self.grade)

    def grade(self, query: QueryBundle, texts: Sequence[str]) -> list[float]:
        """Return a grade in [-1, 1] for each text."""
        if not texts:
            return []
        import torch

        pairs = [(query.query_str, text) for text in texts]
        chances = self._model.predict(pairs, activation_fn=torch.nn.Sigmoid(), show_progress_bar=False)
        return [2 * float(chance) - 1 for chance in chances]


class LLMGrader(BaseNodePostprocessor):
    """Grades by asking a language model for a mark from 0 to 10, one text at a time: the slowest by far.

    A reply that holds no mark counts as grade 0.
    """

    _llm: Any = PrivateAttr()
    _met: dict[tuple[str, str], float] = PrivateAttr(default_factory=dict)

    def __init__(self, llm: "LLM") -> None:
        super().__init__()
        self._llm = llm

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        return _graded(nodes, query_bundle, self.grade)

    def grade(self, query: QueryBundle, texts: Sequence[str]) -> list[float]:
        """Return a grade in [-1, 1] for each text; raise GenerationFailed if the model does not answer."""
        if len(self._met) > _REMEMBER:
            self._met.clear()
        return [self._one(query.query_str, text) for text in texts]

    def _one(self, question: str, text: str) -> float:
        if (question, text) not in self._met:
            self._met[question, text] = read_grade(self._asked(question, text))
        return self._met[question, text]

    def _asked(self, question: str, text: str) -> str:
        import httpx
        import openai
        from llama_index.core.llms import ChatMessage, MessageRole

        prompt = GRADE[detect(question)].format(question=inert(question), text=inert(text))
        try:
            reply = self._llm.chat([ChatMessage(role=MessageRole.USER, content=prompt)], max_tokens=_REPLY_TOKENS)
        except (openai.APIError, httpx.HTTPError, OSError, json.JSONDecodeError) as error:
            raise GenerationFailed(
                "the language model that grader 'llm' asks did not answer; start it, or leave the setting grader empty"
            ) from error
        return reply.message.content or ""


def read_grade(reply: str) -> float:
    """Return the grade, in [-1, 1], that a reply names by a mark from 0 to 10, a yes or a no; 0 if by none."""
    if found := _NUMBER.search(reply):
        mark = float(found.group())
        return mark / 5 - 1 if 0 <= mark <= 10 else 0.0
    if _NO.match(reply):
        return -1.0
    return 1.0 if _YES.match(reply) else 0.0


def _graded(
    nodes: list[NodeWithScore], query: QueryBundle | None, grade: Callable[[QueryBundle, Sequence[str]], list[float]]
) -> list[NodeWithScore]:
    if query is None or not nodes:
        return nodes
    passages = [item.node for item in nodes if isinstance(item.node, TextNode)]
    grades = grade(query, [embedded_text(passage) for passage in passages])
    graded = [NodeWithScore(node=node, score=score) for node, score in zip(passages, grades, strict=True)]
    return sorted(graded, key=lambda item: -(item.score or 0.0))


def build_grader(
    settings: Settings,
    index: "Index",
    embed_model: "BaseEmbedding",
    reader: Reader | None,
    llm: "Callable[[], LLM | None]",
) -> Grader:
    """Return the grader that the settings name; `llm` builds the language model and is called only for `llm`.

    Raises:
        SettingsError: `llm` without a language model, or a CrossEncoder with several scores.
        ModelMissing: what it needs is not on this machine.

    """
    if not settings.grader:
        return RelevanceGrader(index, embed_model, reader)
    if settings.grader != BY_LLM:
        return CrossEncoderGrader(settings.grader, settings.threads)
    model = llm()
    if model is None:
        raise SettingsError("grader 'llm' needs a language model, found llm 'extractive'; set ASSISTANT_LLM")
    return LLMGrader(model)


def decide(grader: Grader, question: str, graded: Sequence[NodeWithScore]) -> Verdict:
    """Return the verdict on graded passages: by what was fitted for the own grader, by the sign for any other."""
    grades = [item.score or 0.0 for item in graded]
    if isinstance(grader, RelevanceGrader):
        return grader.verdict(question, grades)
    best = max(grades, default=-1.0)
    action = Action.CORRECT if best > 0 else Action.INCORRECT if best < 0 else Action.AMBIGUOUS
    return Verdict(action, (best + 1) / 2)
