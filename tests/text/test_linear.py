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
LENGTH = 4_000


def seconds(reader: Callable[[str], object], text: str) -> float:
    best = float("inf")
    for _ in range(2):
        began = time.process_time()
        reader(text)
        best = min(best, time.process_time() - began)
    return best


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: str(reader.__name__))
@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_ten_times_the_length_takes_at_most_fifteen_times_as_long(
    reader: Callable[[str], object], fragment: str
) -> None:
    terms("가")  # the analyser loads once
    short = fragment * (LENGTH // len(fragment))
    # Below some milliseconds only the clock is measured.
    assert seconds(reader, short * 10) <= 15 * max(seconds(reader, short), 0.01)


@pytest.mark.parametrize("fragment", ["- ", "* ", "> ", "- > ", "1. ", " "])
def test_marks_before_a_last_word_are_read_in_linear_time(fragment: str) -> None:
    short = fragment * (LENGTH // len(fragment))
    assert seconds(parse, f"{short * 10}x") <= 15 * max(seconds(parse, f"{short}x"), 0.01)


@pytest.mark.parametrize(
    "text",
    [
        "Kim A. B., " * 3_000,
        "Abcdefg A. B. " * 1_000,
        "# " + " " * 8_000 + "x",
        "[x](" + " " * 10_000,
        "](" + " " * 10_000,
        "```x```\n" * 1_000,
        "```a\n" * 8_000,
        "e.g.\n" * 2_000,
        "- " * 10_000 + "x",
        "".join("  " * depth + "- a\n" for depth in range(400)),
    ],
)
def test_plausible_notes_are_read_at_once(text: str) -> None:
    assert max(seconds(reader, text) for reader in (parse, sentences, names)) < 1
