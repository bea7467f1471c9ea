"""Measures the seconds of each stage of one answer."""

import time


class Clock:
    """Seconds per stage and in total."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """End a stage; if it was ended before, add to its seconds."""
        now = time.perf_counter()
        self._laps[stage] = self._laps.get(stage, 0.0) + now - self._last
        self._last = now

    def seconds(self) -> dict[str, float]:
        """Return the seconds of each stage so far, and the total."""
        return {**self._laps, "total": time.perf_counter() - self._began}
