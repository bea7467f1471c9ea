"""Says that the notes do not hold the answer: which notes come nearest, and what the question wants that they lack.

In: an answer with the passages that were met. Out: the same answer, abstained.
"""

import re
from collections.abc import Iterable

from assistant.answer import Answer, Did, Question, Step
from assistant.index.store import Snapshot
from assistant.messages.said import LACKS, LACKS_JOIN, NEAREST, NOT_FOUND, UNDERSTOOD, WORDS_ONLY
from assistant.search.wording import all_held, lacking

NEAREST_NOTES = 3
_DICTATED = re.compile(r"^\s*(?:answer|reply|답변?|대답)\s*[:：]", re.IGNORECASE)
"""How a question opens that dictates its answer: it asks nothing, and is not said back."""


def abstained(answer: Answer, question: Question, notes: Snapshot) -> Answer:
    """Return the answer that names the nearest notes and what they lack; web pages are no notes."""
    language, said = answer.language, NOT_FOUND[answer.language]
    if question.foreign:
        said += f" {UNDERSTOOD}"
    own = {note.source for note in notes.notes}
    nearest = list(dict.fromkeys(passage.source for passage in answer.passages if passage.source in own))
    nearest = nearest[:NEAREST_NOTES]
    missing: list[str] = []
    if nearest:
        said += " " + NEAREST[language].format(titles=", ".join(nearest))
    if nearest and not question.foreign and not _DICTATED.match(question.asked):
        held = _terms(nearest, notes)
        missing = lacking(question, held, notes)
        if missing:
            joined = LACKS_JOIN[language].join(f"'{word}'" for word in missing)
            said += ". " + LACKS[language].format(words=joined)
        elif all_held(question.words, held):
            said += ". " + WORDS_ONLY[language]
    best = max((passage.relevance for passage in answer.passages), default=None)
    step = Step(Did.DECLINED, " ".join(missing), len(nearest), best)
    return answer.did(step).with_(answer=said, abstained=True)


def _terms(sources: Iterable[str], notes: Snapshot) -> set[str]:
    """Return the search terms of whole notes, not only of the passages that were met."""
    return {term for source in sources for passage in notes.of(source) for term in passage.terms}
