"""The tree of errors: one root, at most six leaves, nothing below."""

import inspect

import pytest

from assistant import errors
from assistant.errors import AssistantError

LEAVES = AssistantError.__subclasses__()


def test_the_tree_has_one_root_and_at_most_six_leaves() -> None:
    defined = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__}
    assert defined == {AssistantError, *LEAVES}
    assert 1 <= len(LEAVES) <= 6
    assert all(leaf.__bases__ == (AssistantError,) and leaf.__subclasses__() == [] for leaf in LEAVES)


def test_the_modules_docstring_draws_the_tree() -> None:
    assert errors.__doc__ is not None
    drawn = [line.split()[1] for line in errors.__doc__.splitlines() if line.startswith(("├──", "└──"))]
    assert drawn == [leaf.__name__ for leaf in LEAVES]


@pytest.mark.parametrize("leaf", LEAVES)
def test_an_error_is_its_message_and_says_whether_a_retry_makes_sense(leaf: type[AssistantError]) -> None:
    assert str(leaf("expected one thing, found another")) == "expected one thing, found another"
    assert leaf.retry is (leaf.__name__ in {"PullFailed", "GenerationFailed"})
