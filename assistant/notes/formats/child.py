"""The process that reads files of strangers: `python -m assistant.notes.formats.child`.

In: messages on standard input, a format and bytes by turns. Out: on standard output, for each pair, "taken" and then
what was read, or why not. It takes no more than `MEMORY`, and ends when nothing came for `IDLE` seconds.
"""

import base64
import json
import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import astuple
from importlib import import_module
from typing import Any

from assistant import machine
from assistant.errors import NoteError
from assistant.notes.formats import image, pdf_page, tesseract
from assistant.notes.formats.apart import received, sent
from assistant.notes.formats.scans import Scans, pages_of

MEMORY = 3_000_000_000
"""Bytes that the process may take."""
IDLE = 60.0
_DRAWN = {"pdf": pdf_page.picture, "image": image.picture}


def main() -> None:
    """Answer until the input ends."""
    machine.bound_memory(MEMORY)
    # what a library prints must not get between the answers
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        idle = threading.Timer(IDLE, os._exit, (0,))
        idle.daemon = True
        idle.start()
        asked = received(sys.stdin.buffer)
        idle.cancel()
        data = received(sys.stdin.buffer)
        if asked is None or data is None:
            return
        sent(answers, b"taken")
        sent(answers, json.dumps(answered(json.loads(asked), data)).encode())


def answered(asked: Mapping[str, Any], data: bytes) -> dict[str, Any]:
    """Return what a module of this package reads in the bytes, as JSON, or under `refused` why it cannot.

    `asked` names the module as `kind`; with `page` it is a picture of that page that is wanted. `known` are the scanned
    pages that were recognised before, and `seconds` what may be spent on others; those come back as `fresh`.
    """
    scans = Scans(pages_of(asked.get("known", ())), asked.get("seconds", 0), tesseract.languages)
    answer = _answer(asked, data, scans)
    return {**answer, "fresh": list(scans.fresh.items())}


def _answer(asked: Mapping[str, Any], data: bytes, scans: Scans) -> dict[str, Any]:
    try:
        if page := asked.get("page"):
            return {"picture": base64.b64encode(_DRAWN[asked["kind"]](data, page)).decode()}
        module = import_module(f"assistant.notes.formats.{asked['kind']}")
        found = module.extract(data, scans) if "seconds" in asked else module.extract(data)
    except NoteError as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": f"reading it takes more than {MEMORY:,} bytes of memory; split it"}
    except Exception as error:  # any error of a library over a stranger's bytes
        reason = (str(error).splitlines() or [""])[0][:200]
        return {"refused": f"it cannot be understood ({type(error).__name__}: {reason}); open it in its program"}
    return {
        "text": found.text,
        "blocks": [astuple(block) for block in found.blocks],
        "places": found.places,
        "fields": dict(found.fields),
        "missing": found.missing,
    }


if __name__ == "__main__":
    main()
