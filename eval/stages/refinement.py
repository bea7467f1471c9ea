"""What refinement keeps and drops: the gold spans that were found must survive, the rest of the text should not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant import Assistant
from assistant.answer import Action, Strip
from assistant.models.language_model import evidence_tokens
from assistant.search.evidence import refine
from assistant.search.question import embedded, read
from eval.measures.stats import interval
from eval.questions.dataset import Question
from eval.report.run import Stage


@dataclass(frozen=True)
class Refined:
    """One question: the share of its found gold pieces that survive (nan if none was found), and of text dropped."""

    id: str
    language: str
    kept: float
    dropped: float


def measure(assistant: Assistant, questions: Sequence[Question], progress: Callable[[int, int], None]) -> Stage:
    """Refine what retrieval found for each answerable question that the relevance check lets through."""
    asked = [question for question in questions if question.answerable and not question.history]
    refined = []
    for done, question in enumerate(asked, start=1):
        graded, decided = assistant.judge(question.question)
        progress(done, len(asked))
        if decided.action is Action.INCORRECT:
            continue
        ready = assistant.ready
        asked_for = embedded(read(question.question), ready.embed_model)
        strips = refine(asked_for, graded, ready.grader, evidence_tokens(ready.settings), ready.embed_model)
        texts = [item.passage.text for item in graded]
        found = [piece for piece in question.gold if any(span.quote in text for span in piece for text in texts)]
        survived = [piece for piece in found if any(_holds(strips, span.note, span.quote) for span in piece)]
        kept = len(survived) / len(found) if found else float("nan")
        dropped = 1 - sum(len(strip.text) for strip in strips) / sum(len(text) for text in texts)
        refined.append(Refined(question.id, question.language.value, kept, dropped))
    cases = {name: {item.id: getattr(item, name) for item in refined} for name in ("kept", "dropped")}
    return Stage({name: _summary(items) for name, items in _by_language(refined).items()}, cases)


def _holds(strips: Sequence[Strip], note: str, quote: str) -> bool:
    """Tell whether most of the quote stands in one strip: a strip may end a few characters early, at its full stop."""
    half = len(quote) // 2
    return any(
        strip.source == note and (quote in strip.text or quote[:half] in strip.text or quote[half:] in strip.text)
        for strip in strips
    )


def _by_language(refined: Sequence[Refined]) -> dict[str, list[Refined]]:
    return {
        "all": list(refined),
        "ko": [item for item in refined if item.language == "ko"],
        "en": [item for item in refined if item.language == "en"],
    }


def _summary(items: Sequence[Refined]) -> dict[str, Any]:
    return {
        "questions": len(items),
        "gold_kept": interval([item.kept for item in items]),
        "text_dropped": interval([item.dropped for item in items]),
    }
