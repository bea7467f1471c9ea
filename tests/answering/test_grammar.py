"""The grammar names the marks and numbers that may be written, and the letters of the language."""

from assistant.answer import Strip
from assistant.answering.grammar import grammar
from assistant.messages.said import NOT_FOUND
from assistant.search.question import read
from assistant.text.language import Language

STRIPS = [
    Strip("a.md", "차", "", "", "녹차는 70도의 물에 2분 동안 우린다.", 0, 20, 0.5, 1),
    Strip("b.md", "Bread", "", "", "Bake at 1,250 degrees.", 0, 20, 0.5, 3),
]


def test_only_known_marks_and_numbers_can_be_written() -> None:
    rules = grammar(read("40분이면?"), Language.KO, STRIPS)
    assert 'mark ::= "1" | "3"' in rules
    assert 'number ::= "1,250" | "40" | "70" | "2"' in rules
    assert f'root ::= "{NOT_FOUND[Language.KO]}" | said' in rules
    assert NOT_FOUND[Language.KO] not in grammar(read("40분이면?"), Language.KO, STRIPS, may_decline=False)


def test_an_english_answer_holds_no_hangul_and_a_korean_one_ends_in_it() -> None:
    assert r"\uac00-\ud7a3" in grammar(read("q"), Language.EN, STRIPS).split("letter ::= ")[1].split("\n")[0]
    assert r"\uac00-\ud7a3" in grammar(read("q"), Language.KO, STRIPS).split("end ::= ")[1].split("\n")[0]


def test_a_dot_inside_a_sentence_stands_within_a_word() -> None:
    units = grammar(read("q"), Language.EN, STRIPS).split("unit ::= ")[1].split("\n")[0].split(" | ")
    assert [unit for unit in units if '"."' in unit] == ['[A-Za-z] "." [a-z]']


def test_without_strips_there_is_still_a_grammar() -> None:
    rules = grammar(read("?"), Language.EN, [])
    assert 'number ::= "0"' in rules and 'mark ::= "0"' in rules
