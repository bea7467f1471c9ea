"""Writes the pages' parts that the code knows best: the commands, the settings and the models, in each language.

In: the command line's parser, `Settings`, the registry, and `reference.toml`, which says in Korean what the code says
in English, and in both languages what a setting is for. Out: files in `docs/generated`, which the pages include. What
has no words in a language stops it, so that neither language falls behind.
"""

import argparse
import contextlib
import io
import os
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from assistant.cli.main import build_parser
from assistant.config import Settings
from assistant.models.catalogue import MODELS, Kind, Model
from eval.__main__ import main as evaluate

HERE = Path(__file__).parent
WORDS = HERE / "reference.toml"
LANGUAGES = ("en", "ko")
_WIDTH = 96
"""Columns of a usage line."""


class Words:
    """What is said in one language; `used` holds the keys that were asked for."""

    def __init__(self, language: str) -> None:
        """Read the words."""
        self._all = tomllib.loads(WORDS.read_text(encoding="utf-8"))
        self.language, self.used = language, set[tuple[str, str]]()

    def of(self, table: str, key: str) -> str:
        """Return what `key` is called; raise LookupError naming the file that lacks it."""
        self.used.add((table, key))
        try:
            return str(self._all[table][key][self.language])
        except KeyError:
            raise LookupError(f"{WORDS.name} has no [{table}] '{key}' in '{self.language}'; add it there") from None

    def said(self, english: str) -> str:
        """Return an English sentence of the code in this language."""
        return english if self.language == "en" else self.of("said", english)

    @property
    def known(self) -> set[tuple[str, str]]:
        """The keys that the file has."""
        return {(table, key) for table, words in self._all.items() for key in words}


def commands(words: Words) -> str:
    """Return a section for each command: its usage, and what its arguments do."""
    return "\n\n".join(
        f"## `{parser.prog}` {{ #{parser.prog.replace(' ', '-')} }}\n\n{words.said(what)[:1].upper()}"
        f"{words.said(what)[1:].rstrip('.')}.\n\n```text\n{_usage(parser)}\n```\n\n{_arguments(parser, words)}".rstrip()
        for parser, what in _commands(build_parser(), build_parser().description or "")
    )


def _commands(parser: argparse.ArgumentParser, what: str) -> Iterator[tuple[argparse.ArgumentParser, str]]:
    """Yield a parser with what it is for, and then those of its commands."""
    yield parser, what
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helped = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, inner in action.choices.items():
                yield from _commands(inner, helped[name])


def _usage(parser: argparse.ArgumentParser) -> str:
    formatter = argparse.HelpFormatter(parser.prog, width=_WIDTH)
    formatter.add_usage(parser.usage, parser._actions, parser._mutually_exclusive_groups, prefix="")
    return formatter.format_help().strip()


def _arguments(parser: argparse.ArgumentParser, words: Words) -> str:
    lines = []
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        value = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
        name = f"{', '.join(action.option_strings)}{value}".strip() if action.option_strings else value.strip()
        help_text = (action.help or "").replace("%(default)s", str(action.default))
        lines.append(f"| `{name}` | {words.said(help_text) if help_text else ''} |")
    head = f"| {words.of('words', 'argument')} | {words.of('words', 'does')} |\n|---|---|\n"
    return head + "\n".join(lines) if lines else ""


def settings(words: Words) -> str:
    """Return a table of the settings."""
    names = ("setting", "default", "is")
    head = "| " + " | ".join(words.of("words", name) for name in names) + " |\n|---|---|---|\n"
    return head + "\n".join(
        f"| `{item.name}` {{ #{item.name} }} | {_default(item, words)} | {words.of('settings', item.name)} |"
        for item in fields(Settings)
    )


def _default(item: "Field[Any]", words: Words) -> str:
    if item.default is MISSING:
        return words.of("words", f"default {item.name}")
    value = item.default.as_posix() if isinstance(item.default, Path) else item.default
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`" if value not in ("", None) else "–"


def models(words: Words, kind: Kind) -> str:
    """Return a table of the registry's models of a kind."""
    names = ("model", "is", "size", "licence") + (("memory",) if kind is Kind.LANGUAGE else ())
    head = "| " + " | ".join(words.of("words", name) for name in names) + " |\n" + "|---" * len(names) + "|\n"
    return head + "\n".join(_row(model, words) for model in MODELS.values() if model.kind is kind)


def _row(model: Model, words: Words) -> str:
    licence = f"[{model.licence}]({model.terms}), {words.of('words', 'accept')}" if model.terms else model.licence
    untried = "" if model.tried else f"; {words.of('words', 'untried')}"
    size = f"{model.size / 1e6:,.0f}\N{NO-BREAK SPACE}MB"
    row = f"| `{model.name}` | {words.said(model.description)}{untried} | {size} | {licence} |"
    return row + (f" {model.memory / 1e9:.1f}\N{NO-BREAK SPACE}GB |" if model.kind is Kind.LANGUAGE else "")


def evaluation() -> str:
    """Return the help of the evaluation, which is in English."""
    os.environ["COLUMNS"] = str(_WIDTH)
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
        evaluate(["--help"])
    return said.getvalue().strip()


def parts(words: Words) -> dict[str, str]:
    """Return each file's name and text in one language."""
    return {
        "commands": commands(words),
        "settings": settings(words),
        "embedding-models": models(words, Kind.EMBEDDING),
        "language-models": models(words, Kind.LANGUAGE),
    }


def write(folder: Path = HERE / "generated") -> None:
    """Write all files."""
    folder.mkdir(exist_ok=True)
    for language in LANGUAGES:
        for name, text in parts(Words(language)).items():
            (folder / f"{name}.{language}.md").write_text(f"{text}\n", encoding="utf-8")
    (folder / "evaluation.txt").write_text(f"{evaluation()}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
