"""The measures, against cases worked by hand, independent implementations and properties."""

import math
import random
from typing import Any

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from eval.measures import metrics
from eval.measures.metrics import (
    aurc,
    auroc,
    facts_present,
    ndcg,
    precision_recall,
    recall,
    reciprocal_rank,
    risk_coverage,
)

IDS = "abcdefghijklmno"
RANKINGS = st.permutations(IDS).flatmap(lambda ids: st.integers(0, len(ids)).map(lambda n: ids[:n]))
GAINS = st.dictionaries(st.sampled_from(IDS), st.integers(0, 3))
LEVELS = st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 1.0])  # few, so that ties are common
CASES = st.lists(st.tuples(LEVELS, st.booleans()), min_size=1, max_size=25)
ece = metrics.expected_calibration_error


def test_ndcg_by_hand() -> None:
    """DCG 1 / log2(2) + 2 / log2(4) = 2; at best 2 / log2(2) + 1 / log2(3)."""
    assert ndcg(["b", "x", "a"], {"a": 2, "b": 1}) == pytest.approx(2 / (2 + 1 / math.log2(3)))
    assert ndcg(["a", "b"], {"a": 2, "b": 1, "x": 0}) == 1.0
    assert ndcg(["x", "a"], {"a": 1}, k=1) == 0.0
    assert ndcg(["a", "b"], {"a": 1, "b": 1, "c": 1}, k=2) == 1.0, "perfect with more than k relevant"


def test_recall_and_reciprocal_rank_by_hand() -> None:
    ranked, relevant = ["x", "a", "y", "b"], {"a": 1, "b": 2, "c": 1, "x": 0}
    assert [recall(ranked, relevant, k) for k in (1, 2, 4)] == [0.0, 1 / 3, 2 / 3]
    assert [reciprocal_rank(ranked, relevant, k) for k in (1, 10)] == [0.0, 0.5]


@pytest.mark.parametrize(
    ("ranked", "relevant"), [([], {"a": 1}), (["a"], {}), (["a"], {"a": 0}), (["a"], {"a": -1}), ([], {})]
)
def test_nothing_found_or_nothing_to_find_is_zero(ranked: list[str], relevant: dict[str, int]) -> None:
    assert (ndcg(ranked, relevant), recall(ranked, relevant, 10), reciprocal_rank(ranked, relevant)) == (0, 0, 0)


def test_a_repeated_id_counts_once_and_those_after_it_move_up() -> None:
    assert ndcg(["a", "a", "b"], {"a": 1, "b": 1}) == recall(["a", "a", "b"], {"a": 1, "b": 1}, 2) == 1.0
    assert reciprocal_rank(["x", "x", "a"], {"a": 1}) == 0.5


@pytest.mark.filterwarnings("ignore:.*removed in Python 3.14:DeprecationWarning")  # in ir_measures
def test_rankings_score_as_ir_measures_scores_them() -> None:
    """Scores without ties; queries with no positive, none retrieved and more than k relevant are among them."""
    chance = random.Random(0)
    ids = [f"d{n}" for n in range(40)]
    qrels, run, rankings = {}, {}, {}
    for query in map(str, range(200)):
        gains = [0] if query in "01234" else [0, 1, 1, 2, 3]
        qrels[query] = {item: chance.choice(gains) for item in chance.sample(ids, chance.randint(1, 30))}
        rankings[query] = [] if query in "56789" else chance.sample(ids, chance.randint(1, 40))
        run[query] = {item: -float(rank) for rank, item in enumerate(rankings[query])}
    ours: dict[str, Any] = {f"nDCG@{k}": lambda ranked, gold, k=k: ndcg(ranked, gold, k) for k in (3, 10)}
    ours |= {f"R@{k}": lambda ranked, gold, k=k: recall(ranked, gold, k) for k in (1, 5)}
    ours |= {f"RR@{k}": lambda ranked, gold, k=k: reciprocal_rank(ranked, gold, k) for k in (2, 10)}
    theirs = list(ir_measures.iter_calc([ir_measures.parse_measure(name) for name in ours], qrels, run))
    assert len(theirs) == len(ours) * len(qrels)
    for one in theirs:
        assert ours[str(one.measure)](rankings[one.query_id], qrels[one.query_id]) == pytest.approx(one.value), one


@given(RANKINGS, GAINS, st.integers(1, 12), st.data())
def test_ranking_measures_stay_in_0_to_1_and_rise_with_better_ranks(
    ranked: list[str], relevant: dict[str, int], k: int, data: st.DataObject
) -> None:
    better = list(ranked)
    if len(ranked) > 1:
        n = data.draw(st.integers(0, len(ranked) - 2))
        better[n : n + 2] = sorted(ranked[n : n + 2], key=lambda item: -relevant.get(item, 0))
    for measure in (ndcg, recall, reciprocal_rank):
        assert 0 <= measure(ranked, relevant, k) <= measure(better, relevant, k) + 1e-12 <= 1 + 1e-11


