"""Tokenizes single texts with the few pieces of a large vocabulary that occur in them.

In: the file of a Unigram tokenizer with 250,000 pieces; then texts. Out: the tokens that the whole tokenizer gives. To
build the whole tokenizer takes a second, half of a search from the command line; to read its file takes a third of
a second.
"""

from pathlib import Path
from typing import Any

import orjson
from tokenizers import Tokenizer


class Pieces:
    """The pieces of a vocabulary by their spelling."""

    def __init__(self, file: Path) -> None:
        """Read the file; raise ValueError or KeyError if it is no tokenizer of the kind Unigram."""
        self._told = orjson.loads(file.read_bytes())
        self._vocabulary: list[tuple[str, float]] = self._told["model"]["vocab"]
        self._places = {piece: place for place, (piece, _) in enumerate(self._vocabulary)}
        self._longest = max(map(len, self._places))
        self._special = {token["content"]: token["id"] for token in self._told["added_tokens"]}
        rarest = min(range(len(self._vocabulary)), key=lambda place: self._vocabulary[place][1])
        # The special pieces keep their places, and what is unknown costs as much as before.
        self._always = {*self._special.values(), rarest}
        self._spelled: Any = self._tokenizer(sorted(self._always)).normalizer

    def ids(self, text: str) -> list[int] | None:
        """Return the tokens of a text; None if it spells out a special piece, which splits it."""
        if any(piece in text for piece in self._special):
            return None
        spelled = "▁" + self._spelled.normalize_str(text).replace(" ", "▁")
        present = self._always | {
            place
            for start in range(len(spelled))
            for end in range(start + 1, min(start + self._longest, len(spelled)) + 1)
            if (place := self._places.get(spelled[start:end])) is not None
        }
        places = sorted(present)
        return [places[id] for id in self._tokenizer(places).encode(text).ids]

    def _tokenizer(self, places: list[int]) -> Tokenizer:
        model = self._told["model"] | {"vocab": [self._vocabulary[place] for place in places]}
        return Tokenizer.from_buffer(orjson.dumps(self._told | {"model": model}))
