"""Pure measures of rankings, decisions and answers: plain values in, numbers out.

Knows nothing of the assistant. nan means that there was nothing to measure; `eval.measures.stats` drops it, so that it
is never taken for a score of 0.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence, Set

import numpy as np
from numpy.typing import NDArray

Supports = Callable[[str, str], bool]
"""(evidence, sentence) → whether the evidence supports the sentence."""

_LATIN = "a-zà-öø-ɏ"  # after casefold
_NUMBER_STARTS = rf"(?<!\d)(?<!\d\.)(?!(?<=\d,)\d{{3}}(?!\d))(?:(?<![{_LATIN}])|(?<=\dx))"
_NUMBER_ENDS = r"(?!\d)(?!\.\d)(?!,\d{3}(?!\d))"
_MARK = re.compile(r" ?\[\d{1,2}\]")  # a citation's number in an answer


def ndcg(ranked: Sequence[str], relevant: Mapping[str, int], k: int = 10) -> float:
    """Return nDCG@k: the gains of the first k, each over log2(rank + 1), as a share of the best possible sum.

    Järvelin and Kekäläinen 2002, with linear gains: ir-measures' `nDCG@k` (trec_eval's `ndcg_cut`). Unjudged ids and
    gains below 1 add nothing. 0.0 when nothing was retrieved, and when no gain is positive: ir-measures gives 0 to
    such a query too, but leaves one without any judgement out of its mean. A repeated id counts once, at its first
    place, and those after it move up. A ranking is an order and has no ties (ir-measures breaks equal scores by id).
    """
    ideal = _dcg(sorted(relevant.values(), reverse=True)[:k])
    return _dcg([relevant.get(item, 0) for item in _first(ranked, k)]) / ideal if ideal else 0.0


def recall(ranked: Sequence[str], relevant: Mapping[str, int], k: int) -> float:
    """Return R@k: the share of the ids with a positive gain that stand among the first k.

    ir-measures' `R@k` (trec_eval's `recall`), so below 1.0 where there are more than k of them. 0.0 when nothing was
    retrieved or no gain is positive; that case, repeated ids and ties are as in `ndcg`.
    """
    positive = {item for item, gain in relevant.items() if gain > 0}
    return len(positive.intersection(_first(ranked, k))) / len(positive) if positive else 0.0


def reciprocal_rank(ranked: Sequence[str], relevant: Mapping[str, int], k: int = 10) -> float:
    """Return RR@k: 1 / the rank of the first id with a positive gain, 0.0 if none is among the first k.

    Kantor and Voorhees 2000; ir-measures' `RR@k` (MS MARCO's script). 0.0 when nothing was retrieved or no gain is
    positive; that case, repeated ids and ties are as in `ndcg`.
    """
    return next((1 / rank for rank, item in enumerate(_first(ranked, k), 1) if relevant.get(item, 0) > 0), 0.0)


def _first(ranked: Sequence[str], k: int) -> list[str]:
    return list(dict.fromkeys(ranked))[:k]


def _dcg(gains: Sequence[int]) -> float:
    return sum(max(gain, 0) / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Return the probability that a case labelled true scores above one labelled false, ties counting half.

    Area under the ROC curve as the Mann-Whitney statistic over mid-ranks (Hanley and McNeil 1982). 0.5 when all scores
    are tied; nan when one class is missing.

    Raises:
        ValueError: the lengths differ, or a score is nan. So do the other measures of scores or decisions.

    """
    values, positive = _arrays(scores, labels)
    count = int(positive.sum())
    pairs = count * (len(values) - count)
    if not pairs:
        return math.nan
    _, place, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[place]
    return float((ranks[positive].sum() - count * (count + 1) / 2) / pairs)


def accepted_answerable(accepted: Sequence[bool], labels: Sequence[bool]) -> float:
    """Return the share of the cases labelled true that were accepted (sensitivity); nan if there are none."""
    decided, answerable = _arrays(accepted, labels)
    return float(decided[answerable].mean()) if answerable.any() else math.nan


def refused_unanswerable(accepted: Sequence[bool], labels: Sequence[bool]) -> float:
    """Return the share of the cases labelled false that were not accepted (specificity); nan if there are none."""
    decided, answerable = _arrays(accepted, labels)
    return float(1 - decided[~answerable].mean()) if not answerable.all() else math.nan


def balanced_accuracy(accepted: Sequence[bool], labels: Sequence[bool]) -> float:
    """Return the mean of `accepted_answerable` and `refused_unanswerable` (Brodersen et al. 2010).

    0.5 when all or none is accepted; nan when one class is missing.
    """
    return (accepted_answerable(accepted, labels) + refused_unanswerable(accepted, labels)) / 2


def expected_calibration_error(confidences: Sequence[float], correct: Sequence[bool], bins: int = 10) -> float:
    """Return the gap between accuracy and mean confidence, averaged over equal-width bins by the cases they hold.

    Guo et al. 2017, equation 3, for confidences in 0..1. Bin m is ((m - 1) / bins, m / bins], so a confidence on an
    edge falls into the lower bin; 0 belongs to the first. Empty bins add nothing; nan without cases.
    """
    values, right = _arrays(confidences, correct)
    if not len(values):
        return math.nan
    places = np.searchsorted(np.arange(1, bins) / bins, values, side="left")
    return float(np.abs(np.bincount(places, weights=right - values)).sum() / len(values))


