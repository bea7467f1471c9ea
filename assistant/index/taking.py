"""Takes in notes: from a file's bytes to passages, or to the reason why there are none, and from texts to vectors.

In: jobs, one a note, and batches of texts. Out: each with what became of it, in any order. Nothing here knows the
index, so it runs in this process or, by `assistant.index.spread`, on other machines.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.answer import Vectors
from assistant.index.ingest import Ingested, ingest
from assistant.models.embedding import Embedder, embed_texts
from assistant.notes.bibliography import Entry
from assistant.notes.describe import described
from assistant.notes.files import NoteFile, Unread, parsed

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """A note to take in: its bytes with their SHA-256, what a bibliography says of it, and seconds for its scans."""

    file: NoteFile
    data: bytes
    digest: str
    entry: Entry | None
    seconds: float


Taken = tuple[Job, Ingested | Unread]
Texts = Sequence[str]


class Workers(Protocol):
    """Those who do the work: `Alone`, or the workers of Ray."""

    def take(self, jobs: Iterable[Job]) -> Iterator[Taken]:
        """Take in notes, of which no more are asked for than there are workers."""
        ...

    def embed(self, batches: Iterable[Texts]) -> Iterator[tuple[Texts, Vectors]]:
        """Embed each batch; the vectors are unit vectors, shape (texts, dimension)."""
        ...


class Alone:
    """This process, which does one thing after the other; it loads the model when there is something to embed."""

    def __init__(self, embed_model: Callable[[], Embedder]) -> None:
        """Keep the function that loads the model."""
        self._embed_model = embed_model

    def take(self, jobs: Iterable[Job]) -> Iterator[Taken]:
        """Take in each note when it is asked for."""
        return ((job, take_in(job)) for job in jobs)

    def embed(self, batches: Iterable[Texts]) -> Iterator[tuple[Texts, Vectors]]:
        """Embed each batch when it is asked for."""
        return ((texts, embed_texts(self._embed_model(), texts)) for texts in batches)


def take_in(job: Job) -> Ingested | Unread:
    """Return a note's document and passages, or the reason why it has none; never raises for a bad note."""
    try:
        document = parsed(job.file, job.data, job.seconds)
        if isinstance(document, Unread):
            return document
        taken = ingest(described(document, job.entry))
    except Exception as error:  # one bad note must not end the run of all others, whatever it makes a parser do
        logger.exception("cannot take in %r", job.file.source)
        reason = (str(error).splitlines() or [""])[0][:200]
        return Unread(job.file, f"cannot be understood: {type(error).__name__}: {reason}", failed=True)
    return taken if taken.passages else Unread(job.file, "it holds no text besides headings", failed=False)
