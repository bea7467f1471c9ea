"""Conversations: whether a follow-up finds what it asks for, with the turns before it and without them.

`eval/data/conversations.jsonl` holds one conversation a line: turns with gold spans and facts, as the questions have.
The history that a turn sees is what the assistant itself answered.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import Answer, Assistant
from assistant.errors import SettingsError
from assistant.text.language import Language
from eval.measures.metrics import facts_present
from eval.measures.stats import interval
from eval.questions.dataset import SPLITS, Question, Span
from eval.report.run import Stage

FILE = Path(__file__).parent.parent / "data" / "conversations.jsonl"
FIRST = 5
"""Passages among which a turn's gold has to be."""


@dataclass(frozen=True)
class Conversation:
    """Two to four turns that follow each other; the first stands alone."""

    id: str
    split: str
    turns: tuple[Question, ...]


def read_conversations(split: str = "all") -> list[Conversation]:
    """Return the conversations of a split (`dev`, `test` or `all`); raise SettingsError naming a damaged line."""
    found = []
    with FILE.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                item = json.loads(line)
                turns = tuple(_turn(item, place, turn) for place, turn in enumerate(item["turns"], start=1))
                found.append(Conversation(item["id"], item["split"], turns))
            except (ValueError, KeyError, TypeError) as error:
                raise SettingsError(f"line {number} of {FILE} is not a conversation: {error!r}") from error
    return [conversation for conversation in found if split in ("all", conversation.split)]


def _turn(item: dict[str, str], place: int, turn: dict[str, object]) -> Question:
    gold, facts = turn["gold"], turn["facts"]
    assert isinstance(gold, list) and isinstance(facts, list)
    return Question(
        id=f"{item['id']}.{place}",
        split=item["split"],
        system="",
        language=Language(str(turn["language"])),
        question=str(turn["question"]),
        kind="turn",
        answerable=bool(turn["answerable"]),
        gold=tuple(tuple(Span(span["note"], span["quote"]) for span in piece) for piece in gold),
        facts=tuple(tuple(fact) for fact in facts),
    )


def problems(conversations: Sequence[Conversation], notes: Path) -> list[str]:
    """Return what is wrong with the conversations, one line each."""
    texts = {path.relative_to(notes).as_posix(): path.read_text(encoding="utf-8") for path in notes.rglob("*.md")}
    found = []
    for item in conversations:
        if not 2 <= len(item.turns) <= 4 or item.split not in SPLITS:
            found.append(f"{item.id}: two to four turns, in dev or test")
        for turn in item.turns:
            spans = [span for piece in turn.gold for span in piece]
            found += [f"{turn.id}: no such words in {s.note}" for s in spans if s.quote not in texts.get(s.note, "")]
            if turn.answerable != bool(turn.gold) or turn.answerable != bool(turn.facts):
                found.append(f"{turn.id}: answerable turns have gold and facts, others have neither")
            sources = " ".join(texts.get(span.note, "") for span in spans)
            if turn.facts and facts_present(sources, turn.facts) < 1:
                found.append(f"{turn.id}: the gold's notes do not hold every fact")
    ids = [item.id for item in conversations]
    return found + [f"{id}: not unique" for id in sorted(set(ids)) if ids.count(id) > 1]


def measure(assistant: Assistant, conversations: Sequence[Conversation], progress: Callable[[int, int], None]) -> Stage:
    """Hold each conversation, and ask each later turn alone besides; figures are of the later turns."""
    cases: dict[str, dict[str, float]] = {name: {} for name in _FIGURES}
    languages: dict[str, Language] = {}
    for done, conversation in enumerate(conversations, start=1):
        history: list[tuple[str, str]] = []
        for place, turn in enumerate(conversation.turns):
            answer = assistant.ask(turn.question, history)
            if place:
                languages[turn.id] = turn.language
                for name, value in _marks(turn, answer, assistant.ask(turn.question)).items():
                    cases[name][turn.id] = value
            history.append((turn.question, answer.answer))
        progress(done, len(conversations))
    groups = {"all": set(languages)} | {
        language.value: {id for id, spoken in languages.items() if spoken is language} for language in Language
    }
    figures = {
        group: {"turns": len(ids), **{name: interval([cases[name][id] for id in ids]) for name in _FIGURES}}
        for group, ids in groups.items()
    }
    return Stage(figures, cases)


_FIGURES = ("found", "found_alone", "facts", "facts_alone", "declined_unanswerable")


def _marks(turn: Question, answer: Answer, alone: Answer) -> dict[str, float]:
    missing = float("nan")
    if not turn.answerable:
        return dict.fromkeys(_FIGURES, missing) | {"declined_unanswerable": float(answer.abstained)}
    return {
        "found": _found(turn, answer),
        "found_alone": _found(turn, alone),
        "facts": 0.0 if answer.abstained else facts_present(answer.answer, turn.facts),
        "facts_alone": 0.0 if alone.abstained else facts_present(alone.answer, turn.facts),
        "declined_unanswerable": missing,
    }


def _found(turn: Question, answer: Answer) -> float:
    """Return the share of the turn's pieces of gold that stand in one of the first passages."""
    first = answer.passages[:FIRST]
    held = [any(p.source == s.note and s.quote in p.text for s in piece for p in first) for piece in turn.gold]
    return sum(held) / len(held)