def risk_coverage(confidences: Sequence[float], correct: Sequence[bool]) -> list[tuple[float, float]]:
    """Return (coverage, risk) for each threshold, the most confident cases first; empty without cases.

    Coverage is the share of the cases at or above the threshold, risk the share of these that are wrong (El-Yaniv and
    Wiener 2010). Tied cases enter together, as one point; the last point is (1.0, the error rate).
    """
    values, right = _arrays(confidences, correct)
    _, place, sizes = np.unique(-values, return_inverse=True, return_counts=True)
    held = np.cumsum(sizes)
    wrong = np.cumsum(np.bincount(place, weights=~right, minlength=len(sizes)))
    return [(int(n) / len(values), float(w) / int(n)) for n, w in zip(held, wrong, strict=True)]


def aurc(confidences: Sequence[float], correct: Sequence[bool]) -> float:
    """Return the area under `risk_coverage`: the risk at each case's own threshold, averaged over the cases.

    Geifman et al. 2019; lower is better. Tied cases share the risk of the point at which they enter, so all tied gives
    the error rate; nan without cases.
    """
    points = risk_coverage(confidences, correct)
    starts = [0.0, *(coverage for coverage, _ in points)]
    area = sum((coverage - start) * risk for start, (coverage, risk) in zip(starts, points, strict=False))
    return area if points else math.nan


def _arrays(values: Sequence[float], flags: Sequence[bool]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    numbers, booleans = np.asarray(values, np.float64), np.asarray(flags, np.bool_)
    if len(numbers) != len(booleans):
        raise ValueError(f"expected one label for each value, found {len(booleans)} for {len(numbers)}")
    if np.isnan(numbers).any():
        raise ValueError("expected numbers, found nan: leave failed cases out")
    return numbers, booleans


def precision_recall(predicted: Set[object], gold: Set[object]) -> tuple[float, float]:
    """Return (the share of the predicted that is gold, the share of the gold that is predicted).

    Both empty: (1.0, 1.0), for there was nothing to find and nothing was claimed. One of them empty: (0.0, 0.0), so
    that silence earns no precision.
    """
    if not predicted and not gold:
        return 1.0, 1.0
    both = len(predicted & gold)
    return both / max(len(predicted), 1), both / max(len(gold), 1)


def facts_present(answer: str, facts: Sequence[Sequence[str]]) -> float:
    """Return the share of the facts of which an alternative occurs in the answer; nan without facts.

    ALCE's exact-match recall (Gao et al. 2023, section 3.2) for two languages, citation marks taken out as there.
    NFKC, case folded, white space collapsed, and ignored between a number and its unit: "25%" is found in "25 %". A
    number is found whole ("5" neither in "15", "2.5" and "5,000" nor in "T5", but in "5개", "5%" and "5K"). A Latin
    letter begins a word, and fewer than four letters end one too, so that stems of four letters and more match
    ("annotat" in "annotation", but "LLM" not in "LLMs"); Hangul may stand against it ("BERT" in "BERT는"). Hangul is
    found anywhere, in longer words too. Not a fact's meaning: "not 25%" holds "25%". A blank alternative, and a fact
    without alternatives, is never present.
    """
    if not facts:
        return math.nan
    text = _MARK.sub("", _plain(answer))
    return sum(any(_occurs(_plain(alternative), text) for alternative in fact) for fact in facts) / len(facts)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


def _occurs(alternative: str, text: str) -> bool:
    if not alternative:
        return False
    before = after = ""
    if re.match(r"\.?\d", alternative):
        before = _NUMBER_STARTS
    elif re.match(f"[{_LATIN}]", alternative):
        before = f"(?<![{_LATIN}])"  # a digit may stand there: a unit against its number
    if alternative[-1].isdecimal():
        after = _NUMBER_ENDS
    elif re.search(f"(?<![{_LATIN}])[{_LATIN}]{{1,3}}$", alternative):
        after = rf"(?![{_LATIN}\d])"
    elif re.match(f"[{_LATIN}]", alternative[-1]):
        after = r"(?!\d)"
    # One optional space wherever a number meets a letter or a sign of measure.
    pieces = re.split(r"(?<=\d) ?(?=[^\W\d_]|[%‰°])", alternative)
    return re.search(before + " ?".join(map(re.escape, pieces)) + after, text) is not None


def citation_recall(sentences: Sequence[str], quotes: Sequence[Sequence[str]], supports: Supports) -> float:
    """Return the share of an answer's sentences that have citations whose quotes, joined, support them.

    ALCE (Gao et al. 2023, arXiv 2305.14627, section 3.3, and its eval.py, which joins by line breaks). `quotes` holds
    each sentence's cited quotes. nan without sentences (eval.py leaves such an answer out); 0.0 without citations.
    """
    held = [_supported(*pair, supports) for pair in zip(sentences, quotes, strict=True)]
    return sum(held) / len(held) if held else math.nan


def citation_precision(sentences: Sequence[str], quotes: Sequence[Sequence[str]], supports: Supports) -> float:
    """Return the share of an answer's citations that are precise, over all its sentences together.

    ALCE, as in `citation_recall`: precise is a citation of a sentence whose recall is 1, unless it is irrelevant, that
    is, does not support the sentence alone while the others without it still do. (eval.py cuts each sentence's
    citations to three; this does not.) A quote cited twice is two citations. nan without sentences; 0.0 with sentences
    and no citations, as eval.py has it.
    """
    precise = 0
    for sentence, cited in zip(sentences, quotes, strict=True):
        if _supported(sentence, cited, supports):
            precise += sum(not _irrelevant(sentence, cited, n, supports) for n in range(len(cited)))
    return precise / max(sum(map(len, quotes)), 1) if sentences else math.nan


def _supported(sentence: str, cited: Sequence[str], supports: Supports) -> bool:
    return bool(cited) and supports("\n".join(cited), sentence)


def _irrelevant(sentence: str, cited: Sequence[str], n: int, supports: Supports) -> bool:
    others = [*cited[:n], *cited[n + 1 :]]
    return not supports(cited[n], sentence) and _supported(sentence, others, supports)
