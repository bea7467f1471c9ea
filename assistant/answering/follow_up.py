"""Turns a follow-up such as "그럼 40GB에선?" into a question that names its topic.

In: a question with earlier turns, and the weight of each search term. Out: the question to search for; the same
question if it stands alone or begins a new topic. Deterministic, without a language model; only the last `BOUND` turns
count.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from assistant.answer import Question
from assistant.answering.plan import follows_nothing
from assistant.messages.said import COLLECTION, COLLECTION_IN, TALK
from assistant.models.embedding import Embedder
from assistant.search.question import embedded, read, reworded
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
_NO_TOPIC = tuple(
    re.compile(re.escape(text).replace(r"\{count\}", r"\d+").replace(r"\{folder\}", r"[^\n]+"))
    for text in (*TALK.values(), *COLLECTION.values(), *COLLECTION_IN.values())
)
"""How answers to small talk, and to what notes there are, begin: they are no topic."""
_BARE = re.compile(r"[^\s?？]+(?:는|은|도)(?:요)?\s*[?？]?")
"""A single Korean word with the mark of a topic."""
_ASKS = re.compile(
    r"뭐|뭔|무엇|무슨|누가|누구|언제|어디|어느|어떤|어떻|왜|얼마|몇|\b(?:what|who|whose|when|where|which|why|how)\b",
    re.IGNORECASE,
)
_SHORT = 2
"""A question with at most this many terms besides names is short: it may take its topic from earlier questions."""
_TELLING = 0.8
"""A term names a topic if its weight is at least this share of the highest weight in the earlier questions."""


class Past(NamedTuple):
    """An earlier turn: its question, which stands alone, its answer, and what the next one may ask of another thing."""

    question: Question
    answer: str
    repeated: Question


def followed(question: Question, weight: Weight, embed_model: Embedder, embedding: str) -> Question:
    """Return the question in a form that stands alone, with its vector by the model that `embedding` names.

    A greeting, and a question about which notes there are, follow nothing unless they say so.
    """
    typed = embedded(question, embed_model)
    says_so = _POINTS_BACK.search(question.text.strip())
    if not question.history or (follows_nothing(typed, embedding) and not says_so):
        return typed
    turned = standalone(question, weight)
    return typed if turned is question else embedded(turned, embed_model)


def standalone(question: Question, weight: Weight) -> Question:
    """Return the question in a form that stands alone; `weight` gives a term's inverse document frequency.

    Earlier follow-ups are turned first, so that what they left unsaid is carried on.
    """
    past: list[Past] = []
    for asked, answer in question.history[-BOUND:]:
        if not any(said.match(answer) for said in _NO_TOPIC):
            turned, repeated = _turned(read(asked), past, weight)
            past.append(Past(turned, answer, repeated))
    return _turned(question, past, weight)[0]


def _turned(question: Question, past: Sequence[Past], weight: Weight) -> tuple[Question, Question]:
    """Return the question in a form that stands alone, and what the next one may ask of another thing."""
    if not past or not _follows(question, past, weight):
        return question, question
    earlier, last = _topic(question, past, weight), past[-1].repeated
    if not (_names_another(question, past, weight) or not earlier):
        turned = reworded(question, f"{earlier}: {_opened(question)}")
        return turned, turned
    old, new = list(dict.fromkeys(last.titles)), list(dict.fromkeys(question.titles))
    if len(old) == len(new) == 1 and not _ASKS.search(_opened(question)):
        turned = reworded(question, last.text.replace(old[0], new[0]))
        return turned, turned
    return reworded(question, f"{last.text} {_opened(question)}"), last


def _names_another(question: Question, past: Sequence[Past], weight: Weight) -> bool:
    """Tell whether little more than another thing is named ("and for phi-2?", 로버타는?), and nothing points back."""
    opened = _opened(question)
    if _POINTS_BACK.search(opened):
        return False
    named = {term for title in question.titles for term in terms(title)}
    rest = [term for term in terms(opened) if term not in named]
    thing = _BARE.fullmatch(opened) and not _light(question, past, weight)
    another = question.titles or re.search(r"\d", question.text) or thing
    return len(rest) <= _SHORT and bool(another)


def _follows(question: Question, past: Sequence[Past], weight: Weight) -> bool:
    if question.titles:
        opened = _opened(question)
        pointer = _POINTS_BACK.search(opened)
        if pointer and pointer.start() < opened.index(question.titles[0]):
            return True  # a pronoun before any name refers to an earlier question
        short = len(terms(opened)) <= _SHORT + len(question.titles)
        return opened != question.text and short or _only_names(question)
    if _POINTS_BACK.search(question.text.strip()) or _BARE.fullmatch(question.text.strip()):
        return True
    return len(question.terms) <= _SHORT + 1 and _light(question, past, weight)


def _light(question: Question, past: Sequence[Past], weight: Weight) -> bool:
    """Tell whether no term of the question names a topic."""
    heaviest = max((weight(term) for before in past for term in before.question.terms), default=0.0)
    return all(weight(term) < _TELLING * heaviest for term in question.terms)


def _opened(question: Question) -> str:
    """Return the question without an opening connective ("and", 그럼)."""
    return _OPENING.sub("", question.text)


def _only_names(question: Question) -> bool:
    named = {term for title in question.titles for term in terms(title)}
    return not (set(question.terms) - named or _ASKS.search(question.text))


def _topic(question: Question, past: Sequence[Past], weight: Weight) -> str:
    """Return the topic of the earlier turns: names from the last question that has any, else its weightiest words.

    Where a question only points back ("what about it?"), the first name of its answer is the topic.
    """
    for before, answer, _ in reversed(past):
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
