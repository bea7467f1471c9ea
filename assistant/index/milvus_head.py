"""The state of an index in Milvus that readers trust: one row, whose replacement is a commit.

In: values. Out: the row and back, and the filter for what a reader of the state sees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from assistant.index.milvus_client import Row, both
from assistant.index.milvus_schema import SCHEMA, collection

HEAD = "head"
GRACE = 600.0
"""Seconds for which what was replaced stays, for readers that hold an earlier state."""
MOST_DEAD = 2_000
"""Revisions that a state names as replaced, about; the earliest of more are deleted before their time."""


@dataclass(frozen=True)
class Head:
    """The state of an index: a reader sees the rows of revisions up to `generation` that are not `dead`.

    `dead` are the revisions that were replaced or removed, by the second at which they were, and `old` gives that
    second for whole sets; they are deleted a while later. `set` names the collections; it is empty as long as there are
    no passages. `totals` are numbers over all that is seen; `least` is the least mean length with which terms were
    weighted. `unread` names the list of files that were not read.
    """

    set: str = ""
    generation: int = 0
    version: str = ""
    updated: str = ""
    schema: int = SCHEMA
    fingerprint: Mapping[str, Any] = field(default_factory=dict)
    dead: Mapping[str, Sequence[int]] = field(default_factory=dict)
    old: Mapping[str, float] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)
    least: float = 0.0
    unread: str = ""

    @property
    def mean_length(self) -> float:
        """The mean number of terms of a passage."""
        return self.totals["terms"] / self.totals["passages"] if self.totals.get("passages") else 0.0

    @property
    def seen(self) -> str:
        """The filter for the rows that a reader sees."""
        return both(f"revision <= {self.generation}", f"revision not in {self.gone}" if self.dead else "")

    @property
    def gone(self) -> list[int]:
        """All revisions that are dead."""
        return [revision for some in self.dead.values() for revision in some]

    @property
    def later(self) -> str:
        """The filter for the rows of a change that is not finished, or never was."""
        return f"revision > {self.generation}"

    def place(self, name: str, kind: str) -> str:
        """Return the name of a collection of the state's set."""
        return collection(name, self.set, kind)

    def row(self) -> Row:
        """Return the row that makes this the state for who reads it next."""
        return head_row(HEAD, asdict(self))

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Head":
        """Read a row's values; those that another version wrote besides are left out."""
        return cls(**{key: value for key, value in values.items() if key in cls.__dataclass_fields__})


def head_row(key: str, values: Mapping[str, Any]) -> Row:
    """Return a row of the head's collection."""
    return {"pk": key, "content": dict(values), "vector": [0.0, 0.0]}


def counted(row: Mapping[str, int], generation: int) -> int:
    """Return a word's count as of a generation: a row keeps the count before its last change."""
    return row["count"] if row["revision"] <= generation else row["before"]
