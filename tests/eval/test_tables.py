"""The tables of a hand-made run, and of two runs beside each other, down to their cells."""

import math
from pathlib import Path
from typing import Any

import pytest

from eval.report.comparison import print_comparison
from eval.report.run import Run, Stage, load
from eval.report.tables import number, print_data, print_run, ranged, stage_tables

NAN = math.nan


def leg(ndcg: float, low: float, high: float) -> dict[str, float]:
    rest = {"R@1": 0.5, "R@5": 0.75, "R@10": 1.0, "RR@10": 0.625}
    return {"nDCG@10": ndcg, **rest, "nDCG@10 low": low, "nDCG@10 high": high}


def legs(questions: int, hybrid: float) -> dict[str, Any]:
    found = {"dense": leg(0.5, 0.25, 0.75), "keyword": leg(NAN, NAN, NAN), "hybrid": leg(hybrid, 0.0, 1.0)}
    return {"questions": questions, **found}


def verdicts(auroc: float, incorrect: int) -> dict[str, Any]:
    none = {"correct": 0, "ambiguous": 0, "incorrect": incorrect}
    return {
        "questions": 4,
        "auroc": auroc,
        "accepted_answerable": 0.75,
        "refused_unanswerable": NAN,
        "actions": {"answerable": {"correct": 2, "ambiguous": 1, "incorrect": 0}, "unanswerable": none},
    }


def answers(facts: float, failed: int = 0) -> dict[str, Any]:
    means = {
        "facts": (facts, facts - 0.25, 1.0),
        "citation_recall": (NAN, NAN, NAN),
        "characters": (120.4, 99.6, 140.0),
        "first_word": (1.5, 1.0, 2.0),
    }
    return {"questions": 4, "failed": failed, **means, "abstention_precision": 0.5}


KO, EN = legs(2, 0.75), legs(2, 1.0)
GAP = {"dense": (0.0, -0.5, 0.5), "keyword": (NAN, NAN, NAN), "hybrid": (-0.25, -0.5, 0.0)}
RETRIEVAL = Stage(
    {"all": legs(4, 0.875), "ko": KO, "en": EN, "en→ko": EN, "ko→ko": KO, "parity gap": GAP},
    {"hybrid nDCG@10": {"a": 0.0, "b": 0.5, "c": 1.0, "d": NAN}},
)
RELEVANCE = Stage({"all": verdicts(0.9, 1), "ko": verdicts(NAN, 0), "en": verdicts(1.0, 1)})
ARMS = Stage(
    {"all": {"naive RAG": answers(0.5), "hybrid": answers(0.75, failed=1)}, "base": {"hybrid": "naive RAG"}},
    {
        "naive RAG facts": {"a": 0.0, "b": 0.5, "c": 1.0},
        "hybrid facts": {"a": 0.5, "b": 1.0, "c": NAN},
        "naive RAG citation_recall": {"a": NAN},
        "hybrid citation_recall": {"a": 1.0},
        "naive RAG first_word": {"a": 3.0, "b": NAN},
        "hybrid first_word": {"a": 1.0, "b": 1.0},
    },
)
FIRST = {
    "retrieve": {"p50": 0.25, "p95": 0.5},
    "total": {"p50": 1.0, "p95": 2.0},
    "refine": {"p50": 0.1, "p95": NAN},
}
REPEATED = {"retrieve": {"p50": 0.125, "p95": 0.25}}
LATENCY = Stage({"all": {"first": FIRST, "repeated": REPEATED}, "cold_search_seconds": 3.04, "peak_memory_mb": NAN})


def run(fingerprint: dict[str, Any] | None = None, **stages: Stage) -> Run:
    return Run(fingerprint or {"date": "2026-01-02", "split": "test", "llm": "extractive"}, stages)


def printed(measured: Run) -> list[str]:
    lines: list[str] = []
    print_run(measured, lines.append)
    return "\n".join(lines).split("\n")


def compared(before: Run, after: Run) -> str:
    lines: list[str] = []
    print_comparison(before, after, lines.append)
    return "\n".join(lines)


def cells(lines: list[str], *starts: str) -> list[list[str]]:
    """Return the cells, cut at two spaces, of the lines whose first cells are these."""
    cut = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines]
    return [line for line in cut if line[: len(starts)] == list(starts)]


def test_undefined_numbers_show_as_a_dash_and_no_zero_has_a_minus() -> None:
    assert [number(value) for value in (NAN, None, math.inf)] == ["–", "–", "–"]
    assert [number(value) for value in (3, 0.12345, -0.0001)] == ["3", "0.123", "0.000"]
    assert ranged((0.5, 0.25, 0.75)) == ranged([0.5, 0.25, 0.75]) == "0.500 [0.250–0.750]"
    assert ranged((NAN, NAN, NAN)) == ranged([None, None, None]) == ranged(None) == "–"


