"""What was done for an answer, step by step: the values of its trace."""

from dataclasses import dataclass
from enum import StrEnum


class Did(StrEnum):
    """The kind of a step in the trace."""

    FOLLOWED = "followed"  # a follow-up became a question of its own
    SEARCHED = "searched"
    REWROTE = "rewrote"  # the question by its key terms
    CROSSED = "crossed"  # the question in the other language
    WIDENED = "widened"
    ASKED_WEB = "asked web"
    REFINED = "refined"
    WROTE = "wrote"
    REPAIRED = "repaired"  # a citation
    DOUBTED = "doubted"
    DROPPED = "dropped"
    MISSED = "missed"
    DECLINED = "declined"


@dataclass(frozen=True)
class Step:
    """One step of the trace: its kind, the words it worked on, the number of results, and the best grade in [-1, 1]."""

    did: Did
    text: str
    count: int = 0
    best: float | None = None
