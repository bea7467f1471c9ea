"""The Notes room: every file with what became of it; notes added, removed, opened, and indexed anew."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.assistant import Assistant
from assistant.errors import NoteError
from assistant.index import manifest
from assistant.index.manifest import IndexedNote, Manifest
from assistant.notes.files import SUFFIXES
from assistant.page import notebook
from assistant.page.labels import QUIET, Labels, html, table
from assistant.page.note import note_html
from assistant.page.words import both, text_of
from assistant.server.renewal import Progress, Renewal


@dataclass(frozen=True)
class Shelf:
    """What a reader can do with the notes; each method returns what the page shows of it."""

    assistant: Assistant
    renewal: Renewal

    @property
    def known(self) -> Manifest | None:
        """What the index in use says of its notes."""
        return manifest.read_previous(self.assistant.settings)

    @property
    def folder(self) -> Path:
        """Where notes are added."""
        return notebook.folder(self.assistant.settings, self.known)

    def begin(self, said: str = "") -> tuple[str, str]:
        """Index anew."""
        self.renewal.begin()
        return said, progress_html(self.renewal.progress)

    def drop(self, files: list[str] | None) -> tuple[object, ...]:
        """Add files that were dropped."""
        given = [(Path(file).name, Path(file).read_bytes()) for file in files or []]
        return *self.begin(_added(self.folder, given)), None

    def write(self, name: str, text: str) -> tuple[object, ...]:
        """Add what was pasted; a name without a kind becomes Markdown. What cannot be added stays in the fields."""
        named = name.strip() if Path(name.strip()).suffix.lower() in SUFFIXES else f"{name.strip()}.md"
        said = _added(self.folder, [(named, text.encode(errors="ignore"))])
        return *self.begin(said), *((gr.skip(), gr.skip()) if "⚠" in said else ("", ""))

    def remove(self, event: gr.EventData) -> tuple[object, ...]:
        """Move a note out of the way."""
        note = _find(self.known, str(event._data.get("source", "")))
        try:
            if note is None:
                raise NoteError("this note is gone (이 노트는 이제 없습니다)")
            notebook.remove(self.folder, note)
        except NoteError as error:
            return f'<p class="fallback" role="alert">⚠ {text_of(str(error))}</p>', gr.skip()
        return self.begin(f'<p role="status">{both("removed", note.source)}</p>')

    def open(self, event: gr.EventData) -> str:
        """Show a note."""
        return note_html(self.known.notes if self.known else (), str(event._data.get("source", "")), 0, 0)

    def tick(self, runs: int) -> tuple[object, ...]:
        """Follow a run; after its end the list is new."""
        now = self.renewal.progress
        return progress_html(now), self.list() if now.runs != runs else gr.skip(), now.runs

    def list(self) -> str:
        """Show every file."""
        return shelf_html(self.known, self.folder)

    def look(self) -> tuple[object, ...]:
        """Show what is true when the page is opened."""
        return self.list(), self.renewal.progress.runs, self.renewal.watching


def notes_room(assistant: Assistant, labels: Labels, page: Any) -> None:
    """Build the room."""
    shelf = Shelf(assistant, renewal := _renewal(assistant))
    with gr.Row(elem_id="shelf"):
        with gr.Column(scale=3, min_width=320):
            with gr.Row(elem_id="adding"):
                files = {"file_count": "multiple", "file_types": sorted(SUFFIXES), "elem_id": "drop", "height": 140}
                drop = labels.keep(gr.File, files, label="add")
                with gr.Column(min_width=240):
                    name = labels.textbox("name", "name", "name", max_length=120)
                    pasted = labels.textbox("text", "text", "pasted", lines=2, max_lines=8)
                    save = labels.button("save", elem_id="save", size="sm")
            with gr.Row(elem_id="indexing"):
                again = labels.button("reindex", elem_id="reindex", size="sm")
                watch = labels.keep(gr.Checkbox, {"elem_id": "watch", "container": False}, label="watch")
            told, progress = html("", "told"), html("", "progress")
            listed = html("", "list", "select", "delete")
        with gr.Column(scale=2, min_width=320):
            shown = html("", "shown")
    seen, timer = gr.State(0), gr.Timer(1)
    drop.upload(shelf.drop, drop, [told, progress, drop], **QUIET)
    save.click(shelf.write, [name, pasted], [told, progress, name, pasted], **QUIET)
    again.click(shelf.begin, None, [told, progress], **QUIET)
    watch.input(renewal.watch, watch, None, **QUIET)
    listed.select(shelf.open, None, shown, **QUIET)
    listed.delete(shelf.remove, None, [told, progress], **QUIET)
    timer.tick(shelf.tick, seen, [progress, listed, seen], **QUIET)
    page.load(shelf.look, None, [listed, seen, watch], **QUIET)


def _renewal(assistant: Assistant) -> Renewal:
    def folder() -> Path:
        return notebook.folder(assistant.settings, manifest.read_previous(assistant.settings))

    return Renewal(assistant, folder)


def _added(place: Path, given: list[tuple[str, bytes]]) -> str:
    """Add the notes; return in HTML what was added and why the others were not."""
    names, lines = [], []
    for name, data in given[: notebook.AT_ONCE]:
        try:
            names.append(notebook.add(place, name, data).name)
        except NoteError as error:
            lines.append(f'<p class="fallback" role="alert">⚠ {text_of(name)}: {text_of(str(error))}</p>')
    if (left := len(given) - notebook.AT_ONCE) > 0:
        lines.append(f'<p class="fallback" role="alert">⚠ {both("too_many", notebook.AT_ONCE, left)}</p>')
    said = f'<p role="status">{both("added", ", ".join(names))}</p>' if names else ""
    return said + "".join(lines)


def _find(known: Manifest | None, source: str) -> IndexedNote | None:
    return next((note for note in known.notes if note.source == source), None) if known else None


def progress_html(progress: Progress) -> str:
    """Return the bar of a run that is under way, or how the last one ended."""
    if progress.running:
        most, said = max(progress.total, 1), both("indexing", progress.done, progress.total)
        bar = f'<progress max="{most}" value="{progress.done}" aria-labelledby="indexed"></progress>'
        return f'<p id="indexed" role="status">{said}</p>{bar}'
    if progress.trouble:
        return f'<p class="fallback" role="alert">⚠ {text_of(progress.trouble)}</p>'
    if not (report := progress.report):
        return ""
    counts = [len(group) for group in (report.indexed, report.unchanged, report.removed, report.skipped, report.failed)]
    return f'<p role="status">{both("report", *counts, report.seconds)}</p>'


def shelf_html(known: Manifest | None, place: Path) -> str:
    """Return every file that the index knows: those that failed first, because they need looking after."""
    heads = "".join(f'<th scope="col">{both(key)}</th>' for key in ("file", "state", "language", "count_passages"))
    if known is None:
        return ""
    inside = str(place.absolute())
    unread = sorted(known.unread, key=lambda item: not item.failed)
    rows = "".join(
        _row(item.file.source, both("failed" if item.failed else "skipped"), item.reason, "", "", "")
        for item in unread
        if item.failed
    )
    for note in known.notes:
        source = text_of(note.source)
        which = f'<span class="unseen"> {source}</span>'  # or all would have one name
        buttons = f'<button data-event="select" data-source="{source}">{both("open")}{which}</button>'
        if note.root == inside:
            buttons += f'<button data-event="delete" data-source="{source}">{both("remove")}{which}</button>'
        copies = both("copies", ", ".join(note.copies)) if note.copies else ""
        rows += _row(note.source, both("indexed"), "", note.language, str(note.passages), buttons, copies)
    rows += "".join(
        _row(item.file.source, both("skipped"), item.reason, "", "", "") for item in unread if not item.failed
    )
    return table(f"<thead><tr>{heads}<td></td></tr></thead><tbody>{rows}</tbody>", "files")


def _row(source: str, state: str, reason: str, language: str, passages: str, buttons: str, more: str = "") -> str:
    why = f'<br><span class="quiet">{text_of(reason)}</span>' if reason else ""
    also = f'<br><span class="quiet">{more}</span>' if more else ""
    return (
        f'<tr><th scope="row">{text_of(source)}{also}</th><td>{state}{why}</td><td>{language}</td>'
        f"<td>{passages}</td><td>{buttons}</td></tr>"
    )
