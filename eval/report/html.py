"""One run as one HTML page: headline figures, every table, and plots as inline SVG.

In comes a run, out goes a file that reads in light and in dark and on a phone, and that asks nothing of a network.
Text from the run is escaped. Needs matplotlib, which is imported only here.
"""

import math
import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from html import escape
from io import StringIO
from itertools import accumulate, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.errors import SettingsError
from eval.report.comparison import flat
from eval.report.run import Run, Stage
from eval.report.tables import GROUPS, LEGS, UNDEFINED, Table, defined, ndcg, ranged, stage_tables, stages_timed, word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INK, _FAINT, _LINE, _SERIES = "#00000a", "#00000b", "#00000c", ("#00000d", "#00000e", "#00000f")
_PAINT = dict(zip((_INK, _FAINT, _LINE, *_SERIES), ("ink", "faint", "line", "one", "two", "three"), strict=True))
_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1e24; --faint: #5a6170; --line: #d8dce3; --tint: #f4f6f9;
  --one: #1d5fb4; --two: #b45309; --three: #17754a; }
@media (prefers-color-scheme: dark) { :root { --paper: #14161a; --ink: #e7e9ee; --faint: #a5acba; --line: #343a46;
  --tint: #1d2027; --one: #82b5ff; --two: #ffb15c; --three: #6fd6a4; } }
body { background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, "Noto Sans KR", sans-serif;
  margin: 0 auto; max-width: 70rem; overflow-wrap: anywhere; padding: 2rem 1.25rem 4rem; word-break: keep-all; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; } h3 { font-size: 1rem; margin: 1.5rem 0 0.4rem; }
h2 { border-top: 1px solid var(--line); font-size: 1.25rem; margin: 2.5rem 0 0; padding-top: 1.5rem; }
p, figcaption { color: var(--faint); font-size: 0.9375rem; margin: 0.25rem 0 0; max-width: 42rem; }
dl { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); margin: 1.5rem 0 0; }
dl div { background: var(--tint); border-radius: 6px; padding: 0.7rem 0.85rem; }
dt { color: var(--faint); font-size: 0.875rem; line-height: 1.35; }
dd { font-size: 1.5rem; font-weight: 600; margin: 0.15rem 0 0; }
dd small { color: var(--faint); display: block; font-size: 0.8125rem; font-weight: 400; }
dd, td, th { font-variant-numeric: tabular-nums; } .wide { overflow-x: auto; } thead th { color: var(--faint); }
table { border-spacing: 0; font-size: clamp(0.875rem, 2.2vw, 0.9375rem); line-height: 1.4; }
th, td { font-weight: 400; padding: 0.3rem 1.1rem 0.3rem 0; text-align: right; white-space: nowrap; }
tbody tr > * { border-top: 1px solid var(--line); } tbody tr:has(th:first-child:empty) > * { border-top: 0; }
tbody tr:first-child > * { border-top: 1px solid var(--faint); }
th.name { text-align: left; } th.name:first-child { background: var(--paper); left: 0; position: sticky; }
.plots { display: grid; gap: 0 2.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
figure { margin: 1.25rem 0 0; max-width: 30rem; } svg { display: block; height: auto; width: 100%; }
svg * { stroke-linecap: butt; stroke-linejoin: round; } svg text { font-family: inherit !important; }
"""
_HEADLINES = {
    "retrieval all hybrid": "right passages found: nDCG@10, hybrid",
    "relevance all accepted_answerable": "answerable questions accepted",
    "relevance all refused_unanswerable": "unanswerable questions refused",
    "generation all facts": "expected facts in the answer",
    "generation all citation_recall": "sentences that their citations support",
    "generation all over_refusal": "answerable questions declined",
    "latency all first first_word p50": "seconds to the first word, median",
}
"""The headline figures: the path of each, stage first, and its label."""


def write_report(run: Run, place: Path) -> None:
    """Write the page; raise SettingsError if there is no matplotlib or the file cannot be written."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise SettingsError("the report needs matplotlib; get it with: python -m pip install matplotlib") from error
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(_page(run), encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"cannot write {place}: {error}; name another file with --out") from error


def _page(run: Run) -> str:
    sections = ""
    for name, tables in stage_tables(run):
        plots = "".join(_plot(run.stages[name], draw) for draw in _PLOTS.get(name, ()))
        sections += f"<h2>{name.capitalize()}</h2><div class=plots>{plots}</div>{''.join(map(_table, tables))}"
    given = ", ".join(f"{name} {run.fingerprint.get(name, UNDEFINED)}" for name in ("split", "llm", "date"))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Notes assistant: evaluation</title><style>{_STYLE}</style></head><body>
<h1>Notes assistant: evaluation</h1>
<p>{escape(given)}. Brackets hold 95 % bootstrap intervals; {UNDEFINED} is a number that is undefined.</p>
<dl>{_headlines(run)}</dl>
{sections}
<h2>Measured on</h2>{_table(Table("Fingerprint", ["", ""], [*flat(run.fingerprint).items()], labels=2))}
</body></html>
""".replace("95 %", "95&nbsp;%")


def _headlines(run: Run) -> str:
    found = ""
    for path, label in _HEADLINES.items():
        value: Any = {name: stage.figures for name, stage in run.stages.items()}
        for name in path.split():
            value = value.get(name) if value else None
        mean, _, interval = ranged(ndcg(value) if isinstance(value, dict) else value).partition(" ")
        if path.split()[0] in run.stages:
            found += f"<div><dt>{label}</dt><dd>{mean}<small>{interval}</small></dd></div>"
    return found


def _table(table: Table) -> str:
    def row(cells: Sequence[str], head: str) -> str:
        names = [f"<th class=name{head or ' scope=row'}>{escape(cell)}</th>" for cell in cells[: table.labels]]
        kind = f"th{head}" if head else "td"
        others = [f"<{kind}>{escape(cell)}</{kind[:2]}>" for cell in cells[table.labels :]]
        return f"<tr>{''.join([*names, *others])}</tr>"

    body = "".join(row(cells, "") for cells in table.rows)
    note = f"<p>{escape(table.note)}</p>" if table.note else ""
    title = escape(table.title)
    return f"""<h3>{title}</h3><div class=wide tabindex=0 role=region aria-label="{title}"><table>
<thead>{row(table.columns, " scope=col")}</thead><tbody>{body}</tbody></table></div>{note}
"""


def _plot(stage: Stage, draw: Callable[["Axes", Stage], str]) -> str:
    """Return a plot as a figure, or nothing if the stage lacks what it shows; `draw` returns the caption."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    look: dict[Any, Any] = dict.fromkeys(("axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), _FAINT)
    look |= dict.fromkeys(("text.color", "xtick.labelcolor", "ytick.labelcolor"), _INK) | {"grid.color": _LINE}
    look |= {"svg.fonttype": "none", "svg.hashsalt": draw.__name__, "text.parse_math": False, "font.size": 9.5}
    with rc_context(look | {"axes.grid": True, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(4.7, 3.4), layout="constrained")
        axes = figure.add_subplot()
        caption, (handles, labels) = escape(draw(axes, stage)), axes.get_legend_handles_labels()
        if not handles:
            return ""
        figure.legend(handles, labels, loc="outside upper left", ncols=3, frameon=False)
        drawn = StringIO()
        figure.savefig(drawn, format="svg", transparent=True)
    return f"<figure>{_inline(drawn.getvalue(), caption)}<figcaption>{caption}</figcaption></figure>"


def _inline(svg: str, caption: str) -> str:
    """Return matplotlib's file as an element of the page, in the page's colours, for which those of `_PAINT` stood."""
    box = svg.split('viewBox="')[1].split('"')[0]
    inner = svg[svg.index(">", svg.index("<svg")) + 1 :]
    # Out go what the page says itself, and the groups' names, which would repeat from plot to plot.
    inner = re.sub(r'<metadata>.*?</metadata>|<style.*?</style>| id="[A-Za-z0-9.]+_\d+"', "", inner, flags=re.DOTALL)
    inner = re.sub("|".join(_PAINT), lambda found: f"var(--{_PAINT[found[0]]})", inner)
    return f'<svg viewBox="{box}" role="img" aria-label="{caption}">{inner}'


def _means(axes: "Axes", series: int, label: str, found: Mapping[float, Any], across: bool = False) -> None:
    """Draw (mean, low, high) by place, upright or across; leave out what is undefined."""
    kept = [(place, *value) for place, value in found.items() if value and all(map(defined, value))]
    if kept:
        places, means, low, high = np.array(kept).T
        ends = np.clip([means - low, high - means], 0, None)  # rounding may put a bound past its mean
        x, y, x_ends, y_ends = (means, places, ends, None) if across else (places, means, None, ends)
        axes.errorbar(x, y, y_ends, x_ends, "osD"[series], color=_SERIES[series], label=label, ms=4.5, lw=1.2)


def _parity(axes: "Axes", stage: Stage) -> str:
    found = {name: legs for name, legs in stage.figures.items() if "→" in name}
    for n, leg in enumerate(LEGS):
        _means(axes, n, leg, {at + 0.18 * (n - 1): ndcg(legs.get(leg, {})) for at, legs in enumerate(found.values())})
    axes.set(ylim=(0, 1.03), ylabel="nDCG@10", xlim=(-0.5, max(len(found), 1) - 0.5))
    axes.set_xticks(range(len(found)), list(found))
    return "Parity: passages found by question language → note language. Means with 95 % intervals."


def _risk_coverage(axes: "Axes", stage: Stage) -> str:
    for color, style, group in zip(_SERIES, ("-", "--", "-."), GROUPS, strict=True):
        if points := stage.figures.get(group, {}).get("risk_coverage"):
            axes.plot(*zip(*points, strict=True), style, color=color, label=group, lw=1.4)
    axes.set(xlim=(0, 1.02), ylim=(-0.02, 1), xlabel="coverage: share of questions accepted", ylabel="risk")
    return (
        "Risk: the share of the accepted questions that the notes do not answer. The left end rests on few questions."
    )


def calibration(stage: Stage, bins: int = 10) -> list[tuple[float, int, int]]:
    """Return (mean confidence, questions, answerable ones) of each bin of `expected_calibration_error` that holds any.

    The truth is read off the risk–coverage curve: its points are the cases' distinct confidences, falling, and from
    one to the next the covered and the unanswerable grow by those of that confidence. Empty if the two do not match.
    """
    points = stage.figures.get("all", {}).get("risk_coverage", [])
    falling = sorted(filter(defined, stage.cases.get("confidence", {}).values()), reverse=True)
    levels = [(confidence, len(list(same))) for confidence, same in groupby(falling)]
    held = list(accumulate(count for _, count in levels))
    if held != [round(coverage * len(falling)) for coverage, _ in points]:
        return []
    wrong = [round(risk * count) for count, (_, risk) in zip(held, points, strict=True)]
    found: dict[int, list[tuple[float, int, int]]] = {}
    for (confidence, count), now, before in zip(levels, wrong, [0, *wrong], strict=False):
        place = bisect_left([n / bins for n in range(1, bins)], confidence)
        found.setdefault(place, []).append((count * confidence, count, count - (now - before)))
    sums = [[sum(column) for column in zip(*found[place], strict=True)] for place in sorted(found)]
    return [(total / count, int(count), int(true)) for total, count, true in sums]


def _reliability(axes: "Axes", stage: Stage) -> str:
    bins = calibration(stage)
    _means(axes, 0, "all questions", {confidence: _wilson(count, true) for confidence, count, true in bins})
    axes.plot((0, 1), (0, 1), ":", color=_FAINT, lw=1)
    for confidence, count, _ in bins:
        axes.annotate(str(count), (confidence, 1.03), ha="center", fontsize=7.5, color=_FAINT)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.1), xlabel="confidence", ylabel="share answerable")
    return "Calibration: right on the dotted line. Wilson's 95 % intervals; above, the questions of each bin."


