"""The judge: reads a question and a passage together, and a statement and its evidence.

In: a question or statement, and texts with the places of their sentences. Out: logits: whether a text helps with the
question, which of its sentences answer it, and whether it bears the statement out; one reading tells all three (after
Provence, Chirkova et al., arXiv 2501.16214). It is made of multilingual-e5-small, which is installed anyway, and of
learned upper layers and heads (`judge.safetensors`, from `python -m eval.training.fit_judge`; how it reads is told in
`judge_graph`). OpenVINO runs it. Word vectors are read from the encoder's file as needed, so that they are not in
memory twice.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.config import Settings
from assistant.errors import ModelMissing
from assistant.models import registry as models
from assistant.models.batches import batches
from assistant.models.exports import compiled
from assistant.models.judge_export import HELPS, LEARNED, SENTENCES, SUPPORTS, convert, export_name
from assistant.models.marks import Words
from assistant.text.blocks import Span

ENCODER = "multilingual-e5-small"
FIRST_TOKENS = 96
"""Tokens of the question or statement that are read."""
TOKENS = 416
"""Tokens of the other text that are read."""
LIMITS = Path(__file__).with_name("judge.json")
WORDS = "embeddings.word_embeddings.weight"
_FIRST, _SECOND = "query: ", "passage: "
_WIDTH_STEP = 32
_REMEMBER = 2_000
"""Cached pairs: the ladder reads the same pairs again."""
Logits = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Text:
    """A text that is read, and where its sentences stand in it."""

    text: str
    sentences: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Reading:
    """Logits of one reading: of the whole text, and of each of its sentences; a sentence that was cut off has -inf."""

    helps: float
    sentences: tuple[float, ...]
    supports: float


class Judge:
    """Reads pairs of texts with `threads` cores."""

    def __init__(self, folder: Path, threads: int, learned: Path = LEARNED) -> None:
        """Load the judge over the encoder in `folder`, with what it learned."""
        from tokenizers import Tokenizer

        self._model = compiled(folder, export_name(learned), partial(convert, folder, learned=learned), threads)
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._words = _word_vectors(folder / "model.safetensors")
        self._met: dict[tuple[str, Text], Reading] = {}

    @classmethod
    def open(cls, settings: Settings) -> "Judge | None":
        """Return the judge; None if its encoder was not pulled.

        Raises:
            ModelMissing: the encoder is damaged.

        """
        if not models.is_here(models.find(ENCODER), settings):
            return None
        try:
            return _shared(models.locate(ENCODER, settings), settings.threads)
        except ModelMissing:
            raise
        except Exception as error:  # tokenizers raises it bare
            raise models.damaged(ENCODER, settings, error) from error

    def read(self, first: str, texts: Sequence[Text]) -> list[Reading]:
        """Return a reading of each text beside the first one, which is a question or a statement."""
        known = {text: reading for text in texts if (reading := self._met.get((first, text))) is not None}
        if fresh := [text for text in dict.fromkeys(texts) if text not in known]:
            known |= dict(zip(fresh, self._read(first, fresh), strict=True))
            # Other threads may be reading the cache, so it is replaced and never changed in place.
            new = {(first, text): reading for text, reading in known.items()}
            self._met = new if len(self._met) + len(fresh) > _REMEMBER else self._met | new
        return [known[text] for text in texts]

    def _read(self, first: str, texts: Sequence[Text]) -> list[Reading]:
        known = [encoded(self._tokenizer, text, [first]) for text in texts]
        readings: dict[int, Reading] = {}
        for chosen, width in batches([len(one.ids) for one in known], _WIDTH_STEP):
            logits = self._infer([known[place] for place in chosen], width)[:, 0]
            for row, place in enumerate(chosen):
                own = known[place].sentences[: len(texts[place].sentences)]
                found = zip(logits[row, SENTENCES:], own, strict=False)
                sentences = tuple(float(logit) if start < end else -np.inf for logit, (start, end) in found)
                readings[place] = Reading(float(logits[row, HELPS]), sentences, float(logits[row, SUPPORTS]))
        return [readings[place] for place in range(len(texts))]

    def _infer(self, batch: "Sequence[Encoded]", width: int) -> Logits:
        ids, *others = stacked(batch, width)
        vectors = np.asarray(self._words[ids], np.float32)
        return np.asarray(self._model.create_infer_request().infer([vectors, *others])[0])


@cache
def limits() -> dict[str, dict[str, float]]:
    """Return what `eval.training.fit_limits` fitted for the judge's logits and grades.

    For each language the grades `lower` and `upper` that part CRAG's three actions, and `slope` and `offset` of the
    confidence; for `evidence` the least grades of a `passage` and of a `sentence` in it; for `support` the `threshold`
    of the logit.
    """
    fitted: dict[str, dict[str, float]] = json.loads(LIMITS.read_text(encoding="utf-8"))
    return fitted


@lru_cache(maxsize=1)
def _shared(folder: Path, threads: int) -> Judge:
    """Return the judge that all assistants of a process read with: it takes 0.3 GB."""
    return Judge(folder, threads)


@dataclass(frozen=True)
class Encoded:
    """A text and its asks as tokens, one behind the other.

    For each token its id, its mark (`assistant.models.marks`), its owner (0 the text, n the n-th ask) and its place in
    that; and the tokens of each sentence and ask.
    """

    ids: list[int]
    marks: list[int]
    owners: list[int]
    places: list[int]
    sentences: list[Span]
    asks: list[Span]


def encoded(tokenizer: Any, text: Text, asks: Sequence[str]) -> Encoded:
    """Return a text and its asks, questions or statements, as tokens.

    Each is cut if it is too long; a sentence that was cut off has an empty span. A text without sentences is one.
    """
    told = tokenizer.encode(_SECOND + text.text)
    ids = told.ids[:TOKENS]
    begins, ends = np.array(_places(told, len(_SECOND)), np.int64).reshape(-1, 2).T[:, :TOKENS]
    read = text.sentences or ((0, len(text.text)),)
    sentences = [_tokens(begins, ends, span) for span in read]
    marks, owners, places, spans = [0] * len(ids), [0] * len(ids), list(range(len(ids))), []
    body = read[0][0]
    words = Words(text.text[:body], text.text[body:])
    for number, ask in enumerate(asks, start=1):
        one = tokenizer.encode(_FIRST + ask)
        count = min(len(one.ids), FIRST_TOKENS)
        spans.append((len(ids), len(ids) + count))
        ids += one.ids[:count]
        marks += words.marks(ask, _places(one, len(_FIRST)))[:count]
        owners += [number] * count
        places += range(count)
    return Encoded(ids, marks, owners, places, sentences, spans)


def _places(text: Any, prefix: int) -> list[Span]:
    """Return where the tokens stand in a text that was encoded behind a prefix; before 0 for the prefix's own."""
    return [(start - prefix, end - prefix) for start, end in text.offsets]


