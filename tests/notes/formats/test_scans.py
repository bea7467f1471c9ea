"""Scanned pages are read one by one while there is time; what is not read is said."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocr_parts import page
from PIL import Image

from assistant.errors import NoteError
from assistant.notes.formats import recognise, tesseract
from assistant.notes.formats.pdf_runs import Run
from assistant.notes.formats.recognise import Page
from assistant.notes.formats.scans import Scans, level, pages_of

POINTS = (595.0, 833.0)


def both() -> tuple[str, ...]:
    return ("kor", "eng")


def runs(scans: Scans, number: int = 1) -> tuple[list[str], str]:
    found, why = scans.runs(number, POINTS, lambda: Image.new("L", (10, 14)), "not read")
    return [run.text for run in found], why


def test_without_a_program_the_given_reason_is_said_and_what_is_known_is_read() -> None:
    scans = Scans({2: page("The heron nests")})
    assert runs(scans, 1) == ([], "not read")
    assert runs(scans, 2) == (["The heron nests"], "")


def test_what_no_time_is_left_for_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognise, "read", lambda image, languages: page("물은 70도"))
    scans = Scans({}, 0, both)
    assert runs(scans)[0] == [] and tesseract.WAITS in runs(scans)[1]
    scans = Scans({}, 1e-9, both)
    assert runs(scans, 3) == (["물은 70도"], ""), "one page is read in any time"
    assert tesseract.WAITS in runs(scans, 4)[1]
    assert scans.fresh == {3: page("물은 70도")}
    scans = Scans({}, 60, both)
    assert [runs(scans, number) for number in (3, 4)] == 2 * [(["물은 70도"], "")]


def test_a_page_that_cannot_be_read_says_why_and_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(image: Image.Image, languages: Sequence[str]) -> Page:
        raise NoteError("Tesseract took too long")

    monkeypatch.setattr(recognise, "read", failing)
    scans = Scans({}, 60, both)
    failed = runs(scans)
    assert failed == ([], "hold words that cannot be read (Tesseract took too long)")
    monkeypatch.setattr(recognise, "read", lambda image, languages: page("x"))
    again = Scans(pages_of(list(scans.fresh.items())), 60, both)
    assert runs(again) == failed and not again.fresh


def test_korean_that_is_installed_later_has_english_pages_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {1: page("0166 016", languages=["eng"]), 2: page(languages=["eng"])}
    found, why = runs(Scans(known, 60, lambda: ("eng",)))
    assert found == ["0166 016"] and tesseract.KOREAN in why
    assert runs(Scans(known, 60, lambda: ("eng",)), 2) == ([], ""), "a blank page is in no language"
    monkeypatch.setattr(recognise, "read", lambda image, languages: page("새벽 안개", languages=languages))
    assert runs(Scans(known, 60, both)) == (["새벽 안개"], "")


def test_letters_that_were_too_unclear_are_said() -> None:
    assert runs(Scans({1: page(unclear=True)})) == ([], "hold letters too unclear to be read")


@pytest.mark.parametrize(
    ("turns", "box"),
    [
        (0, (0.1, 300 / 1400, 0.13, 324 / 1400)),
        (1, (1 - 324 / 1400, 0.1, 1 - 300 / 1400, 0.13)),
        (2, (0.87, 1 - 324 / 1400, 0.9, 1 - 300 / 1400)),
        (3, (300 / 1400, 0.87, 324 / 1400, 0.9)),
    ],
)
def test_boxes_are_where_the_words_stand_on_the_page_as_it_lies(turns: int, box: tuple[float, ...]) -> None:
    points = POINTS if turns % 2 == 0 else POINTS[::-1]
    [run], _ = Scans({1: page("tea", turns=turns)}).runs(1, points, lambda: Image.new("L", (1, 1)), "")
    assert run.box == pytest.approx(box)
    assert (run.left, run.size, run.height) == pytest.approx((59.5, 14.28, 833.0))


@given(st.lists(st.floats(4, 80), min_size=1, max_size=30))
def test_sizes_become_few_and_none_changes_by_much(sizes: list[float]) -> None:
    made = [Run("x", 0, 9, 9, size, 0, False, 1, 842, (0, 0, 1, 1)) for size in sizes]
    level(made)
    assert all(size / 1.17 < run.size < size / 0.72 for size, run in zip(sizes, made, strict=True))
    assert {run.size for run in made} <= set(sizes)
    for run in made[1:]:
        run.size = made[0].size * 1.1
    level(made)
    assert len({run.size for run in made}) == 1
