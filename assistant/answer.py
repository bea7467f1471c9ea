"""The values that stages pass on, from `Question` to `Answer`: frozen dataclasses without any stage's work.

The JSON form of an answer is described in docs/en/doors.md, "One answer, as JSON".
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.text.blocks import Place, Span, without
from assistant.text.language import Language
from assistant.trace import Did as Did
from assistant.trace import Step as Step

Vectors = npt.NDArray[np.float32]
Turn = tuple[str, str]  # an earlier question and the answer that it got


@dataclass(frozen=True)
class Scope:
    """Which notes a question is about; an empty scope means all of them.

    `places` are folders or sources of notes, `tags` are tags, `formats` are suffixes such as "pdf". A note has to match
    one of each list that is not empty, and to be of the days from `since` to `until`, such as "2026-10-01".
    """

    places: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    def __bool__(self) -> bool:
        return self != Scope()


@dataclass(frozen=True)
class Word:
    """A content word of a question: its spelling without particles, its terms, and whether it is a name or noun."""

    spelled: str
    terms: tuple[str, ...]
    nominal: bool


@dataclass(frozen=True)
class Question:
    """A question, parsed once for all stages.

    `asked` is what was typed; `text` is the same, or, for a follow-up, the form that stands alone. `terms` are its
    search terms, `names` those that belong to a name or a number, and `titles` the names as spelled ("GPT-4"). `words`
    are its content words; `wholes` are all its words without particles, for comparing by sound. `foreign` is True if it
    is in neither language. `vector` is its unit vector, shape (dimension,), empty before it is embedded. `wish` is how
    the asker wants to be answered: style and form, not content.
    """

    asked: str
    text: str
    language: Language
    terms: tuple[str, ...]
    names: tuple[str, ...]
    titles: tuple[str, ...]
    words: tuple[Word, ...]
    wholes: tuple[str, ...]
    foreign: bool = False
    vector: Vectors = field(default_factory=lambda: np.empty(0, np.float32), compare=False, repr=False)
    scope: Scope = Scope()
    history: tuple[Turn, ...] = ()
    wish: str = ""


@dataclass(frozen=True)
class Passage:
    """Part of a note, or of a web page: `note.text[start:end] == text`, always.

    `heading` is the path of headings above it ("Tea > Water"). `hidden` are the spans of `text` that no reader sees,
    and `sentences` those of its sentences, list items and table rows; both count from the passage's start. `terms` are
    its search terms. `titled` is False if the title is only the file's name. `columns` is the header of a table if the
    passage begins inside one. `places` are those of its parts, counted from its start, where a format has pages.
    `aliases` are the note's other names.
    """

    id: str
    source: str
    title: str
    heading: str
    url: str
    language: Language
    text: str
    start: int
    end: int
    hidden: tuple[Span, ...] = ()
    sentences: tuple[Span, ...] = ()
    terms: tuple[str, ...] = ()
    titled: bool = True
    columns: str = ""
    places: tuple[Place, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """What a reader of the note sees of the text."""
        return without(self.text, self.hidden)

    @property
    def named(self) -> str:
        """The title, with the note's other names in brackets."""
        return _named(self.title, self.aliases)

    @property
    def headed(self) -> str:
        """What a reader sees of the text, under its title and heading."""
        return _headed(self.named, self.heading, self.shown)


@dataclass(frozen=True)
class Scored:
    """A passage with its score: retrieval's score, or the relevance check's grade in [-1, 1]."""

    passage: Passage
    score: float


class Action(StrEnum):
    """What the relevance check decides (Corrective RAG, arXiv 2401.15884, section 4.3)."""

    CORRECT = "correct"
    AMBIGUOUS = "ambiguous"
    INCORRECT = "incorrect"


@dataclass(frozen=True)
class Verdict:
    """The relevance check's decision; `confidence` is the probability, in 0..1, that the notes contain the answer."""

    action: Action
    confidence: float


