"""The notes in every format: what is known of them, how they are read, and what is counted."""

import math
from functools import cache
from itertools import product

import pytest
from fakes import HashEmbedding, opened

from assistant import Settings
from assistant.notes import formats
from assistant.text.blocks import locator_of
from assistant.text.language import Language
from eval.report.run import Run, Stage
from eval.report.tables import print_run
from eval.stages.formats import DATA, DEPTH, FIGURES, Fact, in_order, measure, one_line, read_facts, span_of

FACTS = read_facts()
FORMS = list(FACTS[0].files)
TORN = {("columns.pdf", "shake")}
"""A Korean word that a line's end breaks where it could be two."""


@cache
def note(source: str) -> formats.Document:
    return formats.read((DATA / "notes" / source).read_bytes(), source)


def test_half_of_the_facts_are_asked_for_in_the_other_language() -> None:
    asked = [(fact.language, fact.note_language) for fact in FACTS]
    assert all(asked.count(pair) == 6 for pair in product(Language, Language))


def test_every_format_has_every_fact_and_no_note_is_without_facts() -> None:
    assert all(list(fact.files) == FORMS for fact in FACTS)
    sources = {fact.source(form) for fact in FACTS for form in FORMS}
    assert sources == {file.name for file in (DATA / "notes").iterdir()}


@pytest.mark.parametrize("form", FORMS)
def test_every_fact_is_read_to_the_word_in_its_order_and_place(form: str) -> None:
    for language in Language:
        places = {}
        for fact in (fact for fact in FACTS if fact.note_language is language):
            document = note(fact.source(form))
            span = span_of(document.text, fact.gold)
            assert (span is None) is ((form, fact.id) in TORN), fact.id
            if span:
                places[fact.id] = span[0]
                said = locator_of(document.places, *span) or {}
                assert {name: said.get(name) for name in fact.files[form]} == fact.files[form], fact.id
        assert in_order(places) == list(places)


def test_a_wide_table_above_columns_keeps_its_rows_and_a_table_in_a_mail_its_lines() -> None:
    row = "Comet seeker Wren 80 mm 14 weeks Salla Quint"
    for form in ("columns.pdf", "eml", "xlsx"):
        assert row in [one_line(line) for line in note(f"observatory.en.{form}").text.split("\n")]


def test_white_space_and_bars_do_not_count() -> None:
    assert span_of("a\n| Wren |  80 mm |", "Wren 80  mm") == (4, 17)
    assert span_of("Wren 80mm", "Wren 80 mm") is None


def test_facts_that_stand_elsewhere_are_left_out_of_the_order() -> None:
    assert in_order({"a": 5, "b": 90, "c": 20, "d": 30}) == ["a", "c", "d"]
    assert in_order({}) == []


def test_what_is_lost_in_one_format_is_counted_there_alone(settings: Settings, embed_model: HashEmbedding) -> None:
    for language, words in (("en", "The oven bakes at 250 degrees.\n\nIt has room for nine loaves."), ("ko", "빵")):
        for form in ("md", "txt"):
            told = words.replace("nine", "ten") if form == "txt" else words
            (settings.notes / f"observatory.{language}.{form}").write_text(told, encoding="utf-8")
    files = {"md": {}, "txt": {}}
    facts = [
        Fact("heat", Language.EN, Language.EN, "At how many degrees does the oven bake?", "at 250 degrees", files),
        Fact("room", Language.EN, Language.EN, "How many loaves does the oven take?", "room for nine loaves", files),
    ]
    asked: list[tuple[int, int]] = []
    stage = measure(
        opened(settings, embed_model), facts, lambda done, total: asked.append((done, total)), settings.notes
    )
    assert asked == [(number, 4) for number in range(1, 5)]
    assert stage.cases["found"] == {"md heat": 1.0, "md room": 1.0, "txt heat": 1.0, "txt room": 0.0}
    assert stage.cases["quoted"] == stage.cases["order"] == stage.cases["found"]
    assert stage.figures["en"]["txt"]["found"] == 0.5 and stage.figures["en"]["md"]["answered"] >= 0.5
    assert math.isnan(stage.figures["all"]["md"]["locator"]) and stage.figures["ko"]["md"]["questions"] == 0
    lines: list[str] = []
    print_run(Run({}, {"formats": stage}), lines.append)
    assert [line.split()[:4] for line in lines if "txt" in line][0] == ["txt", "2", "0.500", "0.500"]


def test_a_stage_without_figures_breaks_no_table() -> None:
    lines: list[str] = []
    print_run(Run({}, {"formats": Stage({})}), lines.append)
    assert "FORMATS" in "\n".join(lines) and DEPTH == 5 and len(FIGURES) == 6
