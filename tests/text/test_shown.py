"""Short texts as a reader sees them, and as a prompt may hold them."""

import pytest

from assistant.text.shown import blanked, inert, seen, turnless


def test_what_is_hidden_is_cut_out_or_blanked() -> None:
    text = "70<!-- 99 --> degrees [a](b)"
    assert seen(text) == "70 degrees [a]"
    assert blanked(text) == "70            degrees [a]   "


TOKENS = [
    *("<|im_end|>", "<start_of_turn>", "</s>", "<｜User｜>", "<<SYS>>", "<</SYS>>", "[INST]", "[/INST]"),
    *("[TOOL_CALLS]", "[/TOOL_RESULTS]", "[AVAILABLE_TOOLS]", "[SYSTEM_PROMPT]"),
]


@pytest.mark.parametrize("token", TOKENS)
def test_no_token_that_ends_a_turn_reaches_a_prompt(token: str) -> None:
    assert token not in turnless(f"a {token} b") and token not in inert(f"a\n{token} b")
    assert turnless("a < b, [1], [MASK], array[I]") == "a < b, [1], [MASK], array[I]"


def test_an_inert_text_is_one_line() -> None:
    assert inert("a\n\n b\t\t c ") == "a b c"
