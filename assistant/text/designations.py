"""Finds designations, names with a digit in them such as A10G or Qwen2.5-7B, and tells whether a text holds them.

In: texts. Out: designations as spelled, or whether one stands in a text in some spelling. One letter makes another
thing of them (A10, A10G), which models of meaning hardly see, so they are compared exactly, like numbers.
"""

import re
from functools import lru_cache

_DESIGNATION = re.compile(r"(?<![a-z0-9#.-])[a-z]+(?:[-.][a-z]+)*-?\d[a-z0-9]*(?:[.-][a-z0-9]+)*", re.IGNORECASE)
_RUN = re.compile(r"[a-z]+|\d+")
_QUARTER = re.compile(r"q[1-4]")
"""The quarters of a year are numbers, and written so in Korean."""
_NUMERONYM = re.compile(r"([a-z])(\d{1,2})([a-z])")
"""k8s, i18n: a word's first and last letter, and how many stand between."""


def designations(text: str) -> list[str]:
    """Return the designations of a text as spelled, in order, each once."""
    return [one for one in dict.fromkeys(_DESIGNATION.findall(text)) if not _QUARTER.fullmatch(one.lower())]


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
