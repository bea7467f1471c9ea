"""The entry point: parses arguments and settings, runs a command, and turns errors into one line.

The exit status is 0 on success, 1 for an error, 2 for wrong usage, and 130 after Ctrl-C. Tracebacks are printed only if
ASSISTANT_DEBUG is set.
"""

import argparse
import logging
import os
import sys
import traceback
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from assistant import machine
from assistant.cli import accounts, commands, models, opening, places, status
from assistant.cli.terminal import Harmless, harmless, speak_utf8
from assistant.config import Settings
from assistant.errors import AssistantError

_NOISY = ("sentence_transformers", "huggingface_hub", "httpx", "faiss")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    speak_utf8()
    options = parsed(sys.argv[1:] if arguments is None else arguments)
    _log()
    try:
        settings = _settings(options)
        run: Callable[[argparse.Namespace, Settings], int] = options.run
        exit_status = run(options, settings)
        sys.stdout.flush()  # fails here, where that is handled, if the pipe's reader has gone
        return exit_status
    except AssistantError as error:
        print(f"assistant: {harmless(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("assistant: stopped", file=sys.stderr)
        return 130
    except Exception as error:  # the last resort: users get one line for any error
        if machine.reader_gone(error):
            # Python's own flush at exit must not fail as well.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        if os.environ.get("ASSISTANT_DEBUG") or logging.getLogger().isEnabledFor(logging.DEBUG):
            traceback.print_exc()
        summary = harmless(" ".join(f"{type(error).__name__}: {error}".split()))
        print(f"assistant: an unexpected error, {summary}; set ASSISTANT_DEBUG=1 to see where", file=sys.stderr)
        return 1


def _log() -> None:
    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setFormatter(Harmless("%(message)s"))
    logging.basicConfig(level=logging.ERROR, handlers=[to_stderr])
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")  # it sets its own level when it is imported
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.ERROR)


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what the arguments say, where `assistant ~/Notes` stands for `assistant open ~/Notes`; may exit."""
    parser, names = _built()
    named = bool(arguments) and arguments[0] in (*names, "-h", "--help")
    return parser.parse_args(arguments if named else ("open", *arguments))


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    return _built()[0]


def _built() -> tuple[argparse.ArgumentParser, Collection[str]]:
    """Return the parser of all commands, and their names."""
    parser = argparse.ArgumentParser(
        prog="assistant",
        usage="assistant [FOLDER | --demo]\n       assistant COMMAND ...",
        description="Ask your own notes in Korean or English; every answer cites them.",
    )
    added = parser.add_subparsers(required=True, metavar="COMMAND", prog="assistant")

    opened = added.add_parser("open", help="set up what is missing and open a folder of notes; can be left out")
    _folder_options(opened)
    _serve_options(opened)
    _common(opened, opening.run_open, json_option=False)

    index = added.add_parser("index", help="read notes into the index; only new and changed ones are embedded")
    index.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="folders or files (default: those of the index, or corpus/)"
    )
    index.add_argument(
        "--embedding", metavar="NAME", help="embed with this model, from 'assistant models', from now on"
    )
    index.add_argument(
        "--from", dest="source", metavar="WHERE", help="take over the whole index of another store: milvus, or a folder"
    )
    index.add_argument(
        "--on", metavar="RAY", help="read and embed on the workers of Ray: 'ray' for this machine, or ray://HOST:PORT"
    )
    _common(index, commands.run_index)

    ask = added.add_parser("ask", help="answer a question, or each question of a file")
    ask.add_argument("question", nargs="?", help="in Korean or English")
    ask.add_argument("--llm", metavar="NAME", help="extractive, a name from 'assistant models', or openai-like")
    _query_options(ask)
    _common(ask, commands.run_ask)

    search = added.add_parser("search", help="find passages, without an answer")
    search.add_argument("question", nargs="?", metavar="QUERY", help="in Korean or English")
    _query_options(search)
    _common(search, commands.run_search)

    show = added.add_parser("show", help="print a note's text, to which the offsets of citations count")
    show.add_argument("source", metavar="SOURCE", help="the note, as a citation or 'assistant status' names it")
    _common(show, commands.run_show)

    serve = added.add_parser("serve", help="open the page, and the doors for other programs")
    _serve_options(serve)
    serve.add_argument(
        "--pull",
        action="store_true",
        help="fetch the models that are absent: first the embedding model, then, in the background, the language model",
    )
    serve.add_argument("--open", action="store_true", help="open the page in the browser")
    _common(serve, commands.run_serve, json_option=False)

    speaking = added.add_parser("mcp", help="let an MCP client on this machine ask the notes, over stdin and stdout")
    speaking.add_argument("--llm", metavar="NAME", help="extractive, a name from 'assistant models', or openai-like")
    _common(speaking, commands.run_mcp, json_option=False)

    listing = added.add_parser("models", help="list the models that can be pulled, or pull one")
    listing.set_defaults(run=models.run_models)
    listing.add_argument("--json", action="store_true", help="print JSON alone on stdout")
    pulling = listing.add_subparsers(metavar="pull").add_parser("pull", help="fetch a model and verify it")
    pulling.add_argument("name", metavar="NAME")
    pulling.add_argument("--accept-licence", action="store_true", help="you accept the licence, where that is asked")
    pulling.set_defaults(run=models.run_pull)

    people = added.add_parser("accounts", help="list, add or remove those who may log in to a server")
    people.set_defaults(run=accounts.run_accounts, action="")
    acting = people.add_subparsers(metavar="add | remove")
    for action, what in (("add", "add an account, or change its password"), ("remove", "remove an account")):
        one = acting.add_parser(action, help=what)
        one.add_argument("name", metavar="NAME")
        one.set_defaults(run=accounts.run_accounts, action=action)

    _common(added.add_parser("status", help="say what the index holds"), status.run_status)

    where = added.add_parser("where", help="say where notes, index, conversations, models and settings lie")
    _folder_options(where)
    _common(where, places.run_where)
    return parser, added.choices


def _folder_options(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("folder", nargs="?", type=_folder, metavar="FOLDER", help="the folder of your notes")
    which.add_argument("--demo", action="store_true", help="the example notes")


def _folder(text: str) -> Path:
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"expected a folder or a command, found '{text}'; see: assistant --help")
    return Path(text)


def _serve_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=7860, help="port (default: %(default)s)")
    parser.add_argument("--llm", metavar="NAME", help="extractive, a name from 'assistant models', or openai-like")


def _common(parser: argparse.ArgumentParser, run: Callable[..., int], json_option: bool = True) -> None:
    parser.add_argument("--index", type=Path, metavar="DIR", help="index folder (default: as 'assistant where' says)")
    if json_option:
        parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")
    parser.set_defaults(run=run)


def _query_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--batch", metavar="FILE", help="JSON Lines with id and question, one a line; - is stdin")
    parser.add_argument("--top-k", type=int, metavar="N", help=f"passages to consider (default: {Settings.top_k})")
    for option, dest, metavar, chosen in (
        ("--in", "places", "FOLDER_OR_NOTE", "in this folder, or this note"),
        ("--tag", "tags", "TAG", "with this tag"),
        ("--format", "formats", "ENDING", "of this format, such as pdf"),
    ):
        help_text = f"ask only notes {chosen}; may be given several times"
        parser.add_argument(option, dest=dest, metavar=metavar, action="append", default=[], help=help_text)
    for option, which in (("--since", "from this day on"), ("--until", "up to this day")):
        help_text = f"ask only notes {which}, such as 2026-10-01"
        parser.add_argument(option, metavar="DATE", type=_day, help=help_text)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day such as 2026-10-01, found '{text}'") from None


def _settings(options: argparse.Namespace) -> Settings:
    chosen = {name: getattr(options, name, None) for name in ("index", "llm", "top_k", "embedding")}
    return replace(Settings.read(), **{name: value for name, value in chosen.items() if value is not None})