def test_retrieval_has_a_line_for_each_leg_of_each_direction_then_the_parity_gap() -> None:
    lines = printed(run(retrieval=RETRIEVAL))
    assert lines[0] == "split test, llm extractive, date 2026-01-02"
    rest = ["0.500", "0.750", "1.000", "0.625"]
    assert cells(lines, "all") == [["all", "4", "dense", "0.500 [0.250–0.750]", *rest]]
    assert cells(lines, "en→ko") == [["en→ko", "2", "dense", "0.500 [0.250–0.750]", *rest]]
    assert cells(lines, "keyword") == [["keyword", "–", *rest]] * 5
    assert [line[1] for line in cells(lines, "hybrid")] == [
        f"{mean} [0.000–1.000]" for mean in ("0.875", "0.750", "1.000", "1.000", "0.750")
    ]
    assert cells(lines, "+0.000 [-0.500–+0.500]") == [["+0.000 [-0.500–+0.500]", "–", "-0.250 [-0.500–+0.000]"]]


def test_columns_stand_under_their_heads() -> None:
    lines = printed(run(relevance=RELEVANCE))
    head = next(place for place, line in enumerate(lines) if "ambiguous" in line)
    assert lines[head : head + 4] == [
        "     truth         correct  ambiguous  incorrect",
        "---  ------------  -------  ---------  ---------",
        "all  answerable          2          1          0",
        "     unanswerable        0          0          1",
    ]


def test_relevance_shows_figures_by_language_and_a_dash_for_what_was_not_measured() -> None:
    lines = printed(run(relevance=RELEVANCE))
    assert cells(lines, "AUROC") == [["AUROC", "0.900", "–", "1.000"]]
    assert cells(lines, "questions") == [["questions", "4", "4", "4"]]
    assert cells(lines, "refused unanswerable") == [["refused unanswerable", "–", "–", "–"]]
    assert cells(lines, "ECE") == [["ECE", "–", "–", "–"]]


def test_generation_and_refinement_show_means_with_intervals() -> None:
    generation = Stage({"all": answers(0.5), "ko": answers(0.75), "en": answers(NAN)})
    refinement = Stage({"all": {"questions": 3, "gold_kept": (1.0, 0.5, 1.0), "text_dropped": (0.9, 0.8, 0.95)}})
    lines = printed(run(refinement=refinement, generation=generation))
    assert cells(lines, "facts") == [["facts", "0.500 [0.250–1.000]", "0.750 [0.500–1.000]", "–"]]
    assert cells(lines, "characters") == [["characters", *["120 [100–140]"] * 3]]
    assert cells(lines, "text dropped") == [["text dropped", "0.900 [0.800–0.950]", "–", "–"]]


def test_arms_are_set_against_the_arm_above_over_the_ids_with_a_number_in_both() -> None:
    lines = printed(run(arms=ARMS))
    assert cells(lines, "naive RAG", "0.500 [0.250–1.000]")
    assert cells(lines, "hybrid", "1") == [
        ["hybrid", "1", "–", "–", "0.500", "–", "120 [100–140]", "1.500 [1.000–2.000]", "–"]
    ]
    difference = ["2", "+0.500 [+0.500 to +0.500]", "*", "0", "–", "1", "-2.000 [-2.000 to -2.000]", "*"]
    assert cells(lines, "hybrid", "naive RAG") == [["hybrid", "naive RAG", *difference]]
    assert not cells(lines, "naive RAG", "hybrid")


def test_latency_lists_the_sum_after_its_parts() -> None:
    lines = printed(run(latency=LATENCY))
    place = next(place for place, line in enumerate(lines) if "retrieve" in line)
    assert [line.split() for line in lines[place : place + 3]] == [
        ["all", "retrieve", "0.2500", "0.5000", "0.1250", "0.2500", "–", "–"],
        ["refine", "0.1000", "–", "–", "–", "–", "–"],
        ["total", "1.0000", "2.0000", "–", "–", "–", "–"],
    ]
    assert cells(lines, "cold search seconds") == [["cold search seconds", "3.0"]]
    assert cells(lines, "peak memory mb") == [["peak memory mb", "–"]]


def test_chunking_counts_spans_and_passages() -> None:
    figures = {"all": {"spans": 5, "whole": 0.8}, "passages": 229, "tokens": {"p5": 29.5, "p50": 112.7, "p95": NAN}}
    lines = printed(run(chunking=Stage(figures)))
    assert cells(lines, "whole") == [["whole", "0.800", "–", "–"]]
    assert lines[-1].split() == ["229", "30", "113", "–"]


