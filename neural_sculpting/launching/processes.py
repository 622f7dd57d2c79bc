"""Batches in worker processes, several at a time.

The workers are those of ``concurrent.futures`` in the standard library: a batch takes seconds to minutes, so that the
strengths of other pools (many small tasks, large arrays) would not be noticed.
"""

import os
import signal
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from itertools import cycle, islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from neural_sculpting.errors import described
from neural_sculpting.interruption import SIGNALS, Interrupted, listen, requested
from neural_sculpting.launching.batches import Batch, Outcomes, run_elsewhere
from neural_sculpting.launching.reporting import JobLost

Ended = Generator[tuple[int, Outcomes], None, None]
"""As each batch ends, its index and its outcomes."""

GPUS = Path("/proc/driver/nvidia/gpus")
"""The driver's list of GPUs."""

PROCESSES, PROCESSES_ON_GPU = "NEURAL_SCULPTING_PROCESSES", "NEURAL_SCULPTING_PROCESSES_ON_GPU"
"""Environment variables: how many workers share the memory of this machine, and of a worker's GPU. They are read in
``neural_sculpting.sculpting.devices``, which imports torch."""

POLL_SECONDS = 0.2
"""How often to check whether this process was asked to stop."""

SPAWN = get_context("spawn")  # torch's threads do not survive a fork


class Worker:
    """A process that runs batches for as long as its parent lives, and is replaced when it dies."""

    def __init__(self, *arguments: Any) -> None:
        self._arguments = arguments
        self._start()

    def _start(self) -> None:
        # One pool for each worker: a worker that dies breaks its whole pool.
        self.pool = ProcessPoolExecutor(1, mp_context=SPAWN, initializer=_begin, initargs=self._arguments)

    def submit(self, batch: Batch) -> Future[Outcomes]:
        """Run a batch in it."""
        with signals_blocked():
            try:
                return self.pool.submit(run_elsewhere, batch)
            except BrokenProcessPool:  # it died between two batches
                self.pool.shutdown()
                self._start()
                return self.pool.submit(run_elsewhere, batch)


@contextmanager
def signals_blocked() -> Iterator[None]:
    """Start processes that signals do not reach before they have set how to handle them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def in_processes(batches: Iterable[Batch], workers: int) -> Ended:
    """Run batches in worker processes, which end at once when this generator or this process does.

    A worker that dies (for lack of memory, say) costs only its batch. Workers are spread over the GPUs, and each takes
    its share of the memory. When this process is asked to stop, so are they; no further batch is started, and
    Interrupted is raised when they have stopped.
    """
    lifeline, writer = SPAWN.Pipe(duplex=False)  # closes when this process ends
    with signals_blocked():  # it starts multiprocessing's own process
        stop = SPAWN.Event()
    idle = [Worker(lifeline, stop, environment) for environment in environments(visible_gpus(), workers)]
    running: dict[Future[Outcomes], tuple[int, Batch, Worker]] = {}
    upcoming = enumerate(batches)
    interrupted = False
    try:
        while True:
            while idle and not requested() and (following := next(upcoming, None)):
                worker = idle.pop()
                running[worker.submit(following[1])] = (*following, worker)
            if not running:
                break
            for future in wait(running, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED).done:
                index, batch, worker = running.pop(future)
                idle.append(worker)
                error = future.exception()
                if isinstance(error, KeyboardInterrupt):
                    interrupted = True
                else:
                    yield index, future.result() if error is None else [_readable(error)] * len(batch.numbers)
            if requested():
                stop.set()
        if interrupted or next(upcoming, None) is not None:
            raise Interrupted
    finally:
        if running:
            writer.close()
        for worker in [*idle, *(worker for _, _, worker in running.values())]:
            worker.pool.shutdown()
        writer.close()
        lifeline.close()


def environments(gpus: Sequence[str], workers: int) -> list[dict[str, str]]:
    """Return the environment variables of each worker: its only visible GPU, and how many share memory with it."""
    if not gpus:
        return [{PROCESSES: str(workers), PROCESSES_ON_GPU: str(workers)}] * workers
    spread = list(islice(cycle(gpus), workers))
    return [
        {"CUDA_VISIBLE_DEVICES": gpu, PROCESSES: str(workers), PROCESSES_ON_GPU: str(spread.count(gpu))}
        for gpu in spread
    ]


def visible_gpus() -> list[str]:
    """Return CUDA's names of the NVIDIA GPUs that this process may use, without torch, whose import takes seconds."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return [name.strip() for name in named.split(",") if name.strip()]
    return [str(number) for number, _ in enumerate(GPUS.glob("*"))]


def _begin(lifeline: Connection, stop: Event, environment: dict[str, str]) -> None:
    """Prepare a worker, which ends with its parent and ignores signals, since its parent handles them."""
    os.environ.update(environment)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    listen(stop.is_set)

    def exit_with_parent() -> None:
        with suppress(EOFError, OSError):
            lifeline.recv()  # nothing is ever sent
        os._exit(1)

    threading.Thread(target=exit_with_parent, daemon=True).start()


def _readable(error: BaseException) -> Exception:
    if isinstance(error, BrokenProcessPool):
        return JobLost("its worker process ended abruptly; was there too little memory?")
    return error if isinstance(error, Exception) else RuntimeError(described(error))
