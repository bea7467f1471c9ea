"""What a passage is packed from."""

import unicodedata

import pytest

from assistant.index.units import estimate_tokens, units
from assistant.text.markdown import parse


def pieces(text: str, target: int = 220) -> list[str]:
    read = parse(text)
    return [text[unit.start : unit.end] for unit in units(read.blocks, text, read.whole, target)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.\n\nThree.", ["One.", "Two.", "Three."]),
        ("- One. Two.\n- Three.", ["- One. Two.", "- Three."]),
        ("| a |\n|---|\n| 1 |\n| 2 |", ["| a |\n|---|\n| 1 |", "| 2 |"]),
        ("| a |\n|---|\n\nend", ["| a |", "end"]),
        ("```\na. b\n\nc\n```", ["```\na. b\n\nc\n```"]),
        ("```\n```", []),
    ],
)
def test_units_are_sentences_items_rows_and_code(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_a_row_names_its_header_unless_it_carries_it() -> None:
    text = "| a |\n|---|\n| 1 |\n| 2 |"
    assert [unit.columns for unit in units(parse(text).blocks, text, (), 220)] == [None, (0, 5)]


def test_a_long_item_is_cut_between_its_sentences() -> None:
    assert pieces("- One is here. Two is there.", target=5) == ["- One is here.", "Two is there."]


def test_decomposed_hangul_counts_as_much_as_composed() -> None:
    text = "녹차는 70도의 물에 우린다."
    assert estimate_tokens(unicodedata.normalize("NFD", text)) == estimate_tokens(text)


def test_a_transcript_without_full_stops_is_cut_into_pieces_that_can_be_read() -> None:
    words = " ".join(f"so we said that word {n} was, you know, fine" for n in range(900))
    found = pieces(words)
    assert " ".join(found) == words
    assert max(map(len, found)) <= 400 and min(map(len, found[:-1])) >= 90
    assert all(piece.endswith(",") for piece in found[:-1])
    assert max(map(len, pieces(words.replace(",", "")))) <= 400


def test_a_sentence_that_ends_within_reach_is_one_piece() -> None:
    sentence = f"{'The dome, which is old, turns slowly and ' * 8}stops."
    assert pieces(sentence) == [sentence]