@given(RANKINGS, GAINS, st.integers(1, 12), st.data())
def test_recall_ignores_the_order_of_the_first_k_and_grows_with_k(
    ranked: list[str], relevant: dict[str, int], k: int, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(ranked[:k])) + ranked[k:]
    assert recall(shuffled, relevant, k) == recall(ranked, relevant, k) <= recall(ranked, relevant, k + 1)


def test_auroc_by_hand() -> None:
    """Of the four pairs (true, false) two are in order, one is tied and one is out of order."""
    assert auroc([0.9, 0.5, 0.5, 0.7], [True, True, False, False]) == 2.5 / 4
    assert auroc([0.2, 0.2, 0.2], [True, False, True]) == 0.5
    assert all(math.isnan(auroc(scores, [True] * len(scores))) for scores in ([], [0.3], [0.3, 0.4]))
    assert math.isnan(auroc([0.3], [False]))


@given(CASES)
def test_auroc_equals_scikit_learns_ties_included(cases: list[tuple[float, bool]]) -> None:
    scores, labels = zip(*cases, strict=True)
    if len(set(labels)) == 2:
        assert auroc(scores, labels) == pytest.approx(roc_auc_score(labels, scores))
        assert auroc([-score for score in scores], labels) == pytest.approx(1 - auroc(scores, labels))


@pytest.mark.parametrize(
    ("accepted", "labels", "expected"),
    [
        ([1, 1, 0, 1, 0], [1, 1, 1, 0, 0], (2 / 3, 1 / 2, 7 / 12)),
        ([1, 1, 1], [1, 0, 0], (1, 0, 1 / 2)),
        ([0, 1], [0, 0], (math.nan, 1 / 2, math.nan)),
        ([0, 1], [1, 1], (1 / 2, math.nan, math.nan)),
        ([], [], (math.nan, math.nan, math.nan)),
    ],
)
def test_decision_rates(accepted: list[bool], labels: list[bool], expected: tuple[float, ...]) -> None:
    rates = (metrics.accepted_answerable, metrics.refused_unanswerable, metrics.balanced_accuracy)
    assert tuple(rate(accepted, labels) for rate in rates) == pytest.approx(expected, nan_ok=True)


def test_calibration_error_by_hand() -> None:
    """Bins (0, 0.5] and (0.5, 1]: |1 - 0.7| over the first two cases, |1 - 1.7| over the others, of four."""
    assert ece([0.2, 0.5, 0.8, 0.9], [False, True, True, False], bins=2) == pytest.approx((0.3 + 0.7) / 4)
    assert ece([0.2, 0.5, 0.8, 0.9], [False, True, True, False], bins=1) == pytest.approx(0.4 / 4)
    assert ece([1.0, 0.0], [True, False]) == 0.0
    assert ece([1.0, 0.0], [False, True]) == 1.0
    assert math.isnan(ece([], []))


def test_a_confidence_on_an_edge_belongs_to_the_lower_bin() -> None:
    """Two cases of one bin make up for each other; two of neighbouring bins do not."""
    assert ece([0.3, 0.25], [True, False]) == pytest.approx(0.45 / 2)
    assert ece([0.3, 0.2], [True, False]) == pytest.approx((0.7 + 0.2) / 2)
    assert ece([0.0, 0.1], [True, False]) == pytest.approx(0.9 / 2), "0 is in the first"


def test_risk_coverage_by_hand() -> None:
    confidences, correct = [0.2, 0.9, 0.5, 0.5], [False, True, True, False]
    assert risk_coverage(confidences, correct) == [(0.25, 0.0), (0.75, 1 / 3), (1.0, 0.5)]
    assert aurc(confidences, correct) == pytest.approx((0 + 1 / 3 + 1 / 3 + 1 / 2) / 4)
    assert risk_coverage([0.5] * 4, [True, False, True, True]) == [(1.0, 0.25)], "all tied"
    assert aurc([0.5] * 4, [True, False, True, True]) == 0.25
    assert risk_coverage([], []) == [] and math.isnan(aurc([], []))


@given(CASES, st.randoms(use_true_random=False))
def test_measures_of_cases_stay_in_0_to_1_and_ignore_order(
    cases: list[tuple[float, bool]], chance: random.Random
) -> None:
    values, flags = zip(*cases, strict=True)
    shuffled = list(zip(*chance.sample(cases, len(cases)), strict=True))
    for measure in (auroc, ece, aurc):
        value = measure(values, flags)
        assert math.isnan(value) or -1e-12 <= value <= 1 + 1e-12
        assert measure(*shuffled) == pytest.approx(value, nan_ok=True)
    points = risk_coverage(values, flags)
    assert points == risk_coverage(*shuffled) == sorted(points)
    assert points[-1] == (1.0, flags.count(False) / len(flags))


