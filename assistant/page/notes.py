"""The Notes room: lists all files with their state; adds, removes, opens and re-indexes notes."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from assistant.assistant import Assistant
from assistant.errors import IndexUnusable, NoteError
from assistant.index.manifest import file_of
from assistant.index.scopes import day_of
from assistant.index.store import IndexedNote, Snapshot
from assistant.messages.catalogue import line
from assistant.notes.files import SUFFIXES, contents, decode
from assistant.notes.formats import TEXT
from assistant.page import notebook, uploads
from assistant.page.events import told
from assistant.page.labels import HIDDEN, QUIET, Labels, html
from assistant.page.note import address_of, note_html
from assistant.page.render import render
from assistant.server.renewal import Progress, Renewal


@dataclass(frozen=True)
class Shelf:
    """The actions of the room; each method returns the new values of the page's components."""

    assistant: Assistant
    renewal: Renewal

    @property
    def known(self) -> Snapshot | None:
        """The index in use; None if there is no usable one."""
        return known(self.assistant)

    @property
    def folder(self) -> Path:
        """The folder for new notes."""
        return self.renewal.folder

    def choose(self, typed: str) -> tuple[object, ...]:
        """Read another folder of this machine in the place of the present one."""
        try:
            self.renewal.read(notebook.chosen(typed))
        except NoteError as error:
            return told_html(refused=[("", str(error))]), gr.skip(), gr.skip()
        return "", progress_html(self.renewal.progress), ""

    def begin(self, said: str = "") -> tuple[str, str]:
        """Start re-indexing, and show a message."""
        self.renewal.begin()
        return said, progress_html(self.renewal.progress)

    def drop(self, dropped: list[dict[str, str]] | None) -> tuple[object, ...]:
        """Add dropped files."""
        files = [uploads.taken(item) for item in dropped or []]
        return *self.begin(_added(self.folder, files).html), None

    def write(self, name: str, text: str, changing: str) -> tuple[object, ...]:
        """Add a pasted note, or write the one anew that is being changed; a refused note stays in the fields.

        A name without a known suffix gets `.md`; without a name the first line is one.
        """
        data = text.encode(errors="ignore")
        if changing:
            added = self._changed(changing, data)
        else:
            name = name.strip() or _first_line(text)
            named = name if Path(name).suffix.lower() in SUFFIXES else f"{name}.md"
            added = _added(self.folder, [(named, data)])
        return *self.begin(added.html), *(("", "", "", "") if added.whole else (gr.skip(),) * 4)

    def _changed(self, source: str, data: bytes) -> "Added":
        try:
            if (note := _find(self.known, source)) is None:
                raise NoteError(line("line.note_gone"))
            notebook.change(self.folder, note, data)
        except NoteError as error:
            return Added(told_html(refused=[(source, str(error))]), False)
        return Added(told_html([source]), True)

    def change(self, event: gr.EventData) -> tuple[object, ...]:
        """Take a note's text into the fields, to be changed there."""
        source = told(event, "source")
        note = _find(self.known, source)
        read = contents(file_of(note)) if note else None
        if note is None or not isinstance(read, bytes):
            return *(gr.skip(),) * 4, told_html(refused=[(source, line("line.note_gone"))])
        return note.source, decode(read), note.source, render("changing", source=note.source), ""

    def leave(self) -> tuple[object, ...]:
        """Leave a note as it was."""
        return "", "", "", ""

    def restore(self, event: gr.EventData) -> tuple[object, ...]:
        """Take a removed note back."""
        try:
            back = notebook.restore(self.folder, told(event, "removed"), told(event, "source"))
            return self.begin(told_html([back.name]))
        except NoteError as error:
            return told_html(refused=[("", str(error))]), gr.skip()

    def remove(self, event: gr.EventData) -> tuple[object, ...]:
        """Remove a note."""
        note = _find(self.known, told(event, "source"))
        try:
            if note is None:
                raise NoteError(line("line.note_gone"))
            source = file_of(note).archive or note.source  # told while the archive is in its place
            target = notebook.remove(self.folder, note)
        except NoteError as error:
            return told_html(refused=[("", str(error))]), gr.skip()
        shelved = target.relative_to(Path(os.path.realpath(self.folder)) / notebook.REMOVED).as_posix()
        return self.begin(told_html(removed=source, shelved=shelved))

    def open(self, event: gr.EventData) -> str:
        """Show a note."""
        source = told(event, "source")
        url = address_of(self.assistant, source)
        notes = self.known.notes if self.known else ()
        return note_html(notes, source, 0, 0, url=url, heading=told(event, "heading"))

    def tick(self, runs: int) -> tuple[object, ...]:
        """Show the progress of a run, and the new list after its end."""
        now = self.renewal.progress
        shown, unread, listed = progress_html(now), gr.skip(), gr.skip()
        if now.running:
            unread = shown
        if now.runs != runs:
            unread, listed = beside_html(now, self.known), self.list()
        return shown, unread, listed, now.runs

    def list(self) -> str:
        """Show every file."""
        return shelf_html(self.known, self.folder)

    def look(self) -> tuple[object, ...]:
        """Return the values for a newly opened page."""
        now = self.renewal.progress
        return self.list(), now.runs, self.renewal.watching, beside_html(now, self.known)


