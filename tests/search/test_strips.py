"""A passage → strips: whole sentences, short ones joined, with exact offsets and what is hidden in them."""

import pytest
from memory_snapshot import passage

from assistant.index.passages import passages
from assistant.notes.formats import read
from assistant.search.strips import cut, of_sentences, whole

LONG = "The starter is fed every 12 hours with rye flour."


def test_short_sentences_join_their_neighbour() -> None:
    text = f"녹차. 70도. {LONG} {LONG}"
    assert [strip.text for strip in cut(passage(text, start=40))] == [f"녹차. 70도. {LONG}", LONG]


def test_a_row_stands_alone_however_short_it_is() -> None:
    text = "| Valve | 12 |\n| 펌프 | 90 |\nDone."
    starts = [0, text.index("| 펌프"), text.index("Done")]
    spans = tuple((start, start + len(text[start:].split("\n")[0])) for start in starts)
    assert [strip.text for strip in cut(passage(text, sentences=spans))] == text.split("\n")


def test_offsets_count_in_the_note() -> None:
    note = f"# Bread\n\n{LONG} {LONG}"
    for strip in cut(passage(note[9:], start=9)):
        assert note[strip.start : strip.end] == strip.text


def test_what_is_hidden_in_a_strip_is_told_by_its_own_offsets() -> None:
    text = f"{LONG} Bake it at 250 degrees <!-- 999 --> for an hour."
    at = text.index("<")
    made = passage(text, hidden=((at, at + 12),), sentences=((0, len(LONG)), (len(LONG) + 1, len(text))))
    first, second = cut(made)
    assert first.hidden == () and second.shown == "Bake it at 250 degrees  for an hour."
    assert whole(made).shown == text.replace("<!-- 999 -->", "")


def test_what_nobody_sees_is_no_strip() -> None:
    text = f"{LONG} <!-- Bake it at 999 degrees. -->"
    at = text.index("<")
    made = passage(text, hidden=((at, len(text)),), sentences=((0, len(LONG)), (at, len(text))))
    assert [strip.text for strip in cut(made)] == [LONG]


TABLE = "Prices.\n\n| Bread | Price |\n|---|---|\n| Rye | 4 |\n| 호밀 | 5 |\n\nDone."


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        (TABLE, {"| Rye | 4 |": "Bread | Price", "| 호밀 | 5 |": "Bread | Price", "Prices.": "", "Done.": ""}),
        ("| a | b |\n|---|---|\n| 1 | 2 |", {"| 1 | 2 |": "a | b"}),
    ],
)
def test_a_row_carries_the_header_of_its_table(text: str, columns: dict[str, str]) -> None:
    strips = [strip for passage in passages(read(text.encode(), "a.md")) for strip in of_sentences(passage)]
    assert {strip.text: strip.columns for strip in strips} == columns


def test_of_a_table_without_a_header_no_row_names_the_columns() -> None:
    page = "".join(
        f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in (("rye", "four 4"), ("호밀", "five 5"), ("oat", "6"))
    )
    (passage,) = passages(read(f"<html><body><p>x y</p><table>{page}</table></body></html>".encode(), "a.html"))
    rows = [strip for strip in of_sentences(passage) if strip.text.startswith("|")]
    assert rows and {strip.columns for strip in rows} <= {"", "rye | four 4"}


def test_a_row_far_below_has_the_header_of_its_table() -> None:
    rows = "\n".join(f"| loaf number {n} of the long list of loaves | {n} |" for n in range(200))
    document = read(f"| Bread | Price |\n|---|---|\n{rows}\n".encode(), "a.md")
    strips = [strip for passage in passages(document) for strip in of_sentences(passage)]
    assert len(strips) == 200 and {strip.columns for strip in strips} == {"Bread | Price"}
