"""Formulas become MathML, and nothing else of what a note says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.page.formula import ELEMENTS, formula


def test_a_formula_is_drawn_in_a_line_or_for_itself() -> None:
    assert formula(r"$\frac{a}{b}$") == (
        '<math display="inline"><mrow><mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac></mrow></math>'
    )
    assert formula("$$x^2$$").startswith('<math display="block">') and formula(r"\[x^2\]").startswith("<math display=")


def test_lines_that_are_aligned_are_rows_and_labels_are_not_shown() -> None:
    drawn = formula(r"\begin{aligned} a &= b \label{eq:1} \\ c &= d \end{aligned}")
    assert drawn.count("<mtr>") == 2 and drawn.count("<mtd>") == 4 and "eq" not in drawn


@pytest.mark.parametrize("written", ["$$", "$ $", r"$\frac{$", "$" + "{" * 900 + "$", "$" + "x" * 3000 + "$"])
def test_what_cannot_be_read_is_left_as_it_stands(written: str) -> None:
    assert formula(written) == ""


HOSTILE = [r"\href{javascript:a()}{x}", r"\class{a}{b}", r"\style{color:red}{x}", r"\text{<img src=x onerror=a()>}"]


@given(
    st.lists(st.sampled_from([*HOSTILE, "<script>", "</math>", "&lt;", "x^", "{", "}", "\\", "<!--", "a"]), max_size=9)
)
def test_only_elements_and_looks_of_mathml_are_left(pieces: list[str]) -> None:
    drawn = formula(f"${''.join(pieces)}$")
    assert set(re.findall(r"</?([^\s>/]+)", drawn)) <= ELEMENTS
    assert not re.search(r"<[^>]*\b(?:href|class|style|src|on\w+)\s*=", drawn)


@pytest.mark.parametrize(
    "written",
    [
        "$" + r"\sqrt{" * 200 + "x" + "}" * 200 + "$",
        "$" + "x_" * 900 + "$",
        "$$a<" + " " * 90_000 + "b$$",
        "$" + "{" * 99_000,
    ],
    ids=["deep", "many", "spaces", "open"],
)
def test_what_is_made_to_take_long_ends(written: str) -> None:
    formula(written)