@dataclass(frozen=True)
class Strip:
    """A few sentences of a passage, the unit of evidence.

    `start` and `end` are character offsets into the note `source`, so `note[start:end] == text`. `hidden` are the spans
    of `text` that no reader sees, `places` where its parts stand. `relevance` is in [-1, 1]. `number` is the `[n]` by
    which the answer cites it, 0 while it has none. `columns` is the header of the table that it is a row of,
    `aliases` are the note's other names.
    """

    source: str
    title: str
    heading: str
    url: str
    text: str
    start: int
    end: int
    relevance: float
    number: int = 0
    hidden: tuple[Span, ...] = ()
    places: tuple[Place, ...] = ()
    columns: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """What a reader of the note sees of the text."""
        return without(self.text, self.hidden)

    @property
    def named(self) -> str:
        """The title, with the note's other names in brackets."""
        return _named(self.title, self.aliases)

    @property
    def headed(self) -> str:
        """What a reader sees of the text, under its title, heading and table header."""
        return _headed(self.named, self.heading, "\n".join(filter(None, (self.columns, self.shown))))


@dataclass(frozen=True)
class Citation:
    """What `[n]` refers to: verbatim words of a note and their offsets.

    `locator` is the page, slide or cell, in a format that has them: `{"page": 7, "boxes": [[0.1, …]]}`.
    """

    n: int
    source: str
    title: str
    heading: str
    url: str
    quote: str
    start: int
    end: int
    locator: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Sentence:
    """One sentence of an answer, the numbers of its citations, and how well they support it (0..1).

    A sentence that the notes do not bear out has no citation, and its support is 0. `before` is what stands between it
    and the sentence before it: a space, or a Markdown layout such as a line break, a list's mark or a heading.
    """

    text: str
    citations: tuple[int, ...]
    support: float
    before: str = " "


@dataclass(frozen=True)
class RankedPassage:
    """A passage of the search for a question: retrieval's score and the relevance check's grade in [-1, 1]."""

    source: str
    start: int
    end: int
    heading: str
    text: str
    score: float
    relevance: float


class Kind(StrEnum):
    """What kind of question an answer is for."""

    CONTENT = "content"  # about what the notes say
    COLLECTION = "collection"  # which notes there are
    SUMMARY = "summary"
    COMPARISON = "comparison"
    LIST = "list"
    TALK = "talk"  # small talk, and what the assistant is


@dataclass(frozen=True)
class Answer:
    """An answer, complete or still growing.

    `abstained` means that the notes do not contain the answer: it then has no citations, and `passages` are the nearest
    ones. `fallback` explains, in the question's language, what differs from the request: the language model did not
    write the answer, or a note can no longer be cited. `evidence` are the strips in the language model's prompt, empty
    if none was asked. `trace` lists all steps in order.
    """

    question: str
    language: Language
    answer: str = ""
    abstained: bool = False
    action: Action | None = Action.INCORRECT
    confidence: float = 0.0
    citations: tuple[Citation, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    kind: Kind = Kind.CONTENT
    evidence: tuple[Strip, ...] = ()
    passages: tuple[RankedPassage, ...] = ()
    llm: str = ""
    fallback: str | None = None
    trace: tuple[Step, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    def with_(self, **changes: Any) -> "Answer":
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    def did(self, *steps: Step) -> "Answer":
        """Return a copy with more steps in its trace."""
        return self.with_(trace=(*self.trace, *steps))

    def to_json(self, id: str = "") -> dict[str, Any]:
        """Return the JSON form; passages without their text, numbers rounded."""
        form = {"id": id, **asdict(self)}
        for citation in (citation for citation in form["citations"] if citation["locator"] is None):
            del citation["locator"]
        for strip in form["evidence"]:
            strip |= {"n": strip.pop("number"), "relevance": round(strip["relevance"], 4)}
            del strip["title"], strip["url"], strip["hidden"], strip["places"], strip["columns"], strip["aliases"]
        for passage in form["passages"]:
            del passage["text"], passage["heading"]
            passage |= {"score": round(passage["score"], 4), "relevance": round(passage["relevance"], 4)}
        for sentence in form["sentences"]:
            sentence["support"] = round(sentence["support"], 4)
            del sentence["before"]
        for step in form["trace"]:
            step["best"] = None if step["best"] is None else round(step["best"], 4)
        seconds = {stage: round(seconds, 3) for stage, seconds in self.seconds.items()}
        return form | {"confidence": round(self.confidence, 4), "seconds": seconds}


def _named(title: str, aliases: tuple[str, ...]) -> str:
    return f"{title} ({', '.join(aliases)})" if aliases else title


def _headed(title: str, heading: str, text: str) -> str:
    return f"{title} > {heading}\n{text}" if heading else f"{title}\n{text}"
