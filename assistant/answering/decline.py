"""Says that the notes do not hold the answer: which notes come nearest, and what the question wants that they lack.

In: an answer with the passages that were met. Out: the same answer, abstained.
"""

import re
from collections.abc import Iterable

from assistant.answer import Answer, Did, Step
from assistant.index.local import Index
from assistant.messages.said import LACKS, LACKS_JOIN, NEAREST, NOT_FOUND, UNDERSTOOD, WORDS_ONLY
from assistant.search.wording import all_held, lacking
from assistant.text.language import is_foreign
from assistant.text.untrusted import seen

NEAREST_NOTES = 3
_DICTATED = re.compile(r"^\s*(?:answer|reply|답변?|대답)\s*[:：].*", re.IGNORECASE | re.DOTALL)
"""A question that dictates its answer asks nothing."""


def abstained(answer: Answer, index: Index) -> Answer:
    """Return the answer that names the nearest notes and what they lack; web pages are no notes."""
    language, said = answer.language, NOT_FOUND[answer.language]
    foreign = is_foreign(answer.question)
    if foreign:
        said += f" {UNDERSTOOD}"
    own = {passage.metadata["source"] for passage in index.passages}
    nearest = list(dict.fromkeys(passage.source for passage in answer.passages if passage.source in own))
    nearest = nearest[:NEAREST_NOTES]
    missing: list[str] = []
    if nearest:
        said += " " + NEAREST[language].format(titles=", ".join(nearest))
    if nearest and not foreign:
        # An order in the place of a question is not said back.
        question, held = _DICTATED.sub("", seen(answer.question)), _terms(index, nearest)
        missing = lacking(question, held, index.lexicon, index.term_weights)
        if missing:
            joined = LACKS_JOIN[language].join(f"'{word}'" for word in missing)
            said += ". " + LACKS[language].format(words=joined)
        elif all_held(question, held):
            said += ". " + WORDS_ONLY[language]
    best = max((passage.relevance for passage in answer.passages), default=None)
    step = Step(Did.DECLINED, " ".join(missing), len(nearest), best)
    return answer.with_(answer=said, abstained=True, trace=(*answer.trace, step))


def _terms(index: Index, sources: Iterable[str]) -> set[str]:
    """Return the search terms of whole notes, not only of the passages that were met."""
    wanted = set(sources)
    pairs = zip(index.passages, index.terms, strict=True)
    return {term for passage, held in pairs if passage.metadata["source"] in wanted for term in held}
