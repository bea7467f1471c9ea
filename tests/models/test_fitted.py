"""Thresholds of the relevance check → kept with the index, and brought up to date with it."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest
from fakes import HashEmbedding
from update_parts import execute, load, no_model

from assistant.config import Settings
from assistant.index.store import Snapshot
from assistant.index.update import update
from assistant.models import fitted
from assistant.search.relevance import RelevanceGrader


def judging(notes: Snapshot, kept: object, embed_model: HashEmbedding) -> RelevanceGrader:
    """Return a grader over an index that keeps something."""
    about = replace(notes.about, fitted=json.loads(json.dumps(kept)))
    return RelevanceGrader(cast(Snapshot, SimpleNamespace(about=about)), embed_model)


def test_an_index_keeps_the_thresholds_of_both_languages(indexed: Snapshot) -> None:
    kept = indexed.about.fitted
    assert {*kept["read"]["limits"]} == {*kept["unread"]["limits"]} == {"ko", "en"}
    assert kept == fitted.current("hash")


def test_the_grader_judges_by_what_its_index_keeps(indexed: Snapshot, embed_model: HashEmbedding) -> None:
    kept = json.loads(json.dumps(indexed.about.fitted))
    kept["unread"]["limits"]["ko"]["lower"] = -0.123
    assert judging(indexed, kept, embed_model).limits["ko"]["lower"] == -0.123


@pytest.mark.parametrize("kept", [{}, {"reader": "another", "unread": {"limits": {}}}])
def test_what_was_fitted_to_another_reader_gives_way_to_what_ships(
    kept: dict[str, object], indexed: Snapshot, embed_model: HashEmbedding
) -> None:
    assert judging(indexed, kept, embed_model).limits == fitted.shipped("hash")["unread"]["limits"]


def test_indexing_unchanged_notes_brings_the_thresholds_up_to_date(indexed: Snapshot, settings: Settings) -> None:
    kept = json.loads(json.dumps(indexed.about.fitted))
    kept["unread"]["limits"]["en"]["lower"] = 0.5
    execute(settings, "UPDATE meta SET value = ? WHERE key = 'fitted'", json.dumps(kept))
    assert load(settings).about.fitted["unread"]["limits"]["en"]["lower"] == 0.5
    assert update([settings.notes], settings, no_model).embedded == 0
    assert load(settings).about.fitted == fitted.current("hash")
