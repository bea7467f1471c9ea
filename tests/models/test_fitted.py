"""Thresholds of the relevance check → kept with the index, and brought up to date with it."""

import json
from dataclasses import replace

import pytest
from fakes import HashEmbedding
from update_parts import no_model

from assistant.config import Settings
from assistant.index.database import meta, put_meta
from assistant.index.store import Snapshot
from assistant.models import fitted
from assistant.search.relevance import RelevanceGrader


def test_an_index_keeps_the_thresholds_of_both_languages(indexed: Index, settings: Settings) -> None:
    kept = json.loads((indexed.folder / "manifest.json").read_text(encoding="utf-8"))["relevance"]
    assert {*kept["read"]["limits"]} == {*kept["unread"]["limits"]} == {"ko", "en"}
    assert kept == fitted.current("hash")


def test_the_grader_judges_by_what_its_index_keeps(indexed: Index, embed_model: HashEmbedding) -> None:
    kept = json.loads(json.dumps(indexed.manifest.relevance))
    kept["unread"]["limits"]["ko"]["lower"] = -0.123
    other = replace(indexed, manifest=replace(indexed.manifest, relevance=kept))
    assert RelevanceGrader(other, embed_model).limits["ko"]["lower"] == -0.123


@pytest.mark.parametrize("kept", [{}, {"reader": "another", "unread": {"limits": {}}}])
def test_what_was_fitted_to_another_reader_gives_way_to_what_ships(
    kept: dict[str, object], indexed: Index, embed_model: HashEmbedding
) -> None:
    other = replace(indexed, manifest=replace(indexed.manifest, relevance=kept))
    assert RelevanceGrader(other, embed_model).limits == fitted.shipped("hash")["unread"]["limits"]


def test_indexing_unchanged_notes_brings_the_thresholds_up_to_date(indexed: Index, settings: Settings) -> None:
    file = indexed.folder / "manifest.json"
    said = json.loads(file.read_text(encoding="utf-8"))
    said["relevance"]["unread"]["limits"]["en"]["lower"] = 0.5
    file.write_text(json.dumps(said), encoding="utf-8")
    assert load(settings).fitted["unread"]["limits"]["en"]["lower"] == 0.5
    assert update([settings.notes], settings, no_model).embedded == 0
    assert load(settings).fitted == fitted.current("hash")
