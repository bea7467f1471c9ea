"""Keyword search: which passages hold a term and how often, and BM25 scores (Lucene's variant) from that.

In: the terms of passages, row by row. Out: scores by place. A term is known by a 64-bit digest of its letters, so that
nothing is read but what a question asks for. Scores are computed when they are asked for, because the weight of a term
changes with every note that comes or goes.
"""

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

K1, B = 1.5, 0.75
_MOST = int(np.iinfo(np.uint16).max)
"""More occurrences of a term in one passage count as so many."""


@dataclass(frozen=True)
class Postings:
    """Where terms are: `places[starts[i]:starts[i + 1]]` are the passages that hold the term of digest `keys[i]`.

    `keys` is sorted, and so are the places of each term; `counts` stands beside `places`. `lengths` holds the number of
    terms of each passage.
    """

    keys: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    places: npt.NDArray[np.int32]
    counts: npt.NDArray[np.uint16]
    lengths: npt.NDArray[np.int32]

    @classmethod
    def of(cls, terms: Iterable[Sequence[str]]) -> "Postings":
        """Count the terms of passages."""
        known: dict[str, int] = {}
        tokens, lengths = array("i"), array("i")
        for words in terms:
            tokens.extend([known.setdefault(word, len(known)) for word in words])
            lengths.append(len(words))
        sizes = np.array(lengths, np.int32)
        digests = np.fromiter(map(term_key, known), np.uint64, len(known))
        order = np.argsort(digests)
        rank = np.empty(len(known), np.int64)
        rank[order] = np.arange(len(known))
        places = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
        # One number for a term and a passage, so that sorting brings them into order and counts them at once.
        pairs, counts = np.unique(rank[np.array(tokens, np.int64)] * max(len(sizes), 1) + places, return_counts=True)
        which, places = np.divmod(pairs, max(len(sizes), 1))
        starts = np.searchsorted(which, np.arange(len(known) + 1))
        tallies = np.minimum(counts, _MOST).astype(np.uint16)
        return cls(digests[order], starts.astype(np.int64), places.astype(np.int32), tallies, sizes)

    def joined(self, kept: npt.NDArray[np.bool_], other: "Postings") -> "Postings":
        """Return the passages that are kept of these, and those of another behind them."""
        place = np.cumsum(kept, dtype=np.int32) - 1
        stay = kept[self.places]
        own, others = (np.repeat(some.keys, np.diff(some.starts)) for some in (self, other))
        keys = np.concatenate([own[stay], others])
        places = np.concatenate([place[self.places[stay]], other.places + np.int32(kept.sum())])
        counts = np.concatenate([self.counts[stay], other.counts])
        order = np.argsort(keys, kind="stable")  # which leaves the places of a term in their order
        distinct, starts = np.unique(keys[order], return_index=True)
        return Postings(
            distinct,
            np.append(starts, len(keys)).astype(np.int64),
            places[order],
            counts[order],
            np.concatenate([self.lengths[kept], other.lengths]),
        )

    def entries(self, term: str) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint16]]:
        """Return the places of the passages that hold a term, and how often each does."""
        key = np.uint64(term_key(term))
        at = int(np.searchsorted(self.keys, key))
        if at == len(self.keys) or self.keys[at] != key:
            return self.places[:0], self.counts[:0]
        span = slice(int(self.starts[at]), int(self.starts[at + 1]))
        return self.places[span], self.counts[span]


def term_key(term: str) -> int:
    """Return the digest that stands for a term."""
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def rarity(passages: int, holding: int) -> float:
    """Return a term's inverse document frequency, as Lucene counts it."""
    return float(np.log1p((passages - holding + 0.5) / (holding + 0.5)))


def saturated(
    counts: npt.NDArray[np.uint16], lengths: npt.NDArray[np.int32], mean_length: float
) -> npt.NDArray[np.float32]:
    """Return how much each passage's occurrences of a term count, in 0..1: more of them, in a shorter passage."""
    often = counts.astype(np.float32)
    scale = np.float32(K1 * (1 - B)) + np.float32(K1 * B / mean_length if mean_length else 0) * lengths
    return np.asarray(often / (often + scale), np.float32)