def test_stages_come_in_their_order_and_those_that_a_run_lacks_are_left_out() -> None:
    assert [name for name, _ in stage_tables(run(latency=LATENCY, retrieval=RETRIEVAL))] == ["retrieval", "latency"]
    assert printed(run()) == ["split test, llm extractive, date 2026-01-02"]


@pytest.mark.parametrize("name", ["chunking", "retrieval", "relevance", "refinement", "generation", "arms", "latency"])
def test_a_stage_without_figures_breaks_no_table(name: str) -> None:
    assert name.upper() in printed(run(**{name: Stage({})}))


def test_a_saved_run_prints_as_it_did_before(tmp_path: Path) -> None:
    measured = run(retrieval=RETRIEVAL, relevance=RELEVANCE, arms=ARMS, latency=LATENCY)
    assert printed(load(measured.save(tmp_path))) == printed(measured)


def test_a_comparison_says_what_differs_in_the_fingerprints() -> None:
    before = run({"split": "test", "llm": "extractive", "index": {"embedding": "small", "chunking": 1}, "gone": 1})
    after = run({"split": "test", "llm": "qwen", "index": {"embedding": "small", "chunking": 2}, "new": "x"})
    lines = compared(before, after).split("\n")
    assert [line.split() for line in lines[4:]] == [
        ["llm", "extractive", "qwen"],
        ["index.chunking", "1", "2"],
        ["gone", "1", "–"],
        ["new", "–", "x"],
    ]
    assert compared(before, before) == "The fingerprints are the same."


def test_a_comparison_pairs_cases_by_id() -> None:
    """b and c have numbers in both; a is failed after, d was failed before, e and g are new, and f is gone."""
    before = run(retrieval=Stage({}, {"nDCG": {"a": 1.0, "b": 0.0, "c": 0.5, "d": NAN, "f": 1.0}, "old": {"a": 1.0}}))
    after = run(retrieval=Stage({}, {"nDCG": {"c": 0.75, "b": 0.5, "a": NAN, "d": 0.0, "e": 0.0, "g": 1.0}}))
    lines = compared(before, after).split("\n")
    assert cells(lines, "nDCG") == [["nDCG", "2", "0.250", "0.625", "+0.375 [+0.250 to +0.500]", "*", "2", "3"]]
    back = cells(compared(after, before).split("\n"), "nDCG")
    assert back == [["nDCG", "2", "0.625", "0.250", "-0.375 [-0.500 to -0.250]", "*", "3", "2"]]
    assert not cells(lines, "old")


def test_a_difference_whose_interval_holds_0_is_not_marked() -> None:
    before = run(arms=Stage({}, {"full facts": {"a": 0.0, "b": 1.0}}))
    after = run(arms=Stage({}, {"full facts": {"a": 1.0, "b": 0.0}}))
    expected = ["full facts", "2", "0.500", "0.500", "+0.000 [-1.000 to +1.000]", "0", "0"]
    assert cells(compared(before, after).split("\n"), "full facts") == [expected]


def test_a_metric_without_common_ids_compares_as_undefined() -> None:
    before, after = (run(arms=Stage({}, {"full facts": {id: 1.0}})) for id in "ab")
    assert cells(compared(before, after).split("\n"), "full facts") == [["full facts", "0", "–", "–", "–", "1", "1"]]


def test_a_comparison_names_stages_of_one_run_and_stages_without_cases() -> None:
    text = compared(run(latency=LATENCY, arms=ARMS), run(latency=LATENCY, retrieval=RETRIEVAL))
    assert "LATENCY\nno cases to compare" in text
    assert "ARMS\nonly in the run before" in text
    assert "RETRIEVAL\nonly in the run after" in text


def test_a_data_set_shows_its_legs_side_by_side_and_other_figures_a_line_each() -> None:
    lines: list[str] = []
    legs = {"dense": {"nDCG@10": 0.5, "R@1": NAN}, "hybrid": {"nDCG@10": 0.75, "R@1": 1.0}}
    print_data({"dataset": "mine", "queries": 3, "legs": legs}, lines.append)
    assert cells(lines, "dataset") == [["dataset", "mine"]] and cells(lines, "queries") == [["queries", "3"]]
    assert cells(lines, "leg") == [["leg", "nDCG@10", "R@1"]]
    assert cells(lines, "dense") == [["dense", "0.500", "–"]] and cells(lines, "hybrid") == [
        ["hybrid", "0.750", "1.000"]
    ]
    lines.clear()
    print_data({"auroc": 0.5, "threshold": {"lower": -0.5, "upper": 0.25}, "actions": {"correct": 2}}, lines.append)
    assert cells(lines, "threshold") == [["threshold", "lower -0.500, upper 0.250"]]
    assert cells(lines, "actions") == [["actions", "correct 2"]] and cells(lines, "AUROC") == [["AUROC", "0.500"]]
