"""A passage → strips: whole sentences, short ones joined, with exact offsets and what is hidden in them."""

from memory_snapshot import passage

from assistant.search.strips import cut, whole

LONG = "The starter is fed every 12 hours with rye flour."


def test_short_sentences_join_their_neighbour() -> None:
    text = f"녹차. 70도. {LONG} {LONG}"
    assert [strip.text for strip in cut(passage(text, start=40))] == [f"녹차. 70도. {LONG}", LONG]


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
