"""What an answer may lack is said, and only then."""

import pytest

from assistant import Answer
from assistant.answer import RankedPassage
from assistant.answering.coverage import one_sided, partly
from assistant.index.store import Snapshot
from assistant.search.question import read
from assistant.text.language import Language

both = pytest.mark.parametrize("language", list(Language))


@both
def test_an_answer_from_some_passages_says_how_many_there_are(language: Language, indexed: Snapshot) -> None:
    held = sum(note.passages for note in indexed.notes)
    one = RankedPassage("a.md", 0, 1, "", "", 0.0, 0.0)
    some = partly(Answer("?", language, passages=(one,)), read("?"), indexed)
    assert some.fallback and "1" in some.fallback and str(held) in some.fallback
    assert partly(Answer("?", language, passages=(one,) * held), read("?"), indexed).fallback is None


@both
def test_a_comparison_names_what_the_notes_do_not_speak_of(language: Language) -> None:
    one = one_sided(Answer("?", language), ["Claude"])
    assert one.fallback and "Claude" in one.fallback
    assert one_sided(Answer("?", language), []).fallback is None