@pytest.mark.parametrize("measure", [auroc, aurc, ece, risk_coverage, metrics.balanced_accuracy])
def test_unpaired_or_missing_numbers_are_refused(measure: Any) -> None:
    with pytest.raises(ValueError, match="expected one label for each value, found 1 for 2"):
        measure([0.1, 0.2], [True])
    with pytest.raises(ValueError, match="found nan"):
        measure([0.1, math.nan], [True, False])


def test_precision_and_recall_of_sets() -> None:
    assert precision_recall({"a", "b", "c"}, {"b", "d"}) == (1 / 3, 1 / 2)
    assert precision_recall(set(), set()) == (1.0, 1.0)
    assert precision_recall(set(), {"a"}) == precision_recall({"a"}, set()) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("alternative", "inside", "not_inside"),
    [
        ("25%", "SliceGPT는 25 %를 자른다|up to ２５％.|(25%)", "125%|0.25%|1,125%|25 percent|25"),
        ("25 %", "25%까지", "125 %"),
        ("5", "5개|5%|5 models|5.|5, 6|4,5|다섯(5)|5K|224x5", "15|2.5|5.2|5,000|1,005|52|T5|답은 이렇다 [5].|[1] [5]"),
        ("005", "005", "1,005"),
        ("2.5", "약 2.5배", "12.5|2.51|1.2.5"),
        ("1,024", "1,024개", "11,024|1,024,000|1024"),
        ("3배", "약 3 배 빠르다", "13배|0.3배"),
        ("3 times", "3times|3\n times", "13 times"),
        ("16비트", "float16이나 16 비트", "116비트"),
        ("8K", "8k 토큰|8 K", "128K|8KB"),
        ("BERT", "BERT는|모델BERT|(bert)|BERT-base|ＢＥＲＴ|3 bert", "DistilBERT|RoBERTa|BERT2"),
        ("mT5", "mT5의", "T5|umT5|mT51"),
        ("Soft  Prompt", "soft\n\tprompt를", "softprompt|a soft pro"),
        ("café", "CAFE\u0301에서", "cafe"),
        ("투영 행렬", "투영\u00a0 행렬을|투영 [1] 행렬", "투영행렬"),
        ("낮", "정확도가 낮은", "높은"),
        ("K=2", "top-k에서 k=2로", "K = 2|K=20"),
        (" ", "", "아무 말|a b"),
    ],
)
def test_a_fact_is_found_whole_in_both_languages(alternative: str, inside: str, not_inside: str) -> None:
    for text in filter(None, inside.split("|")):
        assert facts_present(text, [["없는 말", alternative]]) == 1, text
    for text in not_inside.split("|"):
        assert facts_present(text, [["없는 말", alternative]]) == 0, text


@given(st.text("abT5 ,.%가나", min_size=1).filter(str.strip))
def test_a_fact_is_found_in_its_own_words_with_a_particle_behind(fact: str) -> None:
    assert facts_present(f"답은 ({fact})", [[fact]]) == facts_present(f"{fact.strip()}입니다.", [[fact]]) == 1


def test_the_share_of_facts_counts_each_fact_once() -> None:
    answer = "LoRA(로라)는 25%를 아낀다"
    assert facts_present(answer, [["LoRA", "로라"], ["25%"], ["QLoRA", "큐로라"]]) == pytest.approx(2 / 3)
    assert facts_present("", [["LoRA"]]) == facts_present(answer, [[]]) == 0.0
    assert math.isnan(facts_present(answer, []))


def holds_all_words(evidence: str, sentence: str) -> bool:
    return set(sentence.split()) <= set(evidence.split())


@pytest.mark.parametrize(
    ("sentences", "quotes", "expected"),
    [
        (["a b"], [["a", "b"]], (1, 1)),  # each is needed
        (["a b"], [["a b", "x"]], (1, 1 / 2)),  # x is irrelevant
        (["a b"], [["a b", "b a"]], (1, 1)),  # each supports alone
        (["a b"], [["a", "b", "a"]], (1, 1 / 3)),  # either a may go, as the other one stays
        (["a b"], [["a", "x"]], (0, 0)),  # unsupported: no citation of it is precise
        (["a", "b", "c"], [["a"], [], ["x"]], (1 / 3, 1 / 2)),
        (["a", "b"], [["a"], ["b", "x", "y"]], (1, 2 / 4)),
        (["a", ""], [[], []], (0, 0)),  # nothing supports "", but without a citation that does not count
        ([], [], (math.nan, math.nan)),
    ],
)
def test_citations_as_alce_counts_them(
    sentences: list[str], quotes: list[list[str]], expected: tuple[float, float]
) -> None:
    found = [
        measure(sentences, quotes, holds_all_words) for measure in (metrics.citation_recall, metrics.citation_precision)
    ]
    assert found == pytest.approx(list(expected), nan_ok=True)
