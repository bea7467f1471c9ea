"""The commands about notes: each calls `Assistant`, prints the result and returns an exit status.

In: parsed arguments and settings. Out: results on stdout and progress on stderr; with `--json`, stdout has only JSON.
"""

import argparse
import logging
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from assistant.answer import Answer, Scope
from assistant.cli.batch import batch
from assistant.cli.terminal import JsonLines, bars, growing, harmless, line, paragraphs, print_exactly, print_json
from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.text.blocks import placed
from assistant.text.shown import seen

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.index.store import IndexedNote
    from assistant.index.taking import Workers
    from assistant.index.update import Report


def run_index(options: argparse.Namespace, settings: Settings) -> int:
    """Index notes; exit status 1 if files failed and none was indexed or unchanged."""
    from assistant.assistant import Assistant
    from assistant.index.manifest import made_with
    from assistant.index.moved import take_over
    from assistant.index.spread import spread
    from assistant.index.stores import named_store, open_store

    if options.source and options.paths:
        raise SettingsError("--from takes over a whole index, found a PATH beside it; leave out one of them")
    if options.source:
        report = take_over(named_store(options.source, settings), open_store(settings))
    else:
        ray = spread(options.on, made_with(settings)) if options.on else nullcontext()
        with ray as workers:
            report = indexed(Assistant.open(settings), options.paths, workers=workers)
    if options.json:
        print_json(asdict(report))
    else:
        for label, files in (("indexed", report.indexed), ("removed", report.removed)):
            for file in files:
                print(f"{label:9} {harmless(file)}")
        for label, reasons in (("skipped", report.skipped), ("failed", report.failed)):
            for file, reason in reasons.items():
                print(f"{label:9} {harmless(file)}: {harmless(reason)}")
        print(summary(report))
    return 1 if report.failed and not (report.indexed or report.unchanged) else 0


def indexed(
    assistant: "Assistant", paths: Sequence[Path] = (), only: bool = False, workers: "Workers | None" = None
) -> "Report":
    """Index as `Assistant.index` does, with bars on stderr."""
    from assistant.index.update import EMBEDDING, READING

    with bars({READING: "files", EMBEDDING: "passages"}) as advance:
        return assistant.index(paths, advance, _waiting, only, workers)


def summary(report: "Report") -> str:
    """Return one line on what became of all files."""
    return (
        f"{len(report.indexed)} indexed, {len(report.unchanged)} unchanged, {len(report.removed)} removed, "
        f"{len(report.skipped)} skipped, {len(report.failed)} failed; {report.passages} passages, "
        f"{report.embedded} embedded now, {report.seconds:.1f} s"
    )


def _waiting(report: "Report") -> None:
    """Say what is still to be recognised; what was read until now stays if the command is ended."""
    from tqdm import tqdm

    for source, reason in [*report.waiting.items()][:3]:
        tqdm.write(f"going on  {harmless(source)}: {harmless(reason)}", file=sys.stderr)  # above the bar


def run_ask(options: argparse.Namespace, settings: Settings) -> int:
    """Answer one question, streaming to a terminal, or a batch."""
    from assistant.assistant import Assistant

    assistant, scope = Assistant.open(settings), _scope(options, settings)
    if options.batch is not None:
        for answered in batch(options.batch, lambda id, question: assistant.ask(question, scope=scope).to_json(id)):
            print_json(answered)
        return 0
    question = _question(options)
    if options.json:
        print_json(assistant.ask(question, scope=scope).to_json())
    else:
        _stream(assistant.stream(question, scope=scope))
    return 0


def run_search(options: argparse.Namespace, settings: Settings) -> int:
    """Search once or for a batch."""
    from assistant.assistant import Assistant
    from assistant.server.forms import hits

    assistant, scope = Assistant.open(settings), _scope(options, settings)
    if options.batch is not None:
        for each in batch(
            options.batch, lambda id, query: {"id": id, "results": hits(assistant.search(query, scope=scope))}
        ):
            print_json(each)
        return 0
    best = hits(assistant.search(_question(options), scope=scope))
    if options.json:
        print_json(best)
        return 0
    for hit in best:
        where = f"{hit['source']}:{hit['start']}-{hit['end']}"
        where += f" ({placed(hit['locator'])})" if "locator" in hit else ""
        print(line(f"{hit['rank']}. {where}  {hit['heading']}  ({hit['score']:.3f})"))
        print("   " + line(seen(hit["text"]))[:200])
    return 0


def run_show(options: argparse.Namespace, settings: Settings) -> int:
    """Print a note's text, which the offsets of citations refer to."""
    from assistant.index import note_text
    from assistant.index.stores import open_store

    snapshot = open_store(settings).snapshot()
    note = note_text.read(snapshot, _spelled(options.source, snapshot.notes))
    if options.json:
        print_json(asdict(note))
    else:
        print_exactly(note.text)
    return 0


def _spelled(source: str, notes: "Iterable[IndexedNote]") -> str:
    """Return a source as the index spells it: macOS decomposes Hangul in names, and Windows uses backslashes."""
    alike = {unicodedata.normalize("NFC", name): name for note in notes for name in (note.source, *note.copies)}
    typed = PurePath(source).as_posix()
    return alike.get(unicodedata.normalize("NFC", typed), source)


def run_serve(options: argparse.Namespace, settings: Settings) -> int:
    """Serve the page until stopped."""
    from assistant.cli.serve import serve

    if settings.serve_log == "json":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonLines())
    serve(settings, options.host, options.port, options.pull, options.open, say=lambda line: print(line, flush=True))
    return 0


def run_mcp(options: argparse.Namespace, settings: Settings) -> int:
    """Serve the notes to an MCP client over stdin and stdout until it closes them."""
    from assistant.assistant import Assistant
    from assistant.server.doors.mcp import speak
    from assistant.server.queue import Turns

    speak(Turns(Assistant.open(settings)))
    return 0


def _scope(options: argparse.Namespace, settings: Settings) -> Scope:
    """Return the scope of the options `--in`, `--tag`, `--format`, `--since` and `--until`."""
    tags = tuple(tag.removeprefix("#") for tag in options.tags)
    places = tuple(_place(place, settings.notes) for place in options.places)
    return Scope(places, tags, tuple(options.formats), options.since or "", options.until or "")


def _place(typed: str, notes: Path) -> str:
    """Return a folder or note as the index names it, also where it was typed as a path of this machine."""
    path = Path(typed)
    if path.is_absolute() and path.is_relative_to(notes.absolute()):
        path = path.relative_to(notes.absolute())
    return path.as_posix()


def _question(options: argparse.Namespace) -> str:
    if options.question is None:
        raise SettingsError("expected a question or --batch FILE, found neither; see --help")
    return str(options.question)


def _stream(answers: Iterator[Answer]) -> None:
    """Print the answer as it grows, then its citations."""
    answer = None
    with growing() as shown:
        for answer in answers:
            shown.show(paragraphs(answer.answer))
    assert answer is not None
    print("\n")
    for cited in answer.citations:
        heading = f" > {cited.heading}" if cited.heading else ""
        where = f" ({placed(cited.locator)})" if cited.locator else ""
        print(line(f"[{cited.n}] {cited.source}:{cited.start}-{cited.end}{where}{heading}"))
        print("    " + line(seen(cited.quote)))
    if answer.action:
        print(f"({answer.action}, confidence {answer.confidence:.2f}, {answer.llm}, {answer.seconds['total']:.1f} s)")
    if answer.fallback:
        print(harmless(answer.fallback), file=sys.stderr)