_WATCHED = 10_000
"""Notes of a folder that is watched from the start: to look at each takes a tenth of a second then."""


def shelf_of(assistant: Assistant, watching: bool = False) -> Shelf:
    """Return the actions; with `watching` the folder is watched from now on, unless it is so large that that is slow.

    A new index is filled.
    """
    renewal = _renewal(assistant)
    renewal.watch(watching and len(assistant.snapshot.notes) <= _WATCHED)
    if watching and not assistant.snapshot.notes and renewal.folder.is_dir():
        renewal.begin()
    return Shelf(assistant, renewal)


def adding(labels: Labels) -> Any:
    """Build a button that adds notes; files that are dropped on the page are given to it."""
    files = {"file_count": "multiple", "file_types": sorted(SUFFIXES), "elem_classes": "adds", "size": "sm"}
    return labels.keep(gr.UploadButton, files, label="add")


def notes_room(shelf: Shelf, labels: Labels, page: Any, second: Any, beside: Any, local: bool = False) -> None:
    """Build the room; `second` ticks once in one, and `beside` is another place where the progress is shown.

    If all who see the page are `local`, they may choose another folder of this machine.
    """
    with gr.Row(elem_id="shelf"):
        with gr.Column(scale=3, min_width=320):
            with gr.Row(elem_id="adding"):
                with gr.Column(min_width=240):
                    add = adding(labels)
                    with gr.Row(elem_id="choosing", visible=local):
                        folder = labels.textbox("folder_path", "folder_path", "folder", max_length=1000)
                        read = labels.button("read_folder", elem_id="read-folder", size="sm")
                with gr.Column(min_width=240):
                    name = labels.textbox("name", "name", "name", max_length=120)
                    pasted = labels.textbox("text", "text", "pasted", lines=2, max_lines=8)
                    save = labels.button("save", elem_id="save", size="sm")
            with gr.Row(elem_id="indexing"):
                again = labels.button("reindex", elem_id="reindex", size="sm")
                watch = labels.keep(gr.Checkbox, {"elem_id": "watch", "container": False}, label="watch")
            editing, changing = html("", "changing", "delete"), gr.Textbox(visible="hidden", **HIDDEN)
            message, progress = html("", "told", "like"), html("", "progress")
            listed = html("", "list", "select", "delete", "edit")
        with gr.Column(scale=2, min_width=320):
            note = html("", "shown", "select")
    seen = gr.State(0)
    add.upload(shelf.drop, add, [message, progress, add], preprocess=False, **QUIET)
    fields = [name, pasted, changing, editing]
    save.click(shelf.write, [name, pasted, changing], [message, progress, *fields], **QUIET)
    listed.edit(shelf.change, None, [*fields, message], **QUIET)
    editing.delete(shelf.leave, None, fields, **QUIET)
    message.like(shelf.restore, None, [message, progress], **QUIET)
    if local:
        gr.on([read.click, folder.submit], shelf.choose, folder, [message, progress, folder], **QUIET)
    again.click(shelf.begin, None, [message, progress], **QUIET)
    watch.input(shelf.renewal.watch, watch, None, **QUIET)
    gr.on([listed.select, note.select], shelf.open, None, note, trigger_mode="multiple", **QUIET)
    listed.delete(shelf.remove, None, [message, progress], **QUIET)
    second.tick(shelf.tick, seen, [progress, beside, listed, seen], **QUIET)
    page.load(shelf.look, None, [listed, seen, watch, beside], **QUIET)


