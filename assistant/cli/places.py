"""The command `where`: prints where notes, index and all that belongs to them lie; and the rule by which it is found.

In: parsed options and settings. Out: paths, or JSON. Nothing is created.
"""

import argparse
import os
from dataclasses import replace
from pathlib import Path

from assistant.cli.terminal import harmless, print_json
from assistant.config import Settings
from assistant.errors import IndexUnusable


def run_where(options: argparse.Namespace, settings: Settings) -> int:
    """Print the places, by default those of the commands that are run in the working folder."""
    from assistant.index.stores import open_store
    from assistant.page import feedback, runs, talks

    notes = examples_of(settings) if options.demo else options.folder
    settings = over(notes, settings) if notes else settings
    file = Path("assistant.toml")
    places = {
        "notes": str(notes_of(settings).absolute()),
        "index": settings.store and open_store(settings).place or str(settings.index.absolute()),
        "conversations": str((settings.home / talks.FILE).absolute()),
        "feedback": str((settings.home / feedback.FILE).absolute()),
        "measurements": str((settings.home / runs.FOLDER).absolute()),
        "models": str(settings.models.absolute()),
        "settings": str(file.absolute()) if file.is_file() else None,
    }
    if settings.serve_database:
        places["conversations"] = "the database that serve_database names"
    if options.json:
        print_json(places)
        return 0
    for name, place in places.items():
        print(harmless(f"{name:14} {place or 'no assistant.toml in this folder'}"))
    return 0


def examples_of(settings: Settings) -> Path:
    """Return where the example notes are copied to when they are opened, so that notes can be added to them."""
    return settings.data / "examples"


def over(notes: Path, settings: Settings) -> Settings:
    """Return settings over a folder of notes, for who opens it by its path.

    Its index is one that was chosen (`--index`, ASSISTANT_INDEX, a store), or the working folder's own if that is of
    these notes, else the one in the user's data folder.
    """
    notes = Path(os.path.realpath(notes))
    own = settings.index == Settings.index
    if settings.store or not (own or settings.index.is_relative_to(settings.data)):
        return replace(settings, notes=notes)
    return settings if own and os.path.realpath(notes_of(settings)) == str(notes) else settings.over(notes)


def notes_of(settings: Settings) -> Path:
    """Return the folder of the notes: that of the settings, or the one that the index is of."""
    from assistant.index.stores import open_store
    from assistant.page import notebook

    try:
        return notebook.folder(settings, open_store(settings).snapshot())
    except IndexUnusable:
        return notebook.folder(settings, None)
