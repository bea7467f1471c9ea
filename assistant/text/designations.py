"""Finds designations, names with a digit in them such as A10G or Qwen2.5-7B, and tells whether a text holds them.

In: texts. Out: designations as spelled, or whether one stands in a text in some spelling. One letter makes another
thing of them (A10, A10G), which models of meaning hardly see, so they are compared exactly, like numbers.
"""

import re
from functools import lru_cache

from assistant.text.terms import terms

_DESIGNATION = re.compile(r"(?<![a-z0-9#.-])[a-z]+(?:[-.][a-z]+)*-?\d[a-z0-9]*(?:[.-][a-z0-9]+)*", re.IGNORECASE)
_SPACED = re.compile(
    r"(?<![A-Za-z0-9#.-])(?P<name>(?=[A-Za-z]*[A-Z])[A-Za-z]+(?:[-.][A-Za-z]+)*) (?P<number>\d{1,3}(?:\.\d+)?[A-Za-z]?)"
    r"(?: (?P<size>\d+(?:\.\d+)?[BMK]))?(?![A-Za-z0-9]|[.,]\d)"
)
"""Gemma 2 9B, MoCA 3.0: a name with a capital letter, its number, and maybe its size."""
_COUNTED = frozenset(
    "top day act page part step week table chapter figure section january february march april may june july august "
    "september october november december".split()
)
"""What a number stands behind in a date or a place of a text."""
_RUN = re.compile(r"[a-z]+|\d+")
_QUARTER = re.compile(r"q[1-4]")
"""The quarters of a year are numbers, and written so in Korean."""
_NUMERONYM = re.compile(r"([a-z])(\d{1,2})([a-z])")
"""k8s, i18n: a word's first and last letter, and how many stand between."""


def designations(text: str) -> list[str]:
    """Return the designations of a text as spelled, each once."""
    found = _DESIGNATION.findall(text)
    for spaced in _SPACED.finditer(text):
        name = spaced["name"].lower()
        if name not in _COUNTED and terms(name):  # "Are 3 …" names nothing
            found += [f"{spaced['name']} {spaced['number']}", *filter(None, [spaced["size"]])]
    return [one for one in dict.fromkeys(found) if not _QUARTER.fullmatch(one.lower())]


def holds(text: str, designation: str) -> bool:
    """Tell whether the text holds the designation: in any case, with a space, hyphen, point or nothing between parts.

    The v of a version may be missing. A text that only holds a longer or shorter one (A10G, A10) does not hold it.
    """
    return bool(_spellings(designation.lower()).search(text))


def lacked(text: str, sentence: str) -> bool:
    """Tell whether the sentence has a designation that the text does not hold."""
    return not all(holds(text, one) for one in designations(sentence))


@lru_cache(maxsize=1_000)
def _spellings(designation: str) -> re.Pattern[str]:
    runs, plural = _RUN.findall(designation), "(?-i:s)?"  # two S24s, but no L40S
    if runs[-1] == "s":  # gpt2s and l40s may be meant as plurals, or not
        runs, plural = runs[:-1], "s?"
    pattern = "v?" if runs[0] == "v" else runs[0]
    for before, run in zip(runs, runs[1:], strict=False):
        between = r"[\s_.-]" if before.isdigit() and run.isdigit() else r"[\s_.-]?"
        pattern += between + run
    if short := _NUMERONYM.fullmatch(designation):
        first, count, last = short.groups()
        pattern = rf"(?:{pattern}|{first}[a-z]{{{count}}}{last})"
    return re.compile(rf"(?<![a-z0-9]){pattern}{plural}(?![a-z0-9])", re.IGNORECASE)
