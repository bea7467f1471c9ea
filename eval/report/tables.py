"""A run's figures as aligned plain text and as Markdown.

In come runs, measured or loaded; out go lines of text. `stage_tables` gives the cells that the HTML report draws too.
A number that is undefined (nan, in a saved run null) shows as "–". Nothing here measures the assistant.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.measures.stats import paired_difference
from eval.questions.ideal import CARELESS
from eval.report.run import Run, Stage
from eval.stages.formats import FIGURES as READ
from eval.stages.judge import FIGURES as JUDGED
from eval.stages.real_files import READ as OF_FILES
from eval.stages.writer import FIGURES as WRITER

Say = Callable[[str], None]
GROUPS = ("all", "ko", "en")
LEGS = ("dense", "keyword", "hybrid")
UNDEFINED = "–"
_RANKING = ("R@1", "R@5", "R@10", "RR@10")
_CHECK = ("auroc", "balanced_accuracy", "accepted_answerable", "refused_unanswerable", "ece", "aurc")
_ACTIONS = ("correct", "ambiguous", "incorrect")
_ANSWERS = ("facts", "citation_recall", "citation_precision", "over_refusal")
_ASIDE = (
    "verbatim",
    "right_language",
    "abstention_precision",
    "abstention_recall",
    "characters",
    "first_word",
    "first_word_median",
)
_TURNS = ("found", "found_alone", "facts", "facts_alone", "declined_unanswerable")
_WORDS = {"auroc": "AUROC", "ece": "ECE", "aurc": "AURC", "over_refusal": "over-refusal"}
_MEAN, MARKED = "Mean [low–high]", "* the 95 % interval excludes 0"


@dataclass(frozen=True)
class Table:
    """Cells as text. The first `labels` columns name the row, the others hold numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    labels: int = 1
    note: str = ""


def defined(value: Any) -> bool:
    """Tell whether there is a number to show."""
    return isinstance(value, (int, float)) and math.isfinite(value)


def number(value: Any, form: str = "z.3f") -> str:
    """Return a number as text: a count as it is, a measure in the given form."""
    return (str(value) if isinstance(value, int) else format(value, form)) if defined(value) else UNDEFINED


def ranged(value: Any, form: str = "z.3f") -> str:
    """Return `mean [low–high]` of a mean with its interval; a lone number without one."""
    if not isinstance(value, Sequence):
        return number(value, form)
    mean, low, high = (number(part, form) for part in value)
    return mean if mean == UNDEFINED else f"{mean} [{low}–{high}]"


def word(name: str) -> str:
    """Return a figure's label for readers."""
    return _WORDS.get(name, name.replace("_", " "))


def stage_tables(run: Run) -> Iterator[tuple[str, list[Table]]]:
    """Return the tables of each stage that the run has, in the stages' order."""
    return ((name, build(run.stages[name])) for name, build in _BUILDERS.items() if name in run.stages)


def print_run(run: Run, say: Say) -> None:
    """Return what the run measured, then the tables of each of its stages, as text."""
    say(", ".join(f"{name} {run.fingerprint.get(name, UNDEFINED)}" for name in ("split", "llm", "date")))
    for name, tables in stage_tables(run):
        say(f"\n{name.upper()}")
        for table in tables:
            print_table(table, say)


def print_data(found: Mapping[str, Any], say: Say) -> None:
    """Return a stage's figures on a user's own data set: the legs side by side, or one figure a line."""
    figures = {name: value for name, value in found.items() if name != "legs"}
    rows = [[word(name), _plain(value)] for name, value in figures.items()]
    print_table(Table("Data set", ["", ""], rows, labels=1), say)
    if legs := found.get("legs"):
        names = list(next(iter(legs.values())))
        rows = [[leg, *(number(values[name]) for name in names)] for leg, values in legs.items()]
        print_table(Table("Passages found", ["leg", *names], rows), say)


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(item)}" for name, item in value.items())
    return value if isinstance(value, str) else number(value)


