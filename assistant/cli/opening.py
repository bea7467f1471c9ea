"""The command `open`, which `assistant [FOLDER]` stands for: sets up what is missing and opens a folder of notes.

In: a folder, or the answer of who sits at the terminal. Out: an index of that folder, and the page until it is stopped.
"""

import argparse
import os
import re
import shutil
import sys
from pathlib import Path

from assistant.cli.places import examples_of, notes_of, over
from assistant.cli.terminal import bar, harmless
from assistant.config import Settings, example_notes
from assistant.errors import SettingsError

_ASK = "Which folder holds your notes? (Enter alone: the example notes) "


def run_open(options: argparse.Namespace, settings: Settings) -> int:
    """Fetch the embedding model, index the folder and serve the page, behind which the language model arrives."""
    from assistant.assistant import Assistant
    from assistant.cli.commands import indexed, summary
    from assistant.cli.serve import serve

    notes = examples_of(settings) if options.demo else options.folder
    if notes is None and not _is_set_up(settings):
        notes = _asked(settings)
    if notes is not None:
        settings = over(notes, settings)
    if notes == examples_of(settings):
        _copy_examples(notes)
    assistant = Assistant.open(settings)
    _fetch_embedding(assistant.settings)
    # An index in the user's data folder is of this folder alone, whatever the page has read in its place.
    report = indexed(assistant, only=settings.index.is_relative_to(settings.data))
    print(f"{harmless(str(notes_of(settings)))}: {summary(report)}", flush=True)
    del assistant  # the server opens its own
    serve(settings, options.host, options.port, pull=True, open_browser=True, say=lambda line: print(line, flush=True))
    return 0


def _is_set_up(settings: Settings) -> bool:
    """Tell whether it is known which notes are meant: chosen ones, or the working folder has them or their index."""
    return settings.notes != Settings.notes or notes_of(settings).is_dir()


def _asked(settings: Settings) -> Path:
    """Return the folder that who sits at the terminal names; raise SettingsError if nobody does."""
    while sys.stdin.isatty():
        try:
            typed = input(_ASK)
        except EOFError:
            print()
            break
        if not typed.strip():
            return examples_of(settings)
        path = os.path.expanduser(typed.strip().strip("\"'"))
        # A terminal escapes the spaces in the name of a folder that is dropped into it.
        for place in (path, re.sub(r"\\(.)", r"\1", path)):
            if os.path.isdir(place):
                return Path(place)
        print(f"There is no folder {harmless(path)}")
    raise SettingsError("expected the folder of your notes, found none; type: assistant FOLDER, or assistant --demo")


def _copy_examples(place: Path) -> None:
    """Copy the example notes to the user's data folder, unless they are there."""
    if place.is_dir():
        return
    arriving = place.with_name(f".{place.name}.arriving")
    shutil.rmtree(arriving, ignore_errors=True)
    for file in example_notes().rglob("*.md"):
        copy = arriving / file.relative_to(example_notes())
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    arriving.rename(place)


def _fetch_embedding(settings: Settings) -> None:
    """Pull the embedding model if it is one of the registry's and not here."""
    from assistant.models import registry as models

    model = models.MODELS.get(settings.embedding)
    if model is not None and not models.is_here(model, settings):
        with bar(model.name, "B") as advance:
            models.pull(model.name, settings, advance)
