"""How long things take and what they need: seconds per stage, cold and warm, passages per second, peak memory."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from assistant import Assistant, machine
from assistant.errors import IndexUnusable
from assistant.index.passages import embedded_text
from assistant.models.embedding import embed_texts
from eval.measures.stats import percentile
from eval.questions.dataset import Question, all_passages
from eval.report.run import Stage
from eval.stages.conversation import Conversation
from eval.stages.generation import grown

_QUESTIONS = 10
"""Questions of each language."""
_FOLLOW_UPS = 5
"""Conversations of each language."""
_PASSAGES = 32


def measure(
    assistant: Assistant,
    questions: Sequence[Question],
    conversations: Sequence[Conversation],
    progress: Callable[[int, int], None],
) -> Stage:
    """Answer some questions twice, by an assistant of its own, and second turns of conversations behind their first.

    The first time questions and their strips are new to it.
    """
    assistant = Assistant(assistant.settings)
    assistant.warm_up()
    asked = {
        language: [q.question for q in questions if q.language == language and not q.history][:_QUESTIONS]
        for language in ("ko", "en")
    }
    second = {
        language: [c.turns[:2] for c in conversations if c.turns[1].language == language][:_FOLLOW_UPS]
        for language in ("ko", "en")
    }
    total = 2 * sum(len(texts) for texts in asked.values()) + sum(map(len, second.values()))
    done = 0
    timed: dict[str, dict[str, list[dict[str, float]]]] = {}
    for language, texts in asked.items():
        timed[language] = {"first": [], "repeated": [], "follow_up": []}
        for before, turn in second[language]:
            history = [(before.question, assistant.ask(before.question).answer)]
            timed[language]["follow_up"].append(_timed(assistant, turn.question, history))
            done += 1
            progress(done, total)
        for taken in (timed[language]["first"], timed[language]["repeated"]):
            for text in texts:
                taken.append(_timed(assistant, text))
                done += 1
                progress(done, total)
    timed["all"] = {name: timed["ko"][name] + timed["en"][name] for name in timed["ko"]}
    found: dict[str, Any] = {
        group: {name: _stages(taken) for name, taken in runs.items()} for group, runs in timed.items()
    }
    texts = [embedded_text(passage) for passage in all_passages(assistant.snapshot)[:_PASSAGES]]
    began = time.perf_counter()
    embed_texts(assistant.ready.embed_model, texts)
    found["indexing_passages_per_second"] = len(texts) / (time.perf_counter() - began)
    found["cold_search_seconds"] = _cold_search(assistant)
    found["peak_memory_mb"] = machine.peak_memory() / 2**20
    return Stage(found)


def _stages(taken: Sequence[dict[str, float]]) -> dict[str, dict[str, float]]:
    names = dict.fromkeys(stage for seconds in taken for stage in seconds)
    return {
        stage: {
            "p50": percentile([seconds[stage] for seconds in taken if stage in seconds], 50),
            "p95": percentile([seconds[stage] for seconds in taken if stage in seconds], 95),
        }
        for stage in names
    }


def _timed(assistant: Assistant, text: str, history: Sequence[tuple[str, str]] = ()) -> dict[str, float]:
    """Return the seconds of each stage, and to the first visible word."""
    answer, first_word = grown(assistant.stream(text, history))
    return {**answer.seconds, "first_word": first_word}


def _cold_search(assistant: Assistant) -> float:
    """Time `assistant search` as a command of its own."""
    command = [sys.executable, "-m", "assistant", "search", "BERT", "--index", str(assistant.settings.index)]
    began = time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise IndexUnusable(f"assistant search failed: {done.stderr.strip()}")
    return time.perf_counter() - began
