"""Has notes read, cut and embedded by the workers of Ray, on this machine or on those of a cluster.

In: jobs and batches of texts, as `assistant.index.taking.Workers` gets them. Out: each with what became of it, as they
are done. At most one of each kind a worker is in memory here. Ray starts a worker that died again and gives it what it
had; a note whose workers die of it fails alone.
"""

import os
import secrets
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import Any

from assistant.answer import Vectors
from assistant.config import Settings
from assistant.errors import IndexUnusable, SettingsError
from assistant.index import manifest
from assistant.index.ingest import Ingested
from assistant.index.taking import Job, Taken, Texts, take_in
from assistant.models.embedding import Embedder, build_embedding, embed_texts
from assistant.notes.files import Unread

HERE = "ray"
"""The name of a Ray that is started on this machine, and ends with the run."""
_INSTALL = "install the same notes-assistant and pull the same model on all machines"
_CLUSTER = "it must be started by 'ray start --head' with the same Python and Ray, and RAY_AUTH_TOKEN be its token"
_LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Ray's variable which, if 0, makes it listen on 127.0.0.1 only, on Linux too."""
_TEMPORARY = "/tmp" if os.path.isdir("/tmp") else None
"""Where Ray's sockets lie: their paths must be short, and macOS has a long one for temporary files."""
_TRIES = 3
"""How often a note is read whose workers die."""
_ON_ONE_GPU = 4
"""Workers that share a GPU: while one reads and cuts, another embeds."""
_STORE = 200 * 2**20
"""Bytes that a Ray on this machine may keep in shared memory; more goes to its temporary folder."""


class Hand:
    """What runs on a worker of Ray; it loads the model when there is something to embed."""

    def __init__(self, settings: Settings, device: str) -> None:
        """Keep the settings, with this machine's folder of models where the other's is not here."""
        models = settings.models if settings.models.is_dir() else Settings.read().models
        self._settings, self._device = replace(settings, models=models), device

    def made_with(self) -> dict[str, Any]:
        """Return what this worker's passages and vectors are made with."""
        return manifest.fingerprint(self._settings)

    def take(self, job: Job) -> Ingested | Unread:
        """Take in a note; of its document only what the index keeps comes back."""
        taken = take_in(job)
        if isinstance(taken, Unread):
            return taken
        return replace(taken, document=replace(taken.document, text="", blocks=(), hidden=(), whole=(), places=()))

    def embed(self, texts: Texts) -> Vectors:
        """Embed texts."""
        return embed_texts(self._model, texts)

    @cached_property
    def _model(self) -> Embedder:
        return build_embedding(self._settings, self._device)


