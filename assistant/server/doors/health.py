"""What watches over a server asks for: whether it lives, whether it can answer, and its figures for Prometheus.

In: the queue. Out: `/livez`, `/readyz` and `/metrics`. The first two are open to everybody, since orchestrators do not
log in, and say nothing of the notes; the figures count answers, and hold no words of them.
"""

import asyncio

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from assistant.answer import Answer
from assistant.errors import AssistantError
from assistant.messages.said import LOG_INS_AWAY
from assistant.server.forms import without_folders
from assistant.server.kept import Unkept
from assistant.server.log_ins import LogIns
from assistant.server.queue import Turns

OPEN = ("/livez", "/readyz")
METRICS = "/metrics"
_SECONDS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)


class Figures:
    """The figures of one queue, as Prometheus reads them."""

    def __init__(self, turns: Turns) -> None:
        """Count from now on."""
        self._turns, self._registry = turns, (kept := CollectorRegistry())
        self._answers = Counter("assistant_answers", "Finished answers by outcome", ["outcome"], registry=kept)
        self._seconds = Histogram(
            "assistant_seconds", "Seconds of an answer by stage", ["stage"], buckets=_SECONDS, registry=kept
        )
        self._waiting = Gauge("assistant_questions", "Questions that wait or are being answered", registry=kept)
        self._notes = Gauge("assistant_notes", "Indexed notes", registry=kept)
        self._waiting.set_function(lambda: turns.taken)
        turns.tell = self.count

    def count(self, answer: Answer | None) -> None:
        """Count a finished answer; None for one that failed."""
        if answer is None:
            self._answers.labels("failed").inc()
            return
        self._answers.labels("declined" if answer.abstained else "answered").inc()
        for stage, seconds in answer.seconds.items():
            self._seconds.labels(stage).observe(seconds)

    def text(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        try:
            self._notes.set(len(self._turns.assistant.snapshot.notes))
        except AssistantError:
            self._notes.set(0)
        return generate_latest(self._registry)


def routes(turns: Turns, log_ins: LogIns) -> APIRouter:
    """Return the routes."""
    router = APIRouter(include_in_schema=False)
    figures = Figures(turns)

    @router.get("/livez")
    async def lives() -> Response:
        return JSONResponse({"lives": True})

    @router.get("/readyz")
    async def ready() -> Response:
        """Tell whether questions can be answered: people can log in, there is an index, the server is not stopping."""
        if turns.closed:
            return JSONResponse({"ready": False, "error": "the server is stopping"}, 503)
        try:
            await asyncio.to_thread(log_ins.check)
            await asyncio.to_thread(lambda: turns.assistant.snapshot.about)
        except Unkept:
            return JSONResponse({"ready": False, "error": LOG_INS_AWAY}, 503)
        except AssistantError as error:
            return JSONResponse({"ready": False, "error": without_folders(str(error))}, 503)
        return JSONResponse({"ready": True})

    @router.get(METRICS)
    async def metrics() -> Response:
        return Response(await asyncio.to_thread(figures.text), headers={"content-type": CONTENT_TYPE_LATEST})

    return router
