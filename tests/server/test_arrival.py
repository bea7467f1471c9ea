"""The language model arriving behind the page: asked for once, and what is said of it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assistant import Settings
from assistant.errors import ModelMissing, PullFailed, SettingsError
from assistant.server.arrival import Arrival, Standing, State

MODEL = "qwen2.5-coder-1.5b"
each = pytest.mark.parametrize


class Pull:
    """Stands in for the download: goes on when told, then ends as told."""

    def __init__(self, settings: Settings, ends: Exception | None = None) -> None:
        self.settings, self.ends, self.names = settings, ends, list[str]()
        self.reported, self.may_end = threading.Event(), threading.Event()

    def __call__(self, name: str, settings: Settings, progress: Callable[[int, int], None]) -> Path:
        self.names.append(name)
        progress(30, 120)
        self.reported.set()
        assert self.may_end.wait(20)
        if self.ends:
            raise self.ends
        settings.models.mkdir(parents=True, exist_ok=True)
        return settings.models


def awaited(arrival: Arrival, state: State) -> Standing:
    for _ in range(400):
        if (standing := arrival.standing).state is state:
            return standing
        threading.Event().wait(0.05)
    raise AssertionError(f"expected {state}, found {arrival.standing}")


def test_a_model_arrives_once_and_is_then_made_ready(settings: Settings) -> None:
    pull, ready = Pull(settings), threading.Event()
    arrival = Arrival(replace(settings, llm=MODEL), pull)
    assert arrival.standing == Standing(State.ABSENT)
    for _ in range(3):
        arrival.begin(then=ready.set)
    assert pull.reported.wait(20)
    assert arrival.standing == Standing(State.ARRIVING, 0.25) and not ready.is_set()
    pull.may_end.set()
    assert ready.wait(20)
    assert awaited(arrival, State.HERE).share == 1.0
    assert pull.names == [MODEL]


@each(
    ("ends", "reason"),
    [
        (PullFailed("no source\nhad it"), "no source had it"),
        (OSError(28, "disk full"), "disk full"),
        (KeyError("x"), ""),
    ],
)
def test_a_failed_pull_says_why_and_can_be_begun_again(settings: Settings, ends: Exception, reason: str) -> None:
    pull, ready = Pull(settings, ends), threading.Event()
    pull.may_end.set()
    arrival = Arrival(replace(settings, llm=MODEL), pull)
    arrival.begin(then=ready.set)
    failed = awaited(arrival, State.FAILED)
    assert reason in failed.reason and "\n" not in failed.reason
    assert not ready.is_set()
    pull.ends = None
    arrival.begin(then=ready.set)
    assert ready.wait(20)


def test_a_model_pulled_elsewhere_is_here(settings: Settings) -> None:
    pull = Pull(settings)
    arrival = Arrival(replace(settings, llm=MODEL), pull)
    settings.models.mkdir(parents=True)
    (settings.models / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf").touch()
    assert arrival.standing.state is State.HERE
    arrival.begin()
    assert pull.names == []


@each(("llm", "error"), [("no-such", ModelMissing), ("multilingual-e5-small", SettingsError)])
def test_only_a_known_language_model_can_arrive(settings: Settings, llm: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Arrival(replace(settings, llm=llm))
