"""Compares the direction of changes: "by 40 %" against "to 40 %", faster against slower.

In: a sentence and its evidence, in Korean or English. Out: whether they contradict each other. Only plain statements
are compared: a text that names both directions of a kind contradicts nothing.
"""

import re

_PERCENT = r"(\d+(?:\.\d+)?)\s?(?:%|％|퍼센트|프로|percent)"
_ABOUT = "(?:about |around |some |over |more than |up to |at most |nearly |another )?"
_WHOLE = "(?:the|its|their|what) (?:original|size|cost|whole|full|dense|teacher|it was|they were)"
_FALLS, _CHANGES = "줄|낮|감소|떨어", "줄|작|빠르|빨라|느리|느려|늘|낮|높|감소|증가|절감|향상|개선|올"
_THAN = "smaller|larger|bigger|faster|slower|less|fewer|more|lower|higher|cheaper"
_LEFT = re.compile(
    rf"\bto {_ABOUT}{_PERCENT}|{_PERCENT} (?:of {_WHOLE}|as (?:much|many|large|big|fast))"
    rf"|원래의 {_PERCENT}|{_PERCENT}\s?(?:로|까지|으로) (?:{_FALLS})|{_PERCENT}\s?만 (?:쓰|남|들)",
    re.IGNORECASE,
)
"""A percentage that remains: "to 40 %", "40 % of the original"."""
_CHANGE = re.compile(
    rf"\bby {_ABOUT}{_PERCENT}|{_PERCENT} (?:{_THAN})\b"
    rf"|(?<!원래의 ){_PERCENT}\s?(?:나|쯤|가량|정도|넘게)?\s?(?:더 )?(?:{_CHANGES})",
    re.IGNORECASE,
)
"""A percentage by which something changes: "by 40 %", "40 % smaller"."""
_WAYS = (
    (r"\b(?:fast(?:er)?|quick(?:er)?|speeds? up|speed-?up)\b|빠르|빨라|빨랐", r"\bslow(?:er|s|ed)?\b|느리|느려|느렸"),
    (
        r"\b(?:increas\w+|rais\w+|grow\w*|gains?|rises?|rose|more)\b"
        r"|늘[어었리린려릴고며다인]|증가|높[이여아]|올[리라려]|더 쓴",
        r"\b(?:reduc\w+|decreas\w+|lower\w*|cuts?|cutting|falls?|fell|shrinks?|saves?|less|fewer)\b"
        r"|줄[어었이인여일고며다]|감소|낮[추춘춰아]|절감",
    ),
    (r"\b(?:larger|bigger|longer)\b|더 [크큰길긴]", r"\b(?:smaller|shorter)\b|더 [작짧]"),
)
"""Kinds of change, each with the words for its two directions."""


def clashes(sentence: str, evidence: str) -> bool:
    """Tell whether the sentence states the opposite direction of its evidence."""
    return _by_for_to(sentence, evidence) or any(
        (_only(up, down, sentence) and _only(down, up, evidence))
        or (_only(down, up, sentence) and _only(up, down, evidence))
        for up, down in _WAYS
    )


def _by_for_to(sentence: str, evidence: str) -> bool:
    said_left, said_change = _figures(_LEFT, sentence), _figures(_CHANGE, sentence)
    left, change = _figures(_LEFT, evidence), _figures(_CHANGE, evidence)
    return bool((said_left - said_change) & (change - left) or (said_change - said_left) & (left - change))


def _figures(pattern: re.Pattern[str], text: str) -> set[float]:
    return {float(group) for match in pattern.finditer(text) for group in match.groups() if group}


def _only(one: str, other: str, text: str) -> bool:
    return bool(re.search(one, text, re.IGNORECASE)) and not re.search(other, text, re.IGNORECASE)
