"""Compares two runs: the differences in what was measured, and the change of each metric.

In come runs, measured or loaded; out go lines of text. Cases are paired by id; nothing here measures the assistant.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from eval.report.run import Run
from eval.report.tables import MARKED, UNDEFINED, Say, Table, defined, paired, print_table, word


def print_comparison(before: Run, after: Run, say: Say) -> None:
    """Return the differences in what the runs measured, then the change of each metric over their common cases."""
    old, new = flat(before.fingerprint), flat(after.fingerprint)
    rows = [(name, old.get(name, UNDEFINED), new.get(name, UNDEFINED)) for name in old | new]
    if changed := [row for row in rows if row[1] != row[2]]:
        print_table(Table("What differs", ["", "before", "after"], changed, labels=3), say)
    else:
        say("The fingerprints are the same.")
    for name in before.stages | after.stages:
        runs = [run.stages[name].cases for run in (before, after) if name in run.stages]
        say(f"\n{name.upper()}")
        if len(runs) < 2:
            say(f"only in the run {'before' if name in before.stages else 'after'}")
        elif metrics := [metric for metric in runs[0] if metric in runs[1]]:
            print_table(_moved(runs[0], runs[1], metrics), say)
        else:
            say("no cases to compare")


def flat(fingerprint: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """Return the fingerprint's entries as text, nested ones as `outer.inner`."""
    found: dict[str, str] = {}
    for name, value in fingerprint.items():
        found |= flat(value, f"{above}{name}.") if isinstance(value, Mapping) else {f"{above}{name}": str(value)}
    return found


def _moved(before: Mapping[str, Any], after: Mapping[str, Any], metrics: Sequence[str]) -> Table:
    rows = []
    for metric in metrics:
        (count, *difference), (new, old) = paired(after[metric], before[metric])
        had, have = ({id for id, value in run[metric].items() if defined(value)} for run in (before, after))
        rows.append([word(metric), count, old, new, *difference, str(len(had - have)), str(len(have - had))])
    columns = ["", "ids", "before", "after", "difference [low to high]", "", "ids only before", "ids only after"]
    return Table("Means over the ids with a number in both runs", columns, rows, note=MARKED)
