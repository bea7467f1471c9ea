"""Turns a follow-up into a question of its own: "그럼 40GB에선?" becomes one that names what it is about.

In: a question, the turns before it and the weight of each search term. Out: the question to search for, the question
itself where it stands alone or begins a new topic. Deterministic, no language model; only the last turns count.
"""

import re
from collections.abc import Callable, Sequence

from assistant.text.claims import names
from assistant.text.language import terms

Turn = tuple[str, str]
"""A question and the answer that it got."""
BOUND = 4
"""Turns that are looked back on."""
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
"""A question with at most so many words of its own, and no name, asks about what was asked before."""
_TELLING = 0.8
"""A word names a topic if it weighs at least this share of the heaviest word of the questions before."""


def standalone(question: str, history: Sequence[Turn], weight: Callable[[str], float]) -> str:
    """Return the question in a form that stands alone; `weight` is a term's inverse frequency in the notes."""
    past = [asked for asked, _ in history[-BOUND:]]
    if not past or not _follows(question, past, weight):
        return question
    own = names(question)
    rest = [word for word in terms(_OPENING.sub("", question)) if word not in {t for n in own for t in terms(n)}]
    earlier = _topic(past, history, weight)
    if len(rest) <= _SHORT and (own or re.search(r"\d", question)):
        # "and for phi-2?" asks the same of something else: the whole question before says what.
        return f"{past[-1]} {question}"
    return f"{earlier}: {question}" if earlier else f"{past[-1]} {question}"


def _follows(question: str, past: Sequence[str], weight: Callable[[str], float]) -> bool:
    if named := names(question):
        pointer = _POINTS_BACK.search(_OPENING.sub("", question))
        if pointer and pointer.start() < _OPENING.sub("", question).index(named[0]):
            return True  # what points back before anything is named points out of the question
        short = len(terms(_OPENING.sub("", question))) <= _SHORT + len(names(question))
        return bool(_OPENING.match(question)) and short or _only_names(question)
    if _POINTS_BACK.search(question.strip()):
        return True
    own = terms(question)
    heaviest = max((weight(word) for asked in past for word in terms(asked)), default=0.0)
    return len(own) <= _SHORT + 1 and all(weight(word) < _TELLING * heaviest for word in own)


def _only_names(question: str) -> bool:
    named = {term for name in names(question) for term in terms(name)}
    return not set(terms(question)) - named


def _topic(past: Sequence[str], history: Sequence[Turn], weight: Callable[[str], float]) -> str:
    """Return what the last question that named something was about: its names, else its heaviest words."""
    for asked, answered in reversed(list(zip(past, (answer for _, answer in history[-BOUND:]), strict=True))):
        if found := names(asked):
            return " ".join(dict.fromkeys(found))
        if not _POINTS_BACK.search(asked):
            return _heaviest(asked, weight)
        if found := names(answered)[:1]:
            return found[0]
    return ""


def _heaviest(asked: str, weight: Callable[[str], float]) -> str:
    """Return the words of a question that hold its three most telling terms."""
    found = terms(asked)
    telling = set(sorted(dict.fromkeys(found), key=lambda word: -weight(word))[:3])
    said = [word for word in re.findall(r"[\w.-]+", asked) if set(terms(word)) & telling]
    return " ".join(said)
