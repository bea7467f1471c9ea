"""Tables that are drawn with lines: as Chromium prints them, and by their lines alone."""

from dataclasses import replace
from typing import Any

import pytest
from browser_parts import IN_CHROMIUM

from assistant.notes.formats.extracted import Extracted
from assistant.notes.formats.pdf import extract
from assistant.notes.formats.pdf_rules import Rule, in_cells
from assistant.notes.formats.pdf_runs import Run
from assistant.text.blocks import Kind, locator_of

pytestmark = IN_CHROMIUM
LONG = "The cleaning of this instrument is done with a soft brush and takes a person one whole quiet afternoon"
GRID = f"""<!doctype html><html lang=ko><style>
body {{ font: 10pt 'Liberation Serif', 'Noto Serif CJK KR', serif }} tr {{ break-inside: avoid }}
table {{ border-collapse: collapse; width: 100% }} td, th {{ border: 1px solid; padding: 3px; width: 33% }}</style>
<p>Before the table.</p><table><thead><tr><th rowspan=2>이름<th colspan=2>2024<tr><th>비고<th>값</thead><tbody>
{"".join(f"<tr><td>Tool {n}<td>{LONG} {n}.<td>{n * 10}" for n in range(1, 61))}
<tr><td rowspan=2>둘<td>위 칸<td>1<tr><td>아래 칸<td>2</tbody></table><p>After the table.</p></html>"""


@pytest.fixture(scope="module")
def printed(browser: Any) -> Extracted:
    page = browser.new_page()
    page.set_content(GRID)
    data = page.pdf(format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "20mm"))
    page.close()
    return extract(bytes(data))


def test_a_cell_of_several_lines_is_one_cell_and_a_header_of_two_rows_is_one(printed: Extracted) -> None:
    lines = printed.text.split("\n")
    assert "| 이름 | 2024 비고 | 2024 값 |" in lines
    assert all(f"| Tool {n} | {LONG} {n}. | {n * 10} |" in lines for n in range(1, 61))


def test_a_table_over_pages_is_one_table_whose_header_is_not_said_again(printed: Extracted) -> None:
    kinds = [block.kind for block in printed.blocks]
    assert kinds == [Kind.PARAGRAPH, Kind.HEAD, *[Kind.ROW] * 62, Kind.PARAGRAPH]
    last = printed.blocks[-3]
    place = locator_of(printed.places, last.start, last.end)
    assert place is not None and place["page"] > 2 and len(place["boxes"]) == 1


def test_a_cell_over_two_rows_stands_in_both(printed: Extracted) -> None:
    assert "| 둘 | 위 칸 | 1 |\n| 둘 | 아래 칸 | 2 |" in printed.text


def word(text: str, left: float, base: float) -> Run:
    return Run(text, left, left + 20, base, 10, 0, False, 1, 800, (0, 0, 0.1, 0.1))


def drawn(*words: Run, level: list[Rule], upright: list[Rule]) -> tuple[list[tuple[str, ...]], list[str]]:
    rows, rest = in_cells(words, level, upright)
    return [row.cells for row in rows], [run.text for run in rest]


LEVEL = [Rule(at, 10, 210) for at in (100, 120, 140)]
FOUR = (word("a", 20, 115), word("b", 120, 115), word("c", 20, 135), word("d", 120, 135))


def test_words_between_the_same_lines_are_a_cell_and_those_outside_stay() -> None:
    upright = [Rule(at, 100, 140) for at in (10, 110, 210)]
    found = drawn(*FOUR, word("out", 20, 200), level=LEVEL, upright=upright)
    assert found == ([("a", "b"), ("c", "d")], ["out"])


def test_a_table_may_be_open_at_its_sides() -> None:
    assert drawn(*FOUR, level=LEVEL, upright=[Rule(110, 100, 140)])[0] == [("a", "b"), ("c", "d")]


@pytest.mark.parametrize(
    "upright",
    [[], [Rule(10, 100, 140), Rule(210, 100, 140)], [Rule(110, 100, 112)], [Rule(500, 100, 140)]],
)
def test_lines_that_part_no_columns_make_no_table(upright: list[Rule]) -> None:
    assert drawn(*FOUR, level=LEVEL, upright=upright) == ([], ["a", "b", "c", "d"])


def test_a_frame_around_text_is_no_table() -> None:
    frame = [Rule(100, 10, 210), Rule(140, 10, 210)], [Rule(10, 100, 140), Rule(210, 100, 140)]
    assert drawn(*FOUR, level=frame[0], upright=frame[1])[0] == []


def test_a_word_that_a_cells_width_broke_is_put_together() -> None:
    broken = replace(word("deter-", 20, 112), spaced=False), word("mined", 20, 119)
    found = drawn(*broken, *FOUR[1:], level=LEVEL, upright=[Rule(110, 100, 140)])
    assert found[0][0] == ("determined", "b")


def test_a_page_full_of_lines_ends() -> None:
    words = [word(f"w{n}", 10.0 * n, 100) for n in range(50)]
    level = [Rule(float(at), 0, 500) for at in range(0, 2400, 4)]
    upright = [Rule(float(at), 0, 2400) for at in range(0, 2400, 4)]
    rows, rest = in_cells(words, level, upright)
    assert len(rows) + len(rest) > 0