class Spread:
    """The workers of a Ray, which is asked for only when there is something to do."""

    def __init__(self, on: str, settings: Settings) -> None:
        """Keep the address, and no more of the settings than workers need: they hold keys and passwords."""
        self._on = on
        self._threads = settings.threads
        self._settings = Settings(
            embedding=settings.embedding, models=settings.models, local_models=settings.local_models, threads=1
        )
        self._folder = tempfile.TemporaryDirectory(prefix="ray-", dir=_TEMPORARY, ignore_cleanup_errors=True)

    def take(self, jobs: Iterable[Job]) -> Iterator[Taken]:
        """Take in notes, as `Workers.take`; one at which workers died again and again is unread."""
        for job, taken in self._each("take", jobs):
            if isinstance(taken, self._ray.exceptions.RayError):
                taken = Unread(job.file, f"each of {_TRIES} processes that read it died", failed=True)
            yield job, taken

    def embed(self, batches: Iterable[Texts]) -> Iterator[tuple[Texts, Vectors]]:
        """Embed each batch; raise IndexUnusable if worker after worker died of one."""
        for texts, vectors in self._each("embed", batches):
            if isinstance(vectors, self._ray.exceptions.RayError):
                raise IndexUnusable(f"the workers of Ray at {self._on} died again and again ({_line(vectors)})")
            yield texts, vectors

    def close(self) -> None:
        """Leave Ray; one that was started here ends."""
        if "_ray" in self.__dict__:
            self._ray.shutdown()
        self._folder.cleanup()

    def _each(self, method: str, items: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Have each item done by a worker; yield it with the result, or with the error of Ray that prevented it."""
        coming = iter(items)
        if (first := next(coming, None)) is None:
            return
        coming, idle, busy = chain([first], coming), deque(self._workers), dict[Any, tuple[Any, Any]]()

        def give() -> None:
            while idle and (item := next(coming, None)) is not None:
                worker = idle.popleft()
                busy[getattr(worker, method).remote(item)] = worker, item

        give()
        while busy:
            [done], _ = self._ray.wait(list(busy))
            worker, item = busy.pop(done)
            idle.append(worker)
            give()
            yield item, self._result(done)

    def _result(self, done: Any) -> Any:
        try:
            return self._ray.get(done)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except self._ray.exceptions.RayError as error:
            return error

    @cached_property
    def _workers(self) -> list[Any]:
        """The workers, all of which were found to make what this machine makes."""
        held = self._ray.cluster_resources()
        gpus, cpus = int(held.get("GPU", 0)), int(held.get("CPU", 0))
        number = min(cpus, gpus * _ON_ONE_GPU) if gpus else cpus
        kind = self._ray.remote(
            num_cpus=1, num_gpus=1 / _ON_ONE_GPU if gpus else 0, max_restarts=-1, max_task_retries=_TRIES - 1
        )(Hand)
        workers = [kind.remote(self._settings, "cuda" if gpus else "cpu") for _ in range(max(number, 1))]
        wanted = manifest.fingerprint(self._settings)
        for made_with in map(self._result, [worker.made_with.remote() for worker in workers]):
            if isinstance(made_with, Exception):
                raise SettingsError(f"the workers of Ray do not start ({_line(made_with)}); {_INSTALL}")
            if differing := [key for key in wanted if made_with.get(key) != wanted[key]]:
                said = "; ".join(f"{key}: here {wanted[key]}, there {made_with.get(key)}" for key in differing)
                raise SettingsError(f"a worker of Ray makes other passages than this machine ({said}); {_INSTALL}")
        return workers

    @cached_property
    def _ray(self) -> Any:
        """The module of Ray, connected to a cluster, or to a Ray that only this machine and this user reach."""
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        if self._on == HERE:
            os.environ |= {"RAY_AUTH_MODE": "token", _LOOPBACK: "0"}
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex())  # Ray reads it once a process
        try:
            import ray
        except ImportError:
            raise SettingsError("Ray is not installed; install it with: pip install 'notes-assistant[ray]'") from None
        quiet: dict[str, Any] = {"log_to_driver": False, "configure_logging": False}
        own: dict[str, Any] = {
            "object_store_memory": _STORE,
            "_temp_dir": self._folder.name,
            "include_dashboard": False,
        }
        try:
            if self._on == HERE:
                ray.init("local", num_cpus=self._threads, **own, **quiet)
            else:
                ray.init(self._on, **quiet)
        except (ConnectionError, RuntimeError) as error:
            wanted = "see that this machine has room" if self._on == HERE else _CLUSTER
            raise SettingsError(f"no Ray could be used at {self._on}: {_line(error)}; {wanted}") from error
        ray._private.worker._worker_logs_enabled = False  # it would say of each dead worker so, on stdout
        return ray


@contextmanager
def spread(on: str, settings: Settings) -> Iterator[Spread]:
    """Give the workers of a Ray: `HERE`, or `ray://HOST:PORT` of a cluster.

    Raises:
        SettingsError: the address is none, there is no Ray at it, or its workers have other code or another model.
        IndexUnusable: the cluster went away.

    """
    if on != HERE and not on.startswith("ray://"):
        raise SettingsError(f"--on expected {HERE}, or ray://HOST:PORT of a cluster; found '{on}'")
    workers = Spread(on, settings)
    try:
        yield workers
    except ConnectionError as error:
        raise IndexUnusable(
            f"the Ray at {on} went away ({_line(error)}); what was done is kept, so run it again"
        ) from error
    finally:
        workers.close()


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[-300:]
