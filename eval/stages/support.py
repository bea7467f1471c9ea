"""Scores whether a text supports a sentence, without a language model.

It stands apart from the check that the assistant makes before it shows an answer (`assistant.answering.check`), so that
the assistant does not mark its own work: it also compares meaning, which works across languages.
"""

import re
from collections.abc import Sequence

import numpy as np

from assistant.messages.said import ACROSS
from assistant.models.embedding import Embedder, Vectors, embed_texts
from assistant.text.language import Language, detect
from assistant.text.sentences import sentences
from assistant.text.terms import terms

THRESHOLD = 0.5
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|n't)\b|n't\b|않|아니|못하|못한|못했|없[다는이었으고]|없음|금지"
)
_HANGUL, _LETTER = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]"), re.compile(r"[^\W\d_]")
_FOREIGN = 0.15
"""Share of an English answer's letters that may be Hangul."""
_UNRELATED, _SAME = 0.35, 0.7
"""Cosines of e5 between unrelated sentences and between sentences that say the same."""


class SupportScorer:
    """Scores (evidence, sentence) pairs in 0..1; vectors are made once a text."""

    def __init__(self, embed_model: Embedder) -> None:
        self._embed_model = embed_model
        self._met: dict[str, Vectors] = {}

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        fresh = [text for text in dict.fromkeys(texts) if text not in self._met]
        if fresh:
            self._met |= zip(fresh, embed_texts(self._embed_model, fresh), strict=True)
        return np.stack([self._met[text] for text in texts])

    def score(self, evidence: str, sentence: str) -> float:
        """Return the support that the best sentences of the evidence give.

        The share of the sentence's terms that the evidence holds counts half, the nearness in meaning of its nearest
        sentence the other half; across languages, where terms differ, nearness alone. A number that the evidence
        lacks makes it 0, a negation on one side only halves it. A sentence that quotes claims what it quotes.
        """
        for lead in ACROSS.values():
            sentence = sentence.removeprefix(f"{lead} ")
        if not set(_NUMBER.findall(sentence)) <= set(_NUMBER.findall(evidence)):
            return 0.0
        said = set(terms(sentence))
        covered = len(said & set(terms(evidence))) / len(said) if said else 0.0
        if covered == 1.0 and " ".join(sentence.split()) in " ".join(evidence.split()):
            return 1.0
        parts = [evidence[start:end] for start, end in sentences(evidence)]
        *held, own = self._vectors([*parts, evidence, sentence])
        cosine = max(float(vector @ own) for vector in held)
        near = min(max((cosine - _UNRELATED) / (_SAME - _UNRELATED), 0.0), 1.0)
        score = near if detect(evidence) != detect(sentence) else (covered + near) / 2
        return score / 2 if bool(_NEGATION.search(evidence)) != bool(_NEGATION.search(sentence)) else score

    def supports(self, evidence: str, sentence: str) -> bool:
        """Tell whether the evidence supports the sentence."""
        return self.score(evidence, sentence) >= THRESHOLD


def says_in(text: str, language: Language) -> bool:
    """Tell whether a text is in the language; counted strictly, with the words that it quotes."""
    bare = re.sub(r"\[\d+\]", " ", text)
    if language is Language.KO:
        return detect(bare) is Language.KO
    return len(_HANGUL.findall(bare)) <= _FOREIGN * len(_LETTER.findall(bare))
