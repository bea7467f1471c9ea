"""The report's page: what it holds, what it leaves out, and that it asks nothing of a network."""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import SettingsError
from eval.measures.metrics import expected_calibration_error, risk_coverage
from eval.report.html import calibration, write_report
from eval.report.run import Run, Stage, load

pytest.importorskip("matplotlib")

NAN = float("nan")
EVIL = '<script src="//example.org/x.js">&"\'$x^$'
ESCAPED = "&lt;script src=&quot;//example.org/x.js&quot;&gt;&amp;&quot;&#x27;$x^$"
CONFIDENCES = {"a": 0.95, "b": 0.9, "c": 0.9, "d": 0.41, "e": 0.1, "f": 0.02}
LABELS = [True, True, False, True, False, False]


def relevance() -> Stage:
    points = risk_coverage(list(CONFIDENCES.values()), LABELS)
    figures = {"questions": 6, "accepted_answerable": 0.75, "refused_unanswerable": NAN, "risk_coverage": points}
    return Stage({"all": figures, "ko": figures, "en": {"risk_coverage": []}}, {"confidence": dict(CONFIDENCES)})


def retrieval() -> Stage:
    leg = {"nDCG@10": 0.8125, "nDCG@10 low": 0.5, "nDCG@10 high": 1.0}
    legs = {"questions": 4, "dense": leg, "hybrid": leg, "keyword": {"nDCG@10": NAN}}
    return Stage({"all": legs, "ko": legs, "en": legs, "ko→ko": legs, "ko→en": legs})


def arms(name: str = "naive RAG") -> Stage:
    return Stage({"all": {name: {"facts": (0.5, 0.25, 0.75), "citation_recall": (NAN, NAN, NAN)}}})


def latency() -> Stage:
    levels = {"retrieve": {"p50": 0.25, "p95": 0.5}, "generate": {"p50": 0.0, "p95": NAN}}
    return Stage({"all": {"first": levels, "repeated": levels}})


def page(tmp_path: Path, fingerprint: dict[str, Any] | None = None, **stages: Stage) -> str:
    place = tmp_path / "new" / "report.html"
    write_report(Run(fingerprint or {"split": "test"}, stages), place)
    return place.read_text(encoding="utf-8")


class Tags(HTMLParser):
    """Keeps every element with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_shows_headlines_tables_and_plots(tmp_path: Path) -> None:
    text = page(tmp_path, retrieval=retrieval(), relevance=relevance(), arms=arms(), latency=latency())
    assert "<dd>0.812<small>[0.500–1.000]</small></dd>" in text
    assert "<dt>unanswerable questions refused</dt><dd>–<small></small></dd>" in text
    assert "<td>0.500 [0.250–0.750]</td>" in text
    captions = re.findall(r"<figcaption>(\w+)", text)
    assert captions == ["Parity", "Risk", "Calibration", "What", "Latency"]
    assert text.count("<svg ") == text.count("</svg>") == 5


def test_the_page_refers_to_nothing_outside_itself(tmp_path: Path) -> None:
    text = page(tmp_path, retrieval=retrieval(), relevance=relevance(), arms=arms(), latency=latency())
    assert not re.search(r"(?<!xmlns=\")(?<!xmlns:xlink=\")https?:", text)
    assert not re.search(r"@import|@font-face|url\((?!#)", text)
    tags = Tags(text).found
    assert not {"script", "link", "img", "iframe", "object", "image"} & {tag for tag, _ in tags}
    links = [value for _, given in tags for name, value in given.items() if name in ("src", "href", "xlink:href")]
    assert all(value and value.startswith("#") for value in links)


def test_plots_take_the_page_s_colours(tmp_path: Path) -> None:
    drawn = "".join(re.findall(r"<svg.*?</svg>", page(tmp_path, retrieval=retrieval()), flags=re.DOTALL))
    assert "var(--one)" in drawn
    assert "#0000" not in drawn


def test_ids_are_not_repeated_with_different_content(tmp_path: Path) -> None:
    text = page(tmp_path, retrieval=retrieval(), relevance=relevance(), arms=arms(), latency=latency())
    ids = [given["id"] for _, given in Tags(text).found if "id" in given]
    assert len(ids) == len(set(ids))


def test_text_from_the_run_is_escaped(tmp_path: Path) -> None:
    text = page(tmp_path, {"split": EVIL, "llm": "a", EVIL: {"inner": EVIL}}, arms=arms(EVIL))
    assert "<script" not in text
    assert f"split {ESCAPED}" in text
    assert f"<th class=name scope=row>{ESCAPED}.inner</th><th class=name scope=row>{ESCAPED}</th>" in text
    assert f"<th class=name scope=row>{ESCAPED}</th><td>0.500 [0.250–0.750]</td>" in text
    assert "$x^$" in re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)[0]


def test_stages_that_the_run_lacks_are_left_out(tmp_path: Path) -> None:
    text = page(tmp_path, latency=latency())
    assert re.findall(r"<h2>(\w+)", text) == ["Latency", "Measured"]
    assert len(re.findall("<dt>", text)) == 1
    assert re.findall(r"<h2>(\w+)", page(tmp_path)) == ["Measured"]


@pytest.mark.parametrize("name", ["chunking", "retrieval", "relevance", "refinement", "generation", "arms", "latency"])
def test_a_stage_without_figures_has_tables_but_no_plot(tmp_path: Path, name: str) -> None:
    text = page(tmp_path, **{name: Stage({})})
    assert f"<h2>{name.capitalize()}</h2>" in text
    assert "<svg" not in text


def test_a_saved_run_makes_the_same_page(tmp_path: Path) -> None:
    measured = Run({"split": "test"}, {"retrieval": retrieval(), "relevance": relevance(), "latency": latency()})
    write_report(measured, tmp_path / "a.html")
    write_report(load(measured.save(tmp_path)), tmp_path / "b.html")
    assert (tmp_path / "a.html").read_text() == (tmp_path / "b.html").read_text()


def test_calibration_reads_the_truth_off_the_risk_coverage_curve() -> None:
    """The bins hold f and e (0.1 is the edge of the first), d, and then b and c, with a above 0.9."""
    bins = calibration(relevance())
    assert bins == [
        (pytest.approx(0.06), 2, 0),
        (pytest.approx(0.41), 1, 1),
        (pytest.approx(0.9), 2, 1),
        (pytest.approx(0.95), 1, 1),
    ]
    error = sum(count * abs(true / count - confidence) for confidence, count, true in bins) / 6
    assert error == pytest.approx(expected_calibration_error(list(CONFIDENCES.values()), LABELS))


@pytest.mark.parametrize("confidences", [{}, {"a": 0.5}, dict.fromkeys("abcdef", 0.5), {**CONFIDENCES, "c": 0.41}])
def test_calibration_is_left_out_where_cases_and_curve_do_not_match(confidences: dict[str, float]) -> None:
    assert calibration(Stage(relevance().figures, {"confidence": confidences})) == []


def test_without_matplotlib_one_line_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(
        SettingsError, match="^the report needs matplotlib; get it with: python -m pip install matplotlib$"
    ):
        page(tmp_path)


def test_a_page_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot write .*--out"):
        write_report(Run({}, {}), tmp_path)
