"""An element and its style → whether a reader sees the text inside."""

import pytest

from assistant.text.style import Look, declarations, look


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "DISPLAY : none",
        "display:no\\6e e",
        "display/* x */:none",
        "visibility:hidden",
        "opacity: 0",
        "font-size:0px",
        "color:white",
        "color: rgb(250, 250, 250)",
        "color:#fff",
        "color:hsl(0, 0%, 100%)",
        "color: transparent",
        "color:black;background:#000",
        "position:absolute;left:-9999px",
        "overflow:hidden;height:0",
        "display:none !important;display:block",
    ],
)
def test_what_is_out_of_sight_is_hidden(style: str) -> None:
    assert look("span", {"style": style}, Look()).hidden


@pytest.mark.parametrize(
    "style",
    ["", "display:block", "color:red", "color:white;background:navy", "opacity:0.5", "left:-9999px", "height:0"],
)
def test_what_a_reader_sees_is_not(style: str) -> None:
    assert not look("span", {"style": style}, Look()).hidden


def test_what_is_gone_stays_gone_and_what_is_dark_may_be_lit_again() -> None:
    shown = {"style": "display:block;visibility:visible"}
    assert look("b", shown, look("div", {"hidden": ""}, Look())).hidden
    assert not look("b", shown, look("div", {"style": "visibility:hidden"}, Look())).hidden
    assert look("template", {}, Look()).hidden and not look("dialog", {"open": ""}, Look()).hidden


def test_the_last_declaration_counts_unless_an_earlier_one_is_important() -> None:
    assert declarations("color:red;color:blue") == {"color": "blue"}
    assert declarations("color:red !important;color:blue") == {"color": "red"}
