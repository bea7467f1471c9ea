"""What a browser says of a chosen button → text and offsets, whatever it is."""

from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from assistant.page.events import place, told


def event(data: Any) -> gr.EventData:
    return gr.EventData(cast(Any, SimpleNamespace()), data)


@pytest.mark.parametrize("data", [None, [], "source", 7, {}, {"other": "x"}])
def test_what_says_nothing_is_empty(data: Any) -> None:
    assert (told(event(data), "source"), place(event(data), "start")) == ("", 0)


@pytest.mark.parametrize("said", ["녹차.md", 7, True])
def test_what_is_said_is_text(said: object) -> None:
    assert told(event({"source": said}), "source") == str(said)


@pytest.mark.parametrize(
    ("said", "offset"), [("12", 12), (12, 12), ("-1", 0), ("1e3", 0), ("९", 9), ("9" * 50, 0), ("", 0), (None, 0)]
)
def test_an_offset_is_a_number_or_the_start(said: object, offset: int) -> None:
    assert place(event({"start": said}), "start") == offset
