"""What many people at once cost: `python -m eval.load [--people N] [--minutes M] [--json]`.

A server of this process on the loopback address, people who ask the questions of `test` one after the other without a
pause, and quoted answers, which are the same whenever a question is asked: another one than that was mixed up.
"""

import argparse
import itertools
import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import psutil
from fastapi import FastAPI

from assistant import Assistant, Settings
from assistant.errors import AssistantError, SettingsError
from assistant.models.embedding import DEFAULT, build_embedding
from assistant.server.access import Access
from assistant.server.app import build_app
from assistant.server.listen import listening, server_of
from eval.measures.stats import percentile
from eval.questions.dataset import open_corpus, read_questions

_HOST, _PATIENCE = "127.0.0.1", 120.0
_MOST_PEOPLE, _MOST_MINUTES = 60, 60.0


@dataclass
class Tally:
    """The results of one simulated person; `seconds` has the time of each answer."""

    seconds: list[float] = field(default_factory=list)
    lost: int = 0
    mixed_up: int = 0


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of the loopback address from a thread; give its address, and end it."""
    server = server_of(app)
    with listening(_HOST, 0) as door:
        running = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        running.start()
        try:
            yield f"http://{_HOST}:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            running.join(_PATIENCE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit status: 1 as well if a question was lost or mixed up."""
    parser = argparse.ArgumentParser(prog="python -m eval.load", description="Ask as many people at once would.")
    parser.add_argument("--people", type=int, default=20, metavar="N", help="who ask at once (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=10.0, metavar="M", help="for so long (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")
    options = parser.parse_args(arguments)
    try:
        if not (1 <= options.people <= _MOST_PEOPLE and 0 < options.minutes <= _MOST_MINUTES):
            raise SettingsError(f"expected 1 to {_MOST_PEOPLE} people and up to {_MOST_MINUTES:.0f} minutes")
        settings = replace(Settings.read(), embedding=DEFAULT, llm="extractive")
        questions = [item.question for item in read_questions("test") if not item.history]
        assistant = open_corpus(settings, build_embedding(settings))
        found = measure(assistant, questions, options.people, 60 * options.minutes)
    except AssistantError as error:
        print(f"eval: {error}", file=sys.stderr)
        return 1
    print(json.dumps(found) if options.json else "\n".join(f"{name}: {value}" for name, value in found.items()))
    return 1 if found["lost"] or found["mixed_up"] else 0


def measure(assistant: Assistant, questions: Sequence[str], people: int, seconds: float) -> dict[str, Any]:
    """Return the figures: seconds of an answer as each person waited for it, memory in MB."""
    right = {question: assistant.ask(question).answer for question in questions}
    tallies = [Tally() for _ in range(people)]
    with served(build_app(assistant, Access.to(_HOST, assistant.settings))) as address:
        before, until = memory(), time.monotonic() + seconds
        asking = [
            threading.Thread(target=_ask, args=(address, right, number, until, tally))
            for number, tally in enumerate(tallies)
        ]
        for person in asking:
            person.start()
        for person in asking:
            person.join()
        after = memory()
    waited = [taken for tally in tallies for taken in tally.seconds]
    return {
        **{"people": people, "minutes": round(seconds / 60, 2), "answered": len(waited)},
        "lost": sum(tally.lost for tally in tallies),
        "mixed_up": sum(tally.mixed_up for tally in tallies),
        "median_seconds": round(percentile(waited, 50), 3),
        "p95_seconds": round(percentile(waited, 95), 3),
        "memory_mb": {"start": round(before), "end": round(after)},
    }


def _ask(address: str, right: Mapping[str, str], person: int, until: float, tally: Tally) -> None:
    """Ask one question after the other, starting at another place than the other people; count the results."""
    questions = list(right)
    with httpx.Client(base_url=address, timeout=_PATIENCE, trust_env=False) as client:
        for number in itertools.count():
            question, id = questions[(7 * person + number) % len(questions)], f"{person}-{number}"
            began = time.monotonic()
            try:
                said = client.post("/api/ask", json={"question": question, "id": id}).raise_for_status().json()
            except (httpx.HTTPError, ValueError):
                tally.lost += 1
            else:
                tally.seconds.append(time.monotonic() - began)
                got = said["id"], said["question"], said["answer"]
                tally.mixed_up += got != (id, question, right[question])
            if time.monotonic() > until:
                return


def memory() -> float:
    """Return the memory that this process holds, in MB."""
    return float(psutil.Process().memory_info().rss / 2**20)


if __name__ == "__main__":
    sys.exit(main())
