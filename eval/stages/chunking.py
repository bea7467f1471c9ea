"""How well notes are cut: whether gold spans are kept whole, and how large passages are."""

from collections.abc import Sequence
from typing import Any

from assistant.index.cut import estimate_tokens

from assistant.index.store import Snapshot
from eval.measures.stats import percentile
from eval.questions.dataset import Question, all_passages
from eval.report.run import Stage


def measure(questions: Sequence[Question], notes: Snapshot) -> Stage:
    """Return the share of gold spans that stand whole in one passage, and the passages' sizes in estimated tokens."""
    texts: dict[str, list[str]] = {}
    passages = all_passages(notes)
    for passage in passages:
        texts.setdefault(passage.source, []).append(passage.text)
    found: dict[str, Any] = {}
    for group in ("all", "ko", "en"):
        some = [question for question in questions if group in ("all", question.language.value)]
        spans = {span for question in some for piece in question.gold for span in piece}
        whole = sum(any(span.quote in text for text in texts.get(span.note, ())) for span in spans)
        found[group] = {"spans": len(spans), "whole": whole / len(spans) if spans else float("nan")}
    sizes = [estimate_tokens(passage.text) for passage in passages]
    found["passages"] = len(sizes)
    found["tokens"] = {f"p{q}": percentile(sizes, q) for q in (5, 50, 95)}
    return Stage(found)
