"""The JSON form of a scope: the notes that a question is about.

In: JSON such as `{"places": ["papers"], "tags": ["tea"]}`. Out: a `Scope`.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assistant.answer import Scope

_Name = Annotated[str, Field(min_length=1, max_length=1000)]


class Within(BaseModel):
    """Notes in one of the places that have one of the tags; an empty list matches all."""

    model_config = ConfigDict(strict=True, extra="forbid")
    places: list[_Name] = Field(
        default=[], max_length=1000, description="sources of notes, or folders", examples=[["papers", "tea.md"]]
    )
    tags: list[_Name] = Field(default=[], max_length=100, description="without #", examples=[["tea"]])


def scope_of(within: Within | None) -> Scope | None:
    """Return the scope; None, which means all notes, if there is none."""
    return Scope(tuple(within.places), tuple(tag.removeprefix("#") for tag in within.tags)) if within else None
