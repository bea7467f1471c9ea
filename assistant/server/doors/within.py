"""The JSON form of a scope: the notes that a question is about.

In: JSON such as `{"places": ["papers"], "tags": ["tea"]}`. Out: a `Scope`.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assistant.answer import Scope

_Day = Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
_Name = Annotated[str, Field(min_length=1, max_length=1000)]


class Within(BaseModel):
    """Notes in one of the places, with one of the tags, of one of the formats and days; what is empty matches all."""

    model_config = ConfigDict(strict=True, extra="forbid")
    places: list[_Name] = Field(
        default=[], max_length=1000, description="sources of notes, or folders", examples=[["papers", "tea.md"]]
    )
    tags: list[_Name] = Field(default=[], max_length=100, description="without #", examples=[["tea"]])
    formats: list[_Name] = Field(default=[], max_length=100, description="endings of names", examples=[["pdf"]])
    since: _Day = Field(default="", description="the first day", examples=["2026-10-01"])
    until: _Day = Field(default="", description="the last day", examples=["2026-10-31"])


def scope_of(within: Within | None) -> Scope | None:
    """Return the scope; None, which means all notes, if there is none."""
    if within is None:
        return None
    tags = tuple(tag.removeprefix("#") for tag in within.tags)
    return Scope(tuple(within.places), tags, tuple(within.formats), within.since, within.until)
