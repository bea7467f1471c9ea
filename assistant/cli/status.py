"""The command `status`: prints the contents of the index, and the state of every file."""

import argparse
from collections.abc import Sequence
from typing import Any

from assistant.cli.terminal import harmless, print_json
from assistant.config import Settings
from assistant.index.store import About, IndexedNote, UnreadNote


def run_status(options: argparse.Namespace, settings: Settings) -> int:
    """Print the contents of the index."""
    from assistant.index.stores import open_store

    store = open_store(settings)
    snapshot = store.snapshot()
    about, notes, unread = snapshot.about, snapshot.notes, snapshot.unread
    if options.json:
        print_json({"store": store.place, **_as_json(about, notes, unread)})
    else:
        print("\n".join(map(harmless, [f"index at {store.place}", *_lines(about, notes, unread)])))
    return 0


def _as_json(about: About, notes: Sequence[IndexedNote], unread: Sequence[UnreadNote]) -> dict[str, Any]:
    return {
        "notes": about.notes,
        "passages": about.passages,
        "languages": dict(about.languages),
        "fingerprint": dict(about.fingerprint),
        "bytes": about.bytes,
        "updated": about.updated,
        "files": [{"source": note.source, "language": note.language, "passages": note.passages} for note in notes],
        "copies": {note.source: list(note.copies) for note in notes if note.copies},
        "skipped": {item.source: item.reason for item in unread if not item.failed},
        "failed": {item.source: item.reason for item in unread if item.failed},
    }


def _lines(about: About, notes: Sequence[IndexedNote], unread: Sequence[UnreadNote]) -> list[str]:
    spoken = ", ".join(f"{count} {name}" for name, count in sorted(about.languages.items()))
    lines = [
        f"{about.notes} notes, {about.passages} passages ({spoken}), {about.bytes / 1e6:.1f} MB",
        f"embedded with {about.fingerprint['embedding']}; last updated {about.updated}",
    ]
    for note in notes:
        copies = f"  (also {', '.join(note.copies)})" if note.copies else ""
        lines.append(f"  {note.passages:4} {note.language}  {note.source}{copies}")
    for item in unread:
        lines.append(f"  {'failed' if item.failed else 'skipped':7}  {item.source}: {item.reason}")
    return lines
