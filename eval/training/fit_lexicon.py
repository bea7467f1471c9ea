"""Learns which terms translate each other: `python -m eval.training.fit_lexicon BITEXT.jsonl`.

Each line of the file holds one sentence in both languages, `ko` and `en`. Writes `assistant/lexicon.json`. The method
is IBM Model 1 (Brown et al. 1993, section 4.1) in both directions over sets of search terms; a pair's probability is
the geometric mean of the two. Deterministic.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from assistant.text.terms import terms
from eval.questions.beir import read_objects

ROUNDS = 8
TOGETHER = 2
"""Sentences that must hold both terms of a pair; once may be chance."""
PROBABLE = 0.2
"""Pairs below this are as often wrong as right."""
KEPT = 3
"""Translations kept of a Korean term, the likeliest."""
_NOTHING = ""
"""The source of a term that no term of the other sentence explains (the NULL word of IBM model 1)."""
Pair = tuple[Sequence[str], Sequence[str]]


def main(file: Path) -> None:
    """Learn from the sentences and write the lexicon."""
    pairs = [(_korean(line["ko"]), _english(line["en"])) for line in read_objects(file)]
    place = Path(__file__).parent.parent.parent / "assistant" / "text" / "lexicon.json"
    place.write_text(json.dumps(translations(pairs), ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def _korean(text: str) -> list[str]:
    return sorted({term for term in terms(text) if not term.isascii()})


def _english(text: str) -> list[str]:
    return sorted({term for term in terms(text) if term.isalpha() and term.isascii()})


def translations(pairs: Sequence[Pair]) -> dict[str, dict[str, float]]:
    """Return the probable translations of each Korean term, likeliest first: term → English term → probability."""
    there, back = model1(pairs), model1([(english, korean) for korean, english in pairs])
    together = Counter((one, other) for korean, english in pairs for one in korean for other in english)
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for (korean, english), count in together.items():
        probability = (there.get((korean, english), 0.0) * back.get((english, korean), 0.0)) ** 0.5
        if count >= TOGETHER and probability >= PROBABLE:
            found[korean][english] = round(probability, 2)
    return {
        korean: dict(sorted(some.items(), key=lambda item: (-item[1], item[0]))[:KEPT])
        for korean, some in sorted(found.items())
    }


def model1(pairs: Iterable[Pair]) -> dict[tuple[str, str], float]:
    """Return P(term | other) for the terms of sentences and of their translations, `(term, other)` → probability."""
    sentences = [(terms, [*others, _NOTHING]) for terms, others in pairs]
    learned: dict[tuple[str, str], float] = defaultdict(lambda: 1.0)
    for _ in range(ROUNDS):
        expected: dict[tuple[str, str], float] = defaultdict(float)
        total: dict[str, float] = defaultdict(float)
        for words, others in sentences:
            for word in words:
                shares = [learned[word, other] for other in others]
                whole = sum(shares) or 1.0
                for other, share in zip(others, shares, strict=True):
                    expected[word, other] += share / whole
                    total[other] += share / whole
        learned = defaultdict(float, {pair: count / total[pair[1]] for pair, count in expected.items() if count})
    return dict(learned)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
