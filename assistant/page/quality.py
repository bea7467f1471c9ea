"""The Quality room: the figures of the last evaluation, and a button that runs a new one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.page.labels import QUIET, Labels, html
from assistant.page.render import render
from assistant.page.runs import Measurement, last

_GROUPS = ("all", "ko", "en")
_FIGURES = (
    ("retrieval", "hybrid", "nDCG@10"),
    ("relevance", "accepted_answerable", ""),
    ("relevance", "refused_unanswerable", ""),
    ("relevance", "auroc", ""),
    ("generation", "facts", ""),
    ("generation", "citation_recall", ""),
    ("generation", "over_refusal", ""),
)
"""Stage, figure, and the part of the figure if it has several; the figure's name is the key of its label."""
_STYLES = {"all": "", "ko": "6 3", "en": "2 3"}


def quality_room(labels: Labels, page: Any, index: Path) -> None:
    """Build the room; what is measured is saved beside the index."""
    measurement = Measurement(index)
    with gr.Row(elem_id="measures"):
        measure = labels.button("measure", elem_id="measure", size="sm")
        end = labels.button("end_measuring", elem_id="end-measuring", size="sm")
    html(render("measures"), "what")
    state = html("", "measuring")
    run = html("", "run")
    seen, timer = gr.State(0), gr.Timer(1)

    def begin() -> str:
        measurement.begin()
        return state_html(measurement)

    def tick(runs: int) -> tuple[object, ...]:
        figures = run_html(last(index)) if measurement.runs != runs else gr.skip()
        return state_html(measurement), figures, measurement.runs

    page.load(lambda: run_html(last(index)), None, run, **QUIET)
    measure.click(begin, None, state, **QUIET)
    end.click(measurement.stop, None, None, **QUIET)
    timer.tick(tick, seen, [state, run, seen], **QUIET)


def state_html(measurement: Measurement) -> str:
    """Return the progress of the evaluation, or the reason why it failed."""
    return render("measuring", measurement=measurement)


def run_html(run: dict[str, Any] | None) -> str:
    """Return a saved run's figures by language with their intervals, and the risk-coverage curve."""
    if run is None:
        return render("run", ran=False)
    fingerprint = run.get("fingerprint", {})
    date, llm = str(_at(fingerprint, "date") or "")[:16].replace("T", " "), str(_at(fingerprint, "llm") or "")
    rows = [(name, cells) for stage, name, part in _FIGURES if any(cells := _cells(run, stage, name, part))]
    curves = {group: _at(run, "stages", "relevance", "figures", group, "risk_coverage") for group in _GROUPS}
    values = {"date": date, "llm": llm, "groups": _GROUPS, "rows": rows, "curves": list(_curves(curves))}
    return render("run", ran=True, **values)


def _cells(run: dict[str, Any], stage: str, name: str, part: str) -> list[tuple[float, ...]]:
    return [_figure(_at(run, "stages", stage, "figures", group, name, part)) for group in _GROUPS]


def _at(value: Any, *path: str) -> Any:
    for name in filter(None, path):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _figure(value: Any) -> tuple[float, ...]:
    """Return a number as (number,), a mean with its interval as (mean, low, high), and () for anything else."""
    if isinstance(value, dict):
        value = [value.get(key) for key in ("mean", "low", "high")]
    numbers = value if isinstance(value, list) else [value]
    return tuple(numbers) if all(isinstance(number, int | float) for number in numbers) else ()


def _curves(curves: dict[str, Any]) -> Iterator[tuple[str, str, list[tuple[float, float]]]]:
    """Yield each group with its dash pattern and (coverage, risk) points, both in 0..1; skip groups with one point."""
    for group, points in curves.items():
        if isinstance(points, list) and len(points) > 1:
            yield group, _STYLES[group], [(float(x), float(y)) for x, y in points]
