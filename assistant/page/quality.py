"""The Quality room: the last evaluation's figures and curve, and a button that measures anew."""

from typing import Any

import gradio as gr

from assistant.page.labels import QUIET, Labels, html, table
from assistant.page.runs import Measurement, last
from assistant.page.words import both, text_of

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
"""Stage, figure, and what of it; the figure's name is its word."""
_STYLES = {"all": "", "ko": "6 3", "en": "2 3"}


def quality_room(labels: Labels, page: Any) -> None:
    """Build the room."""
    measurement = Measurement()
    measure = labels.button("measure", elem_id="measure", size="sm")
    state = html("", "measuring")
    shown = html("", "run")
    seen, timer = gr.State(0), gr.Timer(1)

    def begin() -> str:
        measurement.begin()
        return state_html(measurement)

    def tick(runs: int) -> tuple[object, ...]:
        found = run_html(last()) if measurement.runs != runs else gr.skip()
        return state_html(measurement), found, measurement.runs

    page.load(lambda: run_html(last()), None, shown, **QUIET)
    measure.click(begin, None, state, **QUIET)
    timer.tick(tick, seen, [state, shown, seen], **QUIET)


def state_html(measurement: Measurement) -> str:
    """Return how far the evaluation is, or why it ended early."""
    if measurement.running:
        said = f'<p id="measured" role="status">{both("measuring", measurement.said)}</p>'
        return f'{said}<progress aria-labelledby="measured"></progress>'
    trouble = measurement.trouble
    return f'<p class="fallback" role="alert">⚠ {both("not_measured", trouble)}</p>' if trouble else ""


def run_html(run: dict[str, Any] | None) -> str:
    """Return a saved run's figures by language with their intervals, and the risk-coverage curve."""
    if run is None:
        return f'<p class="quiet">{both("no_run")}</p>'
    made = run.get("fingerprint", {})
    when = both("measured", str(made.get("date", ""))[:16].replace("T", " "), str(made.get("llm", "")))
    heads = "".join(f'<th scope="col">{both(group) if group == "all" else group}</th>' for group in _GROUPS)
    rows = ""
    for stage, name, part in _FIGURES:
        cells = [_figure(_at(run, "stages", stage, "figures", group, name, part)) for group in _GROUPS]
        if any(cells):
            rows += f'<tr><th scope="row">{both(name)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
    figures = f'<thead><tr><th scope="col">{both("figure")}</th>{heads}</tr></thead><tbody>{rows}</tbody>'
    curve = curve_html({group: _at(run, "stages", "relevance", "figures", group, "risk_coverage") for group in _GROUPS})
    return f'<p class="quiet">{when}</p>{table(figures, "figures")}{curve}'


def _at(value: Any, *path: str) -> Any:
    for name in filter(None, path):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _figure(value: Any) -> str:
    """Return a number, or a mean with its interval (mean, low, high)."""
    if isinstance(value, dict):
        value = [value.get(key) for key in ("mean", "low", "high")]
    numbers = value if isinstance(value, list) else [value]
    if not numbers or not all(isinstance(number, int | float) for number in numbers):
        return ""
    between = f' <span class="quiet">[{numbers[1]:.2f}–{numbers[2]:.2f}]</span>' if len(numbers) == 3 else ""
    return f"{numbers[0]:.2f}{between}"


def curve_html(curves: dict[str, Any]) -> str:
    """Return the curves of (coverage, risk) points, both in 0..1, as a picture; nothing if there are none."""
    lines, names = "", ""
    for group, points in curves.items():
        if not isinstance(points, list) or len(points) < 2:
            continue
        path = " ".join(f"{40 + 340 * float(x):.1f},{180 - 160 * float(y):.1f}" for x, y in points)
        lines += f'<polyline points="{path}" class="{group}" stroke-dasharray="{_STYLES[group]}"></polyline>'
        names += f'<span class="{group}">{both(group) if group == "all" else text_of(group)}</span> '
    if not lines:
        return ""
    ticks = "".join(
        f'<text x="{40 + 340 * at}" y="196" text-anchor="middle">{at:g}</text>'
        f'<text x="34" y="{184 - 160 * at}" text-anchor="end">{at:g}</text>'
        for at in (0, 0.5, 1)
    )
    axes = '<path d="M40 20V180H380" class="axis"></path>'
    picture = f'<svg viewBox="0 0 400 200" aria-hidden="true">{axes}{ticks}{lines}</svg>'
    return f'<figure>{picture}<figcaption><span class="keys">{names}</span> {both("curve")}</figcaption></figure>'
