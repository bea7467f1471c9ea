"""JSON of a client → the notes that a question is for."""

import pytest
from pydantic import ValidationError

from assistant.answer import Scope
from assistant.server.doors.within import Within, scope_of


def test_a_scope_is_taken_as_it_is_said() -> None:
    assert scope_of(None) is None
    assert scope_of(Within()) == Scope()
    assert scope_of(Within(places=["papers", "차"], tags=["#tea", "차"])) == Scope(("papers", "차"), ("tea", "차"))


@pytest.mark.parametrize(
    "said",
    [{"place": ["a"]}, {"places": "a"}, {"places": [""]}, {"tags": [1]}, {"tags": ["a"] * 101}, {"places": None}],
)
def test_what_is_none_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Within.model_validate(said)