def print_table(table: Table, say: Say) -> None:
    """Return a table as text in aligned columns, labels left and numbers right, with its note below."""
    widths = [max(map(len, column)) for column in zip(table.columns, *table.rows, strict=True)]
    say(f"\n{table.title}")
    for line in (table.columns, ["-" * width for width in widths], *table.rows):
        places = zip(line, widths, range(len(line)), strict=True)
        cells = [cell.ljust(width) if place < table.labels else cell.rjust(width) for cell, width, place in places]
        say("  ".join(cells).rstrip())
    if table.note:
        say(table.note)


def _by_group(title: str, figures: Mapping[str, Any], names: Sequence[str]) -> Table:
    """Return a table of figures down and languages across."""
    found = [figures.get(group, {}) for group in GROUPS]
    return Table(title, ["", *GROUPS], [[word(name), *(_figure(group, name) for group in found)] for name in names])


def _figure(found: Mapping[str, Any], name: str) -> str:
    return ranged(found.get(name), "z.0f" if name == "characters" else "z.3f")


def _chunking(stage: Stage) -> list[Table]:
    tokens = stage.figures.get("tokens", {})
    sizes = [number(stage.figures.get("passages")), *(number(tokens.get(f"p{q}"), "z.0f") for q in (5, 50, 95))]
    spans = _by_group("Gold spans that stand whole in one passage", stage.figures, ("spans", "whole"))
    return [spans, Table("Passages and their sizes in tokens", ["passages", "p5", "p50", "p95"], [sizes], labels=0)]


def _retrieval(stage: Stage) -> list[Table]:
    rows = []
    for group, figures in _asked(stage):
        for leg in LEGS:
            found = figures.get(leg, {})
            first = [group, number(figures.get("questions"))] if leg == LEGS[0] else ["", ""]
            rows.append([*first, leg, ranged(ndcg(found)), *(number(found.get(name)) for name in _RANKING)])
    gaps = stage.figures.get("parity gap", {})
    columns = ["question→note", "n", "leg", "nDCG@10 [low–high]", *_RANKING]
    gap = [ranged(gaps.get(leg), "+z.3f") for leg in LEGS]
    return [
        Table("Passages found", columns, rows, labels=3),
        Table("Parity gap: nDCG@10 of Korean questions less English ones [low–high]", LEGS, [gap], labels=0),
    ]


def _asked(stage: Stage) -> list[tuple[str, Any]]:
    return [(name, stage.figures[name]) for name in stage.figures if name in GROUPS or "→" in name]


