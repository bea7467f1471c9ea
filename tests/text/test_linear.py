"""Reading takes time in proportion to the length, whatever stands there."""

import time
from collections.abc import Callable

import pytest

from assistant.text.language import detect, is_foreign
from assistant.text.markdown import parse
from assistant.text.sentences import sentences
from assistant.text.terms import names, terms

FRAGMENTS = [
    "Kim A. B., ",
    "Abcdefg A. B. ",
    "[x](",
    "](",
    "[",
    "]",
    "![",
    "[[",
    "[a](b ",
    '[a](b "',
    "[a][",
    "[^",
    "`",
    "``a`",
]
FRAGMENTS += ["<!-- ", "<a ", "<a b='", "<?", "<![CDATA[", "<div>\n\n", "<div hidden>", "</span>", "<b hidden>\n\n"]
FRAGMENTS += [
    "```a\n",
    "```x```\n",
    "$",
    "$a ",
    "$$a\n",
    "$$\n\n",
    "e.g.\n",
    "# ",
    " ",
    "> ",
    "- ",
    "- a\n",
    "a|b\n",
    "|a",
]
FRAGMENTS += [
    "[a]: b\n",
    "[^a]: b\n",
    "%%",
    "%% a\n",
    "\\",
    "*",
    "**a",
    '"a. ',
    ".",
    "!?",
    "다. ",
    "가A",
    "가",
    "a-",
    "A1",
]
FRAGMENTS += [
    "1,",
    "\u0301\u0316",
    "ᄀ",
    "\u202e",
    "\x1b]",
    "\\begin{a}\n",
    "a\n===\n",
    "2024. 3. ",
    "x #a/",
    "(... ) ",
]
READERS = [parse, sentences, terms, names, detect, is_foreign]
LENGTH = 2_000


def seconds(reader: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    reader(text)
    return time.process_time() - began


def grows_evenly(reader: Callable[[str], object], text: Callable[[int], str]) -> bool:
    """Tell whether a text of ten times the length takes at most fifteen times as long; it is measured up to thrice."""
    # Below some milliseconds only the clock is measured.
    return any(seconds(reader, text(10 * LENGTH)) <= 15 * max(seconds(reader, text(LENGTH)), 0.01) for _ in range(3))


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: str(reader.__name__))
@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_ten_times_the_length_takes_at_most_fifteen_times_as_long(
    reader: Callable[[str], object], fragment: str
) -> None:
    terms("가")  # the analyser loads once
    assert grows_evenly(reader, lambda length: fragment * (length // len(fragment)))


@pytest.mark.parametrize("fragment", ["- ", "* ", "> ", "- > ", "1. ", " "])
def test_marks_before_a_last_word_are_read_in_linear_time(fragment: str) -> None:
    assert grows_evenly(parse, lambda length: f"{fragment * (length // len(fragment))}x")


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: str(reader.__name__))
@pytest.mark.parametrize(("before", "after"), [("# ", "x"), ("[x](", ""), ("", "x"), ("a", "\n===")])
def test_a_long_gap_takes_no_longer(reader: Callable[[str], object], before: str, after: str) -> None:
    assert grows_evenly(reader, lambda length: before + " " * length + after)
