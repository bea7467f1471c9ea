"""The command line: reads arguments, calls `Assistant` or the registry, prints. The only place that prints.

Results go to stdout, progress and errors to stderr. Exit status 0, 1 for an error that the user can mend, 2 for wrong
usage.
"""

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from assistant.answer import Answer
from assistant.config import Settings
from assistant.errors import AssistantError, SettingsError

if TYPE_CHECKING:
    from llama_index.core.schema import NodeWithScore


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(message)s")
    for noisy in ("transformers", "sentence_transformers", "httpx", "faiss", "bm25s"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    try:
        settings = _settings(options)
        run: Callable[[argparse.Namespace, Settings], int] = options.run
        return run(options, settings)
    except AssistantError as error:
        print(f"assistant: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("assistant: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of a pipe went away; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="assistant", description="Ask your own notes in Korean or English; every answer cites them."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    index = commands.add_parser(
        "index", help="read notes into the index; only new and changed ones are embedded"
    )
    index.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="folders or files (default: corpus/)"
    )
    _common(index, run_index)

    ask = commands.add_parser("ask", help="answer a question, or each question of a file")
    ask.add_argument("question", nargs="?", help="in Korean or English")
    ask.add_argument(
        "--llm", metavar="NAME", help="extractive, a name from 'assistant models', or openai-like"
    )
    _query_options(ask)
    _common(ask, run_ask)

    search = commands.add_parser("search", help="find passages, without an answer")
    search.add_argument("question", nargs="?", metavar="QUERY", help="in Korean or English")
    _query_options(search)
    _common(search, run_search)

    serve = commands.add_parser("serve", help="open the page on this machine")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=int, default=7860, help="port (default: %(default)s)")
    serve.add_argument(
        "--llm", metavar="NAME", help="extractive, a name from 'assistant models', or openai-like"
    )
    serve.add_argument(
        "--pull", action="store_true", help="fetch the language model in the background if absent"
    )
    serve.add_argument("--open", action="store_true", help="open the page in the browser")
    _common(serve, run_serve, json_option=False)

    listing = commands.add_parser("models", help="list the models that can be pulled, or pull one")
    listing.set_defaults(run=run_models)
    listing.add_argument("--json", action="store_true", help="print JSON alone on stdout")
    pulling = listing.add_subparsers(metavar="pull").add_parser("pull", help="fetch a model and verify it")
    pulling.add_argument("name", metavar="NAME")
    pulling.set_defaults(run=run_pull)

    _common(commands.add_parser("status", help="say what the index holds"), run_status)
    return parser


def _common(parser: argparse.ArgumentParser, run: Callable[..., int], json_option: bool = True) -> None:
    parser.add_argument("--index", type=Path, metavar="DIR", help="index folder (default: .assistant/index)")
    if json_option:
        parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")
    parser.set_defaults(run=run)


def _query_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--batch", metavar="FILE", help="JSON Lines with id and question, one a line; - is stdin"
    )
    parser.add_argument("--top-k", type=int, metavar="N", help="passages to consider (default: 8)")


def _settings(options: argparse.Namespace) -> Settings:
    given = {name: getattr(options, name, None) for name in ("index", "llm", "top_k")}
    return replace(Settings.read(), **{name: value for name, value in given.items() if value is not None})


def run_index(options: argparse.Namespace, settings: Settings) -> int:
    """Index notes; exit status 1 if every file failed."""
    from assistant.pipeline import Assistant

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
    from assistant.pipeline import Assistant

    assistant = Assistant.open(settings)
    if options.batch is not None:
        for id, question in _batch(options):
            _print_json(_or_error(id, lambda text=question: assistant.ask(text).to_json(id)))  # type: ignore[misc]
        return 0
    question = _question(options)
    if options.json:
        _print_json(assistant.ask(question).to_json())
        return 0
    _stream_to_terminal(assistant.stream(question))
    return 0


def run_search(options: argparse.Namespace, settings: Settings) -> int:
    """Search once or for a batch."""
    from assistant.pipeline import Assistant

    assistant = Assistant.open(settings)
    if options.batch is not None:
        for id, query in _batch(options):
            results = _or_error(id, lambda text=query: {"results": _hits(assistant.search(text))})  # type: ignore[misc]
            _print_json({"id": id, **results})
        return 0
    hits = _hits(assistant.search(_question(options)))
    if options.json:
        _print_json(hits)
    else:
        for hit in hits:
            where = f"{hit['source']}:{hit['start']}-{hit['end']}"
            print(f"{hit['rank']}. {where}  {hit['heading']}  ({hit['score']:.3f})")
            print("   " + " ".join(hit["text"].split())[:200])
    return 0


