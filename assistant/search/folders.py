"""Finds the folder that a question names: "how many notes are in recipes?", "papers 폴더 요약해줘".

In: a question and the notes in its scope. Out: the notes in that folder and below it; or, of a passage, the folders
above it that the question names: they say what a note called "notes" is about.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from assistant.answer import Passage, Question, Strip
from assistant.index.store import IndexedNote
from assistant.text.terms import terms

_CALLED_SO = re.compile(r"\b(?:folder|directory|subfolder)s?\b|폴더|디렉터리|디렉토리|[\w.-]/(?:\s|$)", re.IGNORECASE)
_ANY = frozenset(terms("note notes 노트 folder folders 폴더 file files 파일"))
"""Words for notes in general: a folder of that name is only meant where it is called a folder."""


def named_folder(question: Question, notes: Sequence[IndexedNote], called_so: bool) -> tuple[str, list[IndexedNote]]:
    """Return the path of the folder that the question names, and its notes; an empty path and none if it names none.

    Of several the one with the longest path counts. With `called_so` the question has to call it a folder.
    """
    called = bool(_CALLED_SO.search(question.text))
    if called_so and not called:
        return "", []
    asked = set(terms(question.text))
    folders = {parent.as_posix() for note in notes for parent in PurePosixPath(note.source).parents if parent.name}
    named = [folder for folder in folders if _named(PurePosixPath(folder).name, asked, called)]
    best = max(named, key=lambda folder: (len(folder), folder), default="")
    return best, [note for note in notes if best and note.source.startswith(f"{best}/")]


def above_named(text: Passage | Strip, asked: Collection[str]) -> list[str]:
    """Return the folders of a text that the terms `asked` name, and that nothing else above it or in it does."""
    held = set(terms(text.headed)) if asked else set()
    return [folder for folder in PurePosixPath(text.source).parts[:-1] if (set(terms(folder)) & set(asked)) - held]


def under_folders(strip: Strip, question: Question) -> Strip:
    """Return a strip whose title begins with its folders that the question names."""
    return replace(strip, title=" > ".join((*above_named(strip, question.terms), strip.title)))


def _named(name: str, asked: set[str], called: bool) -> bool:
    own = set(terms(name))
    return bool(own) and own <= asked and (called or not own <= _ANY)
