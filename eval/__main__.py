"""`python -m eval`: runs stages, prints their tables, saves the run; compares runs and writes their report.

Figures go to stdout, progress and errors to stderr. Exit status as the assistant's: 0, 1 for what the user can mend, 2
for wrong usage.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import Settings, machine
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from eval.report.run import Run

STAGES = (
    "chunking",
    "retrieval",
    "relevance",
    "refinement",
    "generation",
    "conversation",
    "arms",
    "latency",
    "writer",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parsers: dict[str, tuple[Callable[[], argparse.ArgumentParser], Callable[[argparse.Namespace], int]]] = {
        "compare": (_compare_parser, _compare),
        "report": (_report_parser, _report),
        "feedback": (_feedback_parser, _feedback),
    }
    if given and given[0] in parsers:
        build, run = parsers[given.pop(0)]
    else:
        build, run = _measure_parser, _measure
    try:
        return run(build().parse_args(given))
    except AssistantError as error:
        print(f"eval: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if not machine.reader_gone(error):
            raise
        # Nothing more can be said to the reader of the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _measure_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description="Measure the assistant on the shipped questions, or on data sets of your own.",
        epilog="Also: python -m eval compare RUN_A RUN_B; python -m eval report RUN; python -m eval feedback",
    )
    parser.add_argument(
        "stages", nargs="*", metavar="STAGE", help=f"of {', '.join(STAGES)} (default: all), formats, files, support"
    )
    parser.add_argument("--llm", default="extractive", metavar="NAME", help="answerer (default: %(default)s)")
    parser.add_argument("--split", choices=("dev", "test", "all"), default="test", help="default: %(default)s")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to save (default: .assistant/runs/DATE)")
    parser.add_argument("--beir", type=Path, metavar="DIR", help="retrieval on a data set in BEIR's layout")
    parser.add_argument("--file", type=Path, metavar="FILE", help="relevance or support on questions of your own")
    parser.add_argument("--strangers", type=Path, metavar="DIR", help="writer and files on other people's notes")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N questions of each language")
    parser.add_argument("--judge", default="", metavar="NAME", help="language model that marks the answers besides")
    parser.add_argument(
        "--arm", action="append", default=[], metavar="NAME", help="of the arms, only this one; can be given again"
    )
    parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")
    return parser


def _measure(options: argparse.Namespace) -> int:
    from eval.report.tables import print_data, print_run
    from eval.stages.order import on_data, run_stages

    settings = replace(Settings.read(), llm=options.llm)
    if options.beir or options.file:
        measured = on_data(options.stages, options.beir, options.file, settings, _bar)
        if options.json:
            _print_json(measured)
        else:
            print_data(measured, print)
        return 0
    stages = options.stages or STAGES
    run = run_stages(
        stages, options.split, options.limit, settings, _bar, options.judge, options.arm, options.strangers
    )
    place = run.save(options.out or settings.home / "runs" / time.strftime("%Y%m%d-%H%M%S"))
    if options.json:
        _print_json({name: stage.figures for name, stage in run.stages.items()})
    else:
        print_run(run, print)
    print(f"saved as {place}", file=sys.stderr)
    return 0


def _compare_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval compare", description="Show what differs between two runs.")
    parser.add_argument("runs", nargs=2, type=Path, metavar="RUN", help="folder or run.json, the older one first")
    return parser


def _compare(options: argparse.Namespace) -> int:
    from eval.report.comparison import print_comparison
    from eval.report.run import load

    before, after = (load(place) for place in options.runs)
    print_comparison(before, after, print)
    return 0


def _report_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval report", description="Write a run as one HTML page.")
    parser.add_argument("run", type=Path, metavar="RUN", help="folder or run.json")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: report.html beside the run")
    return parser


def _report(options: argparse.Namespace) -> int:
    from eval.report.html import write_report
    from eval.report.run import load

    run: Run = load(options.run)
    folder = options.run if options.run.is_dir() else options.run.parent
    place = options.out or folder / "report.html"
    write_report(run, place)
    print(place)
    return 0


def _feedback_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval feedback", description="Print the answers marked on the page as drafts of cases."
    )
    parser.add_argument("--file", type=Path, metavar="FILE", help="default: .assistant/feedback.jsonl")
    return parser


def _feedback(options: argparse.Namespace) -> int:
    from assistant.page.feedback import FILE
    from eval.questions.feedback import drafts

    for draft in drafts(options.file or Settings.read().home / FILE):
        print(json.dumps(draft, ensure_ascii=False))
    return 0


def _print_json(value: Any) -> None:
    from eval.report.run import finite

    print(json.dumps(finite(value), ensure_ascii=False))


def _bar(label: str) -> Callable[[int, int], None]:
    """Return a progress function that draws a bar on stderr."""
    from tqdm import tqdm

    bar: tqdm[Any] = tqdm(desc=label, file=sys.stderr, leave=False)

    def advance(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    return advance


if __name__ == "__main__":
    sys.exit(main())