def _tokens(begins: Logits, ends: Logits, span: Span) -> Span:
    """Return the tokens that stand in a span of the text."""
    inside = np.flatnonzero((begins < span[1]) & (ends > span[0]))
    return (int(inside[0]), int(inside[-1]) + 1) if len(inside) else (0, 0)


def stacked(batch: Sequence[Encoded], width: int) -> tuple[npt.NDArray[np.int64], ...]:
    """Return ids, marks, owners and places, shape (texts, width), and spans of sentences and asks, (texts, n, 2).

    What is padded belongs to owner -1, which no other token sees.
    """
    shape = len(batch), width
    ids, marks, owners, places = (np.full(shape, empty, np.int64) for empty in (0, 0, -1, 0))
    sentences, asks = (
        np.zeros((len(batch), max(1, *(len(own) for own in spans)), 2), np.int64)
        for spans in ([one.sentences for one in batch], [one.asks for one in batch])
    )
    for row, one in enumerate(batch):
        for array, own in ((ids, one.ids), (marks, one.marks), (owners, one.owners), (places, one.places)):
            array[row, : len(own)] = own
        sentences[row, : len(one.sentences)] = np.array(one.sentences, np.int64).reshape(-1, 2)
        asks[row, : len(one.asks)] = one.asks
    return ids, marks, owners, places, sentences, asks


def _word_vectors(file: Path) -> npt.NDArray[np.float32]:
    """Map the word vectors, shape (words, width), of a safetensors file into memory without reading them."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        entry = json.loads(opened.read(length))[WORDS]
    if entry["dtype"] != "F32":
        raise ValueError(f"{file}: expected {WORDS} in F32, found {entry['dtype']}")
    start = 8 + length + entry["data_offsets"][0]
    return np.memmap(file, np.float32, "r", start, tuple(entry["shape"]))