def _wilson(count: int, true: int, z: float = 1.96) -> tuple[float, float, float]:
    """Return a share with its 95 % interval (Wilson 1927), which, unlike the bootstrap's, has a width at 0 and 1."""
    share, size = true / count, 1 + z * z / count
    middle, reach = share + z * z / (2 * count), z * math.sqrt(share * (1 - share) / count + (z / count) ** 2 / 4)
    return share, (middle - reach) / size, (middle + reach) / size


def _arms(axes: "Axes", stage: Stage) -> str:
    arms = stage.figures.get("all", {})
    for n, name in enumerate(("facts", "citation_recall")):
        found = {at + 0.24 * n - 0.12: figures.get(name) for at, figures in enumerate(arms.values())}
        _means(axes, n, word(name), found, across=True)
    axes.set(xlim=(-0.02, 1.02), ylim=(max(len(arms), 1) - 0.5, -0.5))
    axes.set_yticks(range(len(arms)), list(arms))
    return "What each stage adds: means with 95 % intervals."


def _latency(axes: "Axes", stage: Stage) -> str:
    runs = stage.figures.get("all", {})
    names = stages_timed(runs.values())
    for n, (label, run) in enumerate(runs.items()):
        levels = [run.get(name, {}) for name in names]
        found = {at + 0.24 * n - 0.12: [level.get(f"p{q}") for q in (50, 50, 95)] for at, level in enumerate(levels)}
        _means(axes, n, label, {place: each for place, each in found.items() if each[0]}, across=True)
    axes.set(xscale="log", xlabel="seconds", ylim=(max(len(names), 1) - 0.5, -0.5))
    axes.xaxis.set(major_formatter="{x:g}", minor_formatter="")
    axes.set_yticks(range(len(names)), [word(name) for name in names])
    return "Latency: from the median, the mark, to the 95th percentile, the line's end."


_PLOTS: dict[str, tuple[Callable[["Axes", Stage], str], ...]] = {
    "retrieval": (_parity,),
    "relevance": (_risk_coverage, _reliability),
    "arms": (_arms,),
    "latency": (_latency,),
}
