"""The judge's metrics, with DeepEval itself where the extra `judge` is installed."""

import importlib.util
import json
import math
from typing import Any

import pytest
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata

from assistant import Settings
from assistant.answer import Answer, Citation
from assistant.errors import SettingsError
from assistant.text.language import Language
from eval.stages.judge import FIGURES, Judge, open_judge

INSTALLED = importlib.util.find_spec("deepeval") is not None


class Scripted(CustomLLM):
    """Answers each prompt by the schema that it is asked for."""

    says: dict[str, Any]

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="scripted")

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        wanted = kwargs["response_format"]["json_schema"]["schema"]["properties"]
        return CompletionResponse(text=json.dumps({name: self.says[name] for name in wanted}))

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
        raise NotImplementedError


def answer(text: str = "Seoul is the capital. [1]", abstained: bool = False) -> Answer:
    cited = () if abstained else (Citation(1, "a.md", "A", "", "", "Seoul is the capital of Korea.", 0, 30),)
    return Answer("What is the capital?", Language.EN, answer=text, abstained=abstained, citations=cited)


def test_a_judge_is_a_language_model() -> None:
    with pytest.raises(SettingsError, match="needs a language model"):
        open_judge("extractive", Settings())


@pytest.mark.skipif(INSTALLED, reason="the extra is installed")
def test_without_the_extra_the_error_says_how_to_install_it() -> None:
    with pytest.raises(SettingsError, match=r"pip install -e '\.\[judge\]'"):
        Judge(Scripted(says={}))


@pytest.mark.skipif(not INSTALLED, reason="needs the extra judge")
@pytest.mark.parametrize(("verdicts", "share"), [(["yes"], 1.0), (["yes", "no"], 0.5), (["no"], 0.0)])
def test_marks_are_the_share_of_verdicts(verdicts: list[str], share: float) -> None:
    says = {
        "truths": ["Seoul is the capital."],
        "claims": ["c"] * len(verdicts),
        "statements": ["s"] * len(verdicts),
        "verdicts": [{"verdict": verdict, "reason": ""} for verdict in verdicts],
    }
    assert Judge(Scripted(says=says)).marks(answer()) == dict.fromkeys(FIGURES, share)


@pytest.mark.skipif(not INSTALLED, reason="needs the extra judge")
def test_a_judge_that_talks_nonsense_or_has_nothing_to_judge_gives_no_mark() -> None:
    def all_nan(marks: dict[str, float]) -> bool:
        return all(map(math.isnan, marks.values()))

    assert all_nan(Judge(Scripted(says={})).marks(answer()))
    assert all_nan(Judge(Scripted(says={})).marks(answer("Not in your notes.", abstained=True)))
