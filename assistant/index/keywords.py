"""Keyword search: postings (which passages contain a term, how often) and the parts of a BM25 score.

In: the terms of passages, in order. Out: postings, and the weights of Lucene's variant of BM25. Terms are stored as
64-bit digests in sorted arrays, so that a search reads only the terms of the question. Scores are computed at search
time, because a term's weight changes whenever a note is added or removed.
"""

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

K1, B = 1.5, 0.75
_MOST = int(np.iinfo(np.uint16).max)
"""Occurrences of a term in one passage are counted up to this number."""


@dataclass(frozen=True)
class Postings:
    """`places[starts[i]:starts[i + 1]]` are the passages that contain the term with digest `keys[i]`.

    `keys` is sorted, and so are the places of each term. `counts[j]` is how often the term occurs in `places[j]`, and
    `lengths[p]` is the number of terms of passage p.
    """

    keys: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    places: npt.NDArray[np.int32]
    counts: npt.NDArray[np.uint16]
    lengths: npt.NDArray[np.int32]

    @classmethod
    def of(cls, terms: Iterable[Sequence[str]]) -> "Postings":
        """Build the postings of passages from their terms."""
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
        """Return these postings without the passages that are not `kept`, followed by those of another part."""
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
        """Return the places of the passages that contain a term, and how often each does."""
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
    """Return BM25's term frequency part for each passage, in 0..1: higher for more occurrences and shorter passages."""
    often = counts.astype(np.float32)
    scale = np.float32(K1 * (1 - B)) + np.float32(K1 * B / mean_length if mean_length else 0) * lengths
    return np.asarray(often / (often + scale), np.float32)
