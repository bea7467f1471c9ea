"""What each command does once its arguments are read: calls `Assistant` or the registry, and prints.

Results go to stdout, progress to stderr; with `--json` stdout holds JSON alone. Each function returns an exit status.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from assistant.answer import Answer
from assistant.cli.batch import SURROGATE, batch
from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.text.invisible import plain

if TYPE_CHECKING:
    from assistant.models.registry import Model


def run_index(options: argparse.Namespace, settings: Settings) -> int:
    """Index notes; exit status 1 if every file failed."""
    from assistant.assistant import Assistant

    with _bar("embedding", "passages") as advance:
        report = Assistant.open(settings).index(options.paths, advance)
    if options.json:
        _print_json(asdict(report))
    else:
        for label, files in (("indexed", report.indexed), ("removed", report.removed)):
            for file in files:
                print(f"{label:9} {file}")
        for label, reasons in (("skipped", report.skipped), ("failed", report.failed)):
            for file, reason in reasons.items():
                print(f"{label:9} {file}: {reason}")
        print(
            f"{len(report.indexed)} indexed, {len(report.unchanged)} unchanged, {len(report.removed)} removed, "
            f"{len(report.skipped)} skipped, {len(report.failed)} failed; {report.passages} passages, "
            f"{report.embedded} embedded now, {report.seconds:.1f} s"
        )
    return 1 if report.failed and not (report.indexed or report.unchanged) else 0


def run_ask(options: argparse.Namespace, settings: Settings) -> int:
    """Answer one question, streaming to a terminal, or a batch."""
    from assistant.assistant import Assistant

    assistant = Assistant.open(settings)
    if options.batch is not None:
        for answered in batch(options.batch, lambda id, question: assistant.ask(question).to_json(id)):
            _print_json(answered)
        return 0
    question = _question(options)
    if options.json:
        _print_json(assistant.ask(question).to_json())
        return 0
    _stream_to_terminal(assistant.stream(question))
    return 0


def run_search(options: argparse.Namespace, settings: Settings) -> int:
    """Search once or for a batch."""
    from assistant.assistant import Assistant
    from assistant.server.forms import hits

    assistant = Assistant.open(settings)
    if options.batch is not None:
        for line in batch(options.batch, lambda id, query: {"id": id, "results": hits(assistant.search(query))}):
            _print_json(line)
        return 0
    found = hits(assistant.search(_question(options)))
    if options.json:
        _print_json(found)
    else:
        for hit in found:
            where = f"{hit['source']}:{hit['start']}-{hit['end']}"
            print(_line(f"{hit['rank']}. {where}  {hit['heading']}  ({hit['score']:.3f})"))
            print("   " + _line(hit["text"])[:200])
    return 0


def run_serve(options: argparse.Namespace, settings: Settings) -> int:
    """Serve the page until stopped."""
    from assistant.cli.serve import serve

    serve(settings, options.host, options.port, options.pull, options.open, say=lambda line: print(line, flush=True))
    return 0


def run_mcp(options: argparse.Namespace, settings: Settings) -> int:
    """Serve the notes to an MCP client over stdin and stdout until it closes them."""
    from assistant.assistant import Assistant
    from assistant.server.doors.mcp import speak
    from assistant.server.queue import Turns

    speak(Turns(Assistant.open(settings)))
    return 0


def run_models(options: argparse.Namespace, settings: Settings) -> int:
    """List the registry."""
    from assistant.models import registry as models

    if options.json:
        _print_json([_model_json(model, models.is_here(model, settings)) for model in models.MODELS.values()])
        return 0
    for model in models.MODELS.values():
        state = "here" if models.is_here(model, settings) else f"fetch with: {models.pull_command(model)}"
        licence = f"{model.licence}, to be accepted: {model.terms}" if model.terms else model.licence
        print(f"{model.name}  ({model.kind}, {model.size / 1e6:.0f} MB, {licence})  {state}")
        print(f"  {model.description}\n  from {'; '.join(str(source) for source in model.sources)}")
    return 0


def _model_json(model: "Model", here: bool) -> dict[str, Any]:
    return {
        "name": model.name,
        "kind": model.kind.value,
        "description": model.description,
        "licence": model.licence,
        "terms": model.terms or None,
        "bytes": model.size,
        "sha256": model.sha256,
        "sources": [str(source) for source in model.sources],
        "here": here,
    }


def run_pull(options: argparse.Namespace, settings: Settings) -> int:
    """Fetch a model."""
    from assistant.models import registry as models

    model = models.find(options.name)
    with _bar(model.name, "B") as advance:
        place = models.pull(model.name, settings, advance, options.accept_licence)
    print(f"{model.name} is at {place}", file=sys.stderr)
    return 0


def run_status(options: argparse.Namespace, settings: Settings) -> int:
    """Say what the index holds."""
    from assistant.index.local import load

    found = load(settings)
    said = found.manifest
    size = sum(path.stat().st_size for path in found.folder.rglob("*") if path.is_file())
    languages = Counter(str(passage.metadata["language"]) for passage in found.passages)
    if options.json:
        notes = [{"source": note.source, "language": note.language, "passages": note.passages} for note in said.notes]
        _print_json(
            {
                "notes": len(found.notes),
                "passages": len(found.passages),
                "languages": languages,
                "fingerprint": found.fingerprint,
                "bytes": size,
                "updated": said.updated,
                "files": notes,
                "copies": {note.source: list(note.copies) for note in said.notes if note.copies},
                "skipped": {item.file.source: item.reason for item in said.unread if not item.failed},
                "failed": {item.file.source: item.reason for item in said.unread if item.failed},
            }
        )
        return 0
    spoken = ", ".join(f"{count} {name}" for name, count in sorted(languages.items()))
    print(f"{len(found.notes)} notes, {len(found.passages)} passages ({spoken}), {size / 1e6:.1f} MB")
    print(f"embedded with {found.fingerprint['embedding']}; last updated {said.updated}")
    for note in said.notes:
        copies = f"  (also {', '.join(note.copies)})" if note.copies else ""
        print(f"  {note.passages:4} {note.language}  {note.source}{copies}")
    for item in said.unread:
        print(f"  {'failed' if item.failed else 'skipped':7}  {item.file.source}: {item.reason}")
    return 0


def _question(options: argparse.Namespace) -> str:
    if options.question is None:
        raise SettingsError("expected a question or --batch FILE, found neither; see --help")
    return str(options.question)


def _stream_to_terminal(answers: Iterator[Answer]) -> None:
    """Write the text as it grows, then the checked answer if the check changed it, then what it cites."""
    shown, answer = "", None
    for answer in answers:
        if sys.stdout.isatty() and answer.answer.startswith(shown):
            print(answer.answer[len(shown) :], end="", flush=True)
            shown = answer.answer
    assert answer is not None
    if shown != answer.answer:
        print(("\n\n" if shown else "") + answer.answer, end="")
    print("\n")
    for cited in answer.citations:
        heading = f" > {cited.heading}" if cited.heading else ""
        print(_line(f"[{cited.n}] {cited.source}:{cited.start}-{cited.end}{heading}"))
        print("    " + _line(cited.quote))
    print(f"({answer.action}, confidence {answer.confidence:.2f}, {answer.llm}, {answer.seconds['total']:.1f} s)")
    if answer.fallback:
        print(answer.fallback, file=sys.stderr)


def _line(text: str) -> str:
    """Return a note's words on one line, without what a terminal would obey."""
    return " ".join(plain(text).split())


def _print_json(value: object) -> None:
    said = json.dumps(value, ensure_ascii=False)
    # Half a surrogate pair cannot be printed, but written as JSON writes it.
    print(SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", said), flush=True)


@contextmanager
def _bar(label: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on stderr once there is progress."""
    from tqdm import tqdm

    bar: tqdm[Any] | None = None

    def advance(done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            bar = tqdm(total=total, desc=label, unit=unit, unit_scale=unit == "B", file=sys.stderr)
        bar.update(done - bar.n)

    try:
        yield advance
    finally:
        if bar is not None:
            bar.close()