def known(assistant: Assistant) -> Snapshot | None:
    """Return the index in use; None if there is no usable one."""
    try:
        return assistant.snapshot
    except IndexUnusable:
        return None


def _renewal(assistant: Assistant) -> Renewal:
    def folder() -> Path:
        return notebook.folder(assistant.settings, known(assistant))

    return Renewal(assistant, folder)


class Added(NamedTuple):
    """The result of adding notes, as HTML; `whole` is True if all were added."""

    html: str
    whole: bool


def _added(place: Path, files: list[tuple[str, bytes]]) -> Added:
    """Add the notes."""
    names, refused = [], []
    for name, data in files[: notebook.AT_ONCE]:
        try:
            names.append(notebook.add(place, name, data).name)
        except NoteError as error:
            refused.append((name, str(error)))
    left = max(len(files) - notebook.AT_ONCE, 0)
    return Added(told_html(names, refused=refused, left=left), not refused and not left)


def told_html(
    added: Sequence[str] = (),
    removed: str = "",
    refused: Sequence[tuple[str, str]] = (),
    left: int = 0,
    shelved: str = "",
) -> str:
    """Return a message about added and removed notes, and the reason for each refused one."""
    return render(
        "told", added=added, removed=removed, refused=refused, left=left, shelved=shelved, most=notebook.AT_ONCE
    )


def _first_line(text: str) -> str:
    """Return the first line of a note as its name, without the marks of a heading; the day if it has none."""
    first = next((line.strip(" \t#*-") for line in text.splitlines() if any(map(str.isalnum, line))), "")
    return first[:60].strip().rstrip(".") or date.today().isoformat()


def _find(index: Snapshot | None, source: str) -> IndexedNote | None:
    return next((note for note in index.notes if note.source == source), None) if index else None


def progress_html(progress: Progress) -> str:
    """Return the progress bar of a running update, or the result of the last one."""
    return render("progress", progress=progress, unread=None)


def beside_html(progress: Progress, index: Snapshot | None) -> str:
    """Return the progress bar of a running update, or how many files the index could not read."""
    return render("progress", progress=progress, unread=sum(item.failed for item in index.unread) if index else 0)


def shelf_html(index: Snapshot | None, place: Path) -> str:
    """Return the list of all files that the index knows; failed ones come first, since they need attention."""
    if index is None:
        return ""
    failed = [(item.source, item.reason) for item in index.unread if item.failed]
    skipped = [(item.source, item.reason) for item in index.unread if not item.failed]
    archives = {note.source: file_of(note).archive for note in index.notes}
    return render(
        "shelf",
        notes=sorted(index.notes, key=lambda note: note.title.casefold()),
        failed=failed,
        skipped=skipped,
        place=str(place.absolute()),
        archives=archives,
        days={note.source: day_of(note) for note in index.notes},
        texts={source for source, archive in archives.items() if Path(source).suffix.lower() in TEXT and not archive},
    )