def ndcg(found: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Return a leg's nDCG@10 with its interval."""
    return found.get("nDCG@10"), found.get("nDCG@10 low"), found.get("nDCG@10 high")


def _relevance(stage: Stage) -> list[Table]:
    rows = []
    for group in GROUPS:
        actions = stage.figures.get(group, {}).get("actions", {})
        for name, truth in ((group, "answerable"), ("", "unanswerable")):
            rows.append([name, truth, *(number(actions.get(truth, {}).get(action)) for action in _ACTIONS)])
    return [
        _by_group("Verdicts", stage.figures, ("questions", *_CHECK, "passage_precision", "passage_recall")),
        Table("Questions by truth and action", ["", "truth", *_ACTIONS], rows, labels=2),
    ]


def _generation(stage: Stage) -> list[Table]:
    judged = [name for name in JUDGED if name in stage.figures.get("all", {})]
    return [_by_group(_MEAN, stage.figures, ("questions", "failed", *_ANSWERS, *_ASIDE, *judged))]


def _arms(stage: Stage) -> list[Table]:
    arms, compared, tables = stage.figures.get("all", {}), (*_ANSWERS[:2], "first_word"), []
    for title, names in ((_MEAN, _ANSWERS), ("Besides", ("failed", *_ASIDE))):
        rows = [[arm, *(_figure(found, name) for name in names)] for arm, found in arms.items()]
        tables.append(Table(title, ["arm", *map(word, names)], rows))
    rows = []
    for arm, base in stage.figures.get("base", {}).items():
        pairs = [paired(*(stage.cases.get(f"{name} {metric}", {}) for name in (arm, base))) for metric in compared]
        rows.append([arm, base, *(cell for cells, _ in pairs for cell in cells)])
    columns = ["arm", "less", *(cell for name in compared for cell in ("ids", word(name), ""))]
    return [*tables, Table("Paired differences [low to high]", columns, rows, labels=2, note=MARKED)]


def _formats(stage: Stage) -> list[Table]:
    rows = [
        ["" if place else group, form, *(number(found.get(name)) for name in ("questions", *READ))]
        for group in GROUPS
        for place, (form, found) in enumerate(stage.figures.get(group, {}).items())
    ]
    tables = [Table("Facts by the note's language and format", ["note", "format", "questions", *READ], rows, labels=2)]
    if reading := stage.figures.get("reading"):
        rows = [[word(name), number(value, "z.1f")] for name, value in reading.items()]
        tables.append(Table("Reading a paper of 30 pages, and 1,000 files of all formats", ["", "once"], rows))
    return tables


def _files(stage: Stage) -> list[Table]:
    names = ("questions", *OF_FILES)
    rows = [[group, *(number(found.get(name)) for name in names)] for group, found in stage.figures.items()]
    return [Table("Real files of strangers, by language of the question and by format", ["", *names], rows)]


_LEVELS = ("p50", "p95")


def _latency(stage: Stage) -> list[Table]:
    rows = []
    for group in GROUPS:
        runs = [stage.figures.get(group, {}).get(name, {}) for name in ("first", "repeated", "follow_up")]
        for place, name in enumerate(stages_timed(runs)):
            values = [number(run.get(name, {}).get(level), "z.4f") for run in runs for level in _LEVELS]
            rows.append(["" if place else group, word(name), *values])
    columns = ["", "", *(f"{word(name)} {level}" for name in ("first", "repeated", "follow_up") for level in _LEVELS)]
    others = ("indexing_passages_per_second", "cold_search_seconds", "peak_memory_mb")
    return [
        Table("Seconds; repeated is the same question a second time", columns, rows, labels=2),
        Table("Besides", ["", "once"], [[word(name), number(stage.figures.get(name), "z.1f")] for name in others]),
    ]


def stages_timed(runs: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the stages that were timed, what adds them up last: an early refusal has it before stages it never met."""
    return sorted(dict.fromkeys(name for run in runs for name in run), key=lambda name: name in ("total", "first_word"))


_BUILDERS: dict[str, Callable[[Stage], list[Table]]] = {
    "chunking": _chunking,
    "retrieval": _retrieval,
    "relevance": _relevance,
    "refinement": lambda stage: [_by_group(_MEAN, stage.figures, ("questions", "gold_kept", "text_dropped"))],
    "generation": _generation,
    "conversation": lambda stage: [_by_group(_MEAN, stage.figures, ("turns", *_TURNS))],
    "arms": _arms,
    "latency": _latency,
    "writer": lambda stage: [_by_group(_MEAN, stage.figures, ("questions", *WRITER, *CARELESS))],
    "formats": _formats,
    "files": _files,
}


def paired(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Pair two metrics by id, where both have a number: how many and first less second; and their means."""
    pairs = [(first[id], second[id]) for id in first if id in second and defined(first[id]) and defined(second[id])]
    a, b = zip(*pairs, strict=True) if pairs else ((), ())
    mean, low, high = paired_difference(a, b)
    text = "{} [{} to {}]".format(*(number(value, "+z.3f") for value in (mean, low, high))) if pairs else UNDEFINED
    means = [number(sum(column) / len(pairs) if pairs else None) for column in (a, b)]
    return [str(len(pairs)), text, "*" if low > 0 or high < 0 else ""], means