def run_serve(options: argparse.Namespace, settings: Settings) -> int:
    """Serve the page until stopped."""
    from assistant.serve import serve

    serve(settings, options.host, options.port, pull=options.pull, open_browser=options.open)
    return 0


def run_models(options: argparse.Namespace, settings: Settings) -> int:
    """List the registry."""
    from assistant import models

    rows = [
        {
            "name": model.name,
            "kind": model.kind.value,
            "description": model.description,
            "licence": model.licence,
            "bytes": model.size,
            "sha256": model.sha256,
            "sources": [str(source) for source in model.sources],
            "here": models.is_here(model, settings),
        }
        for model in models.MODELS.values()
    ]
    if options.json:
        _print_json(rows)
        return 0
    for row in rows:
        state = "here" if row["here"] else f"fetch with: assistant models pull {row['name']}"
        print(f"{row['name']}  ({row['kind']}, {row['bytes'] / 1e6:.0f} MB, {row['licence']})  {state}")
        print(f"  {row['description']}\n  from {'; '.join(row['sources'])}")
    return 0


def run_pull(options: argparse.Namespace, settings: Settings) -> int:
    """Fetch a model."""
    from assistant import models

    model = models.find(options.name)
    with _bar(model.name, "B") as advance:
        place = models.pull(model.name, settings, advance)
    print(f"{model.name} is at {place}", file=sys.stderr)
    return 0


def run_status(options: argparse.Namespace, settings: Settings) -> int:
    """Say what the index holds."""
    from assistant.index import load

    found = load(settings)
    files = [path for path in found.folder.rglob("*") if path.is_file()]
    languages: dict[str, int] = {}
    for passage in found.passages:
        languages[passage.metadata["language"]] = languages.get(passage.metadata["language"], 0) + 1
    status = {
        "notes": len(found.notes),
        "passages": len(found.passages),
        "languages": languages,
        "fingerprint": found.fingerprint,
        "bytes": sum(path.stat().st_size for path in files),
        "updated": found.updated,
        "files": [
            {"source": note.source, "language": note.language, "passages": note.passages}
            for note in found.notes
        ],
    }
    if options.json:
        _print_json(status)
        return 0
    spoken = ", ".join(f"{count} {name}" for name, count in sorted(languages.items()))
    print(
        f"{status['notes']} notes, {status['passages']} passages ({spoken}), {status['bytes'] / 1e6:.1f} MB"
    )
    print(f"embedded with {found.fingerprint['embedding']}; last updated {found.updated}")
    for file in status["files"]:  # type: ignore[attr-defined]
        print(f"  {file['passages']:4} {file['language']}  {file['source']}")
    return 0


def _question(options: argparse.Namespace) -> str:
    if options.question is None:
        raise SettingsError("expected a question or --batch FILE, found neither; see --help")
    return str(options.question)


def _batch(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yield id and question of each line; a line that is not such an object ends the run with its number."""
    try:
        source: TextIO = sys.stdin if options.batch == "-" else Path(options.batch).open(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"cannot read {options.batch}: {error.strerror}") from error
    with source:
        for number, line in enumerate(source, start=1):
            if not line.strip():
                continue
            try:
                item = json.loads(line)
                yield str(item.get("id", number)), str(item["question"])
            except (ValueError, KeyError, AttributeError) as error:
                raise SettingsError(
                    f"line {number} of {options.batch}: expected an object with id and question ({error})"
                ) from error


def _or_error(id: str, answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the answer, or its error in its place, so that one bad question costs no other its answer."""
    try:
        return answer()
    except SettingsError as error:
        return {"id": id, "error": str(error)}


def _hits(found: "Iterable[NodeWithScore]") -> list[dict[str, Any]]:
    return [
        {
            "rank": rank,
            "source": item.node.metadata["source"],
            "start": item.node.start_char_idx,  # type: ignore[attr-defined]
            "end": item.node.end_char_idx,  # type: ignore[attr-defined]
            "heading": item.node.metadata["heading"],
            "score": round(item.score or 0.0, 4),
            "text": item.node.get_content(),
        }
        for rank, item in enumerate(found, start=1)
    ]


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
        print(
            f"[{cited.n}] {cited.source}:{cited.start}-{cited.end}{heading}\n    {' '.join(cited.quote.split())}"
        )
    print(
        f"({answer.action}, confidence {answer.confidence:.2f}, {answer.llm}, {answer.seconds['total']:.1f} s)"
    )
    if answer.fallback:
        print(answer.fallback, file=sys.stderr)


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)


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


if __name__ == "__main__":
    sys.exit(main())
