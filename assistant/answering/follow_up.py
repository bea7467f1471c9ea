"""Turns a follow-up such as "그럼 40GB에선?" into a question that names its topic.

In: a question with earlier turns, and the weight of each search term. Out: the question to search for; the same
question if it stands alone or begins a new topic. Deterministic, without a language model; only the last `BOUND` turns
count.
"""

import re
from collections.abc import Callable

from assistant.answer import Question
from assistant.search.question import read, reworded
from assistant.text.claims import names
from assistant.text.terms import terms

Weight = Callable[[str], float]
BOUND = 4
"""Earlier turns that are considered."""
_POINTS_BACK = re.compile(
    r"^(?:그럼|그러면|그렇다면|그런데|근데|그리고|그래서|또"
    r"|and\b|so\b|then\b|but\b|what about\b|how about\b|or\b)"
    r"|(?<![가-힣])(?:그건|그거|그게|그것|그걸|그중|그 중|거기|그때|이건|이거|이게|이것|걔|그쪽|둘 중|둘 다|얘|그분|그)"
    r"(?=[가-힣]{0,2}(?:\s|$|[?.,]))"
    r"|(?<![가-힣])(?:첫|두|세|첫째|둘째|나머지)\s?(?:번째|째|것|거)?(?:는|은|거|건|것|가|에선)"
    r"|\b(?:it|its|they|them|their|those|these|that (?:one|model|method|paper|number|post|stage)|this (?:one|model)"
    r"|the (?:second|first|third|last|other|former|latter|rest|others)(?: one| half| part| stage)?|that)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:그럼|그러면|그렇다면|그런데|근데|그리고|그래서|and|so|then|but|what about|how about|or)\b[\s,]*",
    re.IGNORECASE,
)
_SHORT = 2
"""A question with at most this many terms besides names is short: it may take its topic from earlier questions."""
_TELLING = 0.8
"""A term names a topic if its weight is at least this share of the highest weight in the earlier questions."""


def standalone(question: Question, weight: Weight) -> Question:
    """Return the question in a form that stands alone; `weight` gives a term's inverse document frequency."""
    past = [read(asked) for asked, _ in question.history[-BOUND:]]
    if not past or not _follows(question, past, weight):
        return question
    named = {term for title in question.titles for term in terms(title)}
    rest = [term for term in terms(_opened(question)) if term not in named]
    earlier = _topic(question, past, weight)
    if len(rest) <= _SHORT and (question.titles or re.search(r"\d", question.text)) or not earlier:
        # "and for phi-2?" asks the previous question about something else, so that question is repeated whole.
        return reworded(question, f"{past[-1].text} {question.text}")
    return reworded(question, f"{earlier}: {question.text}")


def _follows(question: Question, past: list[Question], weight: Weight) -> bool:
    if question.titles:
        opened = _opened(question)
        pointer = _POINTS_BACK.search(opened)
        if pointer and pointer.start() < opened.index(question.titles[0]):
            return True  # a pronoun before any name refers to an earlier question
        short = len(terms(opened)) <= _SHORT + len(question.titles)
        return opened != question.text and short or _only_names(question)
    if _POINTS_BACK.search(question.text.strip()):
        return True
    heaviest = max((weight(term) for before in past for term in before.terms), default=0.0)
    own = question.terms
    return len(own) <= _SHORT + 1 and all(weight(term) < _TELLING * heaviest for term in own)


def _opened(question: Question) -> str:
    """Return the question without an opening connective ("and", 그럼)."""
    return _OPENING.sub("", question.text)


def _only_names(question: Question) -> bool:
    return not set(question.terms) - {term for title in question.titles for term in terms(title)}


def _topic(question: Question, past: list[Question], weight: Weight) -> str:
    """Return the topic of the earlier turns: names from the last question that has any, else its weightiest words.

    Where a question only points back ("what about it?"), the first name of its answer is the topic.
    """
    answered = [answer for _, answer in question.history[-BOUND:]]
    for before, answer in zip(reversed(past), reversed(answered), strict=True):
        if before.titles:
            return " ".join(dict.fromkeys(before.titles))
        if not _POINTS_BACK.search(before.text):
            return _heaviest(before, weight)
        if named := names(answer)[:1]:
            return named[0]
    return ""


def _heaviest(question: Question, weight: Weight) -> str:
    """Return the words of a question that contain its three terms with the highest weights."""
    telling = set(sorted(dict.fromkeys(question.terms), key=lambda term: -weight(term))[:3])
    return " ".join(word for word in re.findall(r"[\w.-]+", question.text) if set(terms(word)) & telling)
