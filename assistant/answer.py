"""What a question's journey produces: the values that stages hand on and the answer that a user gets.

Frozen values and their JSON form (docs: README, "One answer, as JSON"); no stage's work is done here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.text.language import Language

Vectors = npt.NDArray[np.float32]
Span = tuple[int, int]  # where something begins and ends, in characters
Turn = tuple[str, str]  # an earlier question and the answer that it got


@dataclass(frozen=True)
class Scope:
    """Which notes a question is for; nothing given means all of them.

    `places` are sources of notes or folders; `tags` are tags of which a note has to carry one. Both have to fit.
    """

    places: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.places or self.tags)


@dataclass(frozen=True)
class Word:
    """A word of a question without particles and endings, its search terms, and whether it names something."""

    spelled: str
    terms: tuple[str, ...]
    nominal: bool


@dataclass(frozen=True)
class Question:
    """A question, read once: what every stage needs to know of it.

    `asked` is what was typed; `text` is that, or, for a follow-up, the form that stands alone. `terms` are its search
    terms, `names` those of them that belong to a name or a number; `titles` are names as they are spelled ("GPT-4").
    `words` are its telling words; `wholes` all its words without particles, for comparing by sound. `foreign` tells
    that it is in neither language. `vector` is its unit vector, shape (dimension,), empty before it is embedded.
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


@dataclass(frozen=True)
class Passage:
    """Part of a note, or of a web page: `note.text[start:end] == text`, always.

    `title` and `heading` are what stands above it. `hidden` are the spans of `text` that no reader of the note sees,
    `sentences` those of its sentences, list items and table rows; both count from the passage's start. `terms` are its
    search terms. `titled` is False where the title is only the file's name. `columns` is the header of a table that the
    passage begins inside of. `locator` says where it stands in a format that has pages, slides or cells.
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
    locator: Mapping[str, Any] | None = None

    @property
    def shown(self) -> str:
        """What a reader of the note sees of the text."""
        return _visible(self.text, self.hidden)

    @property
    def headed(self) -> str:
        """What a reader sees of the text, under its title and heading."""
        return _headed(self.title, self.heading, self.shown)


@dataclass(frozen=True)
class Scored:
    """A passage with a stage's number: retrieval's score, or the relevance check's grade in [-1, 1]."""

    passage: Passage
    score: float


class Action(StrEnum):
    """What the relevance check decides (Corrective RAG, arXiv 2401.15884, section 4.3)."""

    CORRECT = "correct"
    AMBIGUOUS = "ambiguous"
    INCORRECT = "incorrect"


@dataclass(frozen=True)
class Verdict:
    """The relevance check's decision; `confidence` is the probability, in 0..1, that the notes hold the answer."""

    action: Action
    confidence: float


class Did(StrEnum):
    """What a step on a question's way was."""

    FOLLOWED = "followed"  # a follow-up became a question of its own
    SEARCHED = "searched"
    REWROTE = "rewrote"  # the question by its key terms
    CROSSED = "crossed"  # the question in the other language
    WIDENED = "widened"
    ASKED_WEB = "asked web"
    REFINED = "refined"
    WROTE = "wrote"
    REPAIRED = "repaired"
    DROPPED = "dropped"
    DECLINED = "declined"


@dataclass(frozen=True)
class Step:
    """One step of the trace: what was done with which words, how much came of it, and the best grade in [-1, 1]."""

    did: Did
    text: str
    count: int = 0
    best: float | None = None


@dataclass(frozen=True)
class Strip:
    """One to three sentences of a passage that bear on the question.

    `start` and `end` are character offsets into the note `source`, so `note[start:end] == text`. `hidden` are the
    spans of `text` that no reader of the note sees. `relevance` is in [-1, 1]. `number` is the `[n]` under which the
    answer cites it, 0 while it has none.
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
    locator: Mapping[str, Any] | None = None

    @property
    def shown(self) -> str:
        """What a reader of the note sees of the text."""
        return _visible(self.text, self.hidden)

    @property
    def headed(self) -> str:
        """What a reader sees of the text, under its title and heading."""
        return _headed(self.title, self.heading, self.shown)


@dataclass(frozen=True)
class Citation:
    """What `[n]` stands for: verbatim words of a note and where they are.

    `locator` says where that is in a format that has pages, slides or cells.
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
    """One sentence of an answer, the numbers it cites, and how well those support it (0..1)."""

    text: str
    citations: tuple[int, ...]
    support: float


@dataclass(frozen=True)
class RankedPassage:
    """A passage as the question met it: retrieval's score and the relevance check's grade in [-1, 1]."""

    source: str
    start: int
    end: int
    heading: str
    text: str
    score: float
    relevance: float


class Kind(StrEnum):
    """What a question was taken for."""

    CONTENT = "content"  # what the notes say


@dataclass(frozen=True)
class Answer:
    """An answer, whole or still growing.

    `abstained` means that the notes do not hold the answer: it then cites nothing and `passages` names the nearest
    notes. `fallback` says in the question's language what is not as it was asked for: another answerer than `llm`, or
    a note that cannot be cited any more. `evidence` is what the writer was given, numbered as in its prompt; empty
    where none was asked. `trace` lists what was done, in order.
    """

    question: str
    language: Language
    answer: str = ""
    abstained: bool = False
    action: Action = Action.INCORRECT
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
        return replace(self, trace=(*self.trace, *steps))

    def to_json(self, id: str = "") -> dict[str, Any]:
        """Return the JSON form; passages without their text, numbers rounded."""
        form = {"id": id, **asdict(self)}
        for citation in (citation for citation in form["citations"] if citation["locator"] is None):
            del citation["locator"]
        for strip in form["evidence"]:
            strip |= {"n": strip.pop("number"), "relevance": round(strip["relevance"], 4)}
            del strip["title"], strip["url"], strip["hidden"], strip["locator"]
        for passage in form["passages"]:
            del passage["text"], passage["heading"]
            passage |= {"score": round(passage["score"], 4), "relevance": round(passage["relevance"], 4)}
        for sentence in form["sentences"]:
            sentence["support"] = round(sentence["support"], 4)
        for step in form["trace"]:
            step["best"] = None if step["best"] is None else round(step["best"], 4)
        seconds = {stage: round(seconds, 3) for stage, seconds in self.seconds.items()}
        return form | {"confidence": round(self.confidence, 4), "seconds": seconds}


def _headed(title: str, heading: str, text: str) -> str:
    return f"{title} > {heading}\n{text}" if heading else f"{title}\n{text}"


def _visible(text: str, hidden: Iterable[Span]) -> str:
    """Return a text without the spans, which are in order and do not overlap."""
    pieces, at = [], 0
    for start, end in hidden:
        pieces.append(text[at:start])
        at = end
    return "".join([*pieces, text[at:]])
