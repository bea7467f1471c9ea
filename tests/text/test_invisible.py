"""Characters that print nothing."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.text.blocks import without
from assistant.text.invisible import plain, unprinted


def test_a_question_loses_only_what_has_no_shape() -> None:
    assert plain("\u202e녹차\u200b는\x00 몇\ud800 도?\n🙂") == "녹차는 몇 도?\n🙂"


@given(st.text())
def test_nothing_that_prints_nothing_is_left(text: str) -> None:
    left = without(text, unprinted(text))
    assert plain(left) == left
    assert [char for char in left if char.isspace()] == [char for char in text if char.isspace()]


def test_a_terminals_escapes_go_whole() -> None:
    text = "\x1b[31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ [31m"
    assert without(text, unprinted(text)) == "red link [31m"
