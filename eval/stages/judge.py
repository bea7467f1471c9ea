"""Marks answers by a language model as judge, on request: DeepEval's faithfulness and answer relevancy.

Needs the extra `judge` and a language model that the user names. The other figures need neither; a judge's marks are
opinions beside them. DeepEval's telemetry is switched off: nothing leaves but what the judge itself is sent.
"""

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant import Answer, Settings
from assistant.errors import SettingsError
from assistant.models.language_model import build_llm

if TYPE_CHECKING:
    from llama_index.core.llms import LLM
    from pydantic import BaseModel

FIGURES = ("judged_faithfulness", "judged_relevancy")


class Judge:
    """Marks an answer against the words that it cites; marks are in 0..1."""

    def __init__(self, llm: "LLM") -> None:
        os.environ["DEEPEVAL_TELEMETRY_OPT_OUT"] = "1"
        try:
            from deepeval.metrics import AnswerRelevancyMetric, FaithfulnessMetric
        except ImportError as error:
            raise SettingsError("--judge needs DeepEval; install it with: pip install -e '.[judge]'") from error
        options: dict[str, Any] = {"model": _model(llm), "include_reason": False, "async_mode": False}
        metrics = (FaithfulnessMetric(**options), AnswerRelevancyMetric(**options))
        self._metrics = dict(zip(FIGURES, metrics, strict=True))

    def marks(self, answer: Answer) -> dict[str, float]:
        """Return each figure; nan where the judge's words made no sense, or there is nothing to judge."""
        if answer.abstained or not answer.citations:
            return dict.fromkeys(FIGURES, float("nan"))
        from deepeval.test_case import LLMTestCase

        quotes = [citation.quote for citation in answer.citations]
        case = LLMTestCase(input=answer.question, actual_output=answer.answer, retrieval_context=quotes)
        return {name: _measured(metric, case) for name, metric in self._metrics.items()}


def open_judge(name: str, settings: Settings) -> Judge:
    """Build the judge from a language model's name, as `--llm` takes it; raise SettingsError if it cannot judge."""
    llm = build_llm(replace(settings, llm=name))
    if llm is None:
        raise SettingsError("--judge needs a language model; 'extractive' is none")
    return Judge(llm)


def _measured(metric: Any, case: Any) -> float:
    try:
        return float(metric.measure(case, _show_indicator=False))
    except Exception:  # whatever DeepEval makes of words that are no verdict costs this one mark
        return float("nan")


def _model(llm: "LLM") -> Any:
    """Wrap a LlamaIndex language model for DeepEval; answers are held to the schema that it asks for."""
    from deepeval.models import DeepEvalBaseLLM

    class Model(DeepEvalBaseLLM):  # type: ignore[misc]
        def load_model(self) -> "LLM":
            return llm

        def generate(self, prompt: str, schema: "type[BaseModel] | None" = None) -> Any:
            if schema is None:
                return llm.complete(prompt).text
            form = {"name": schema.__name__, "schema": schema.model_json_schema()}
            said = llm.complete(prompt, response_format={"type": "json_schema", "json_schema": form}, max_tokens=1000)
            return schema.model_validate_json(said.text)

        async def a_generate(self, prompt: str, schema: "type[BaseModel] | None" = None) -> Any:
            return self.generate(prompt, schema)

        def get_model_name(self) -> str:
            return str(llm.metadata.model_name)

    return Model()
