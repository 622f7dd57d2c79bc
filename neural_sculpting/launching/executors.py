"""Where batches run: in this process one after another, or several at a time in worker processes.

The workers are those of ``concurrent.futures``: it is in the standard library, and one batch takes seconds to
minutes, so that nothing of what other pools do better (many small tasks, large arrays) would be felt.
"""

import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Self

from neural_sculpting.errors import UserError
from neural_sculpting.interruption import SIGNALS, Interrupted, listen, requested
from neural_sculpting.launching.batches import Batch, Outcomes, run, run_elsewhere

Ended = Generator[tuple[int, Outcomes], None, None]
Executor = Callable[[Iterable[Batch]], Ended]
"""Runs batches and yields, as each one ends, its place among them and its outcomes. A batch is taken from the
iterable when it is about to run."""

NAMES = ("inline", "processes", "slurm")

GPUS = Path("/proc/driver/nvidia/gpus")
"""Where the driver lists them."""

PROCESSES, PROCESSES_ON_GPU = "NEURAL_SCULPTING_PROCESSES", "NEURAL_SCULPTING_PROCESSES_ON_GPU"
"""The environment variables that tell a worker how many share the memory: this machine's, and that of its GPU. They
are read in ``neural_sculpting.sculpting.memory``, which imports torch."""

LOOK_EVERY = 0.2
"""Seconds after which it is looked again whether this process is asked to stop."""

SPAWN = get_context("spawn")  # torch's threads do not survive a fork


def check(name: str, workers: int | None) -> None:
    """Check the options of the launcher.

    Raises:
        UserError: if there is no such executor, or it cannot have so many workers.
    """
    if name not in NAMES:
        raise UserError(f"hydra.launcher.executor={name}: must be {', '.join(NAMES[:-1])} or {NAMES[-1]}")
    if workers is not None and workers < 1:
        raise UserError(
            f"hydra.launcher.workers={workers}: must be a whole number of processes or jobs at a time, 1 or more, or "
            "null for as many as there is room for"
        )


def count_workers(name: str, workers: int | None, batches: int, threads: int) -> int:
    """Return how many batches run at a time.

    Args:
        name: of the executor.
        workers: how many processes, or jobs of Slurm at a time; None: as many as the cores of this process, or the
            cluster, have room for.
        batches: how many there are to run; no more workers than that are started.
        threads: how many threads a batch uses.
    """
    if name == "slurm":
        return min(workers or batches, batches)
    return 1 if name == "inline" else min(workers or max(1, _cores() // threads), batches)


def executor(workers: int) -> Executor:
    """Return what runs so many batches at a time; for one at a time no process is started."""
    return inline if workers == 1 else partial(in_processes, workers=workers)


def inline(batches: Iterable[Batch]) -> Ended:
    """Run one batch after another in this process."""
    for place, batch in enumerate(batches):
        yield place, run(batch)


def in_processes(batches: Iterable[Batch], workers: int) -> Ended:
    """Run batches in worker processes, which end at once when this generator or this process does.

    Each worker is a pool of its own: one that dies (for want of memory, say) takes only its batch along. Where there
    are several GPUs the workers are spread over them. Each takes its share of the memory. Where this process is asked
    to stop, so are they, and no further batch is begun.

    Raises:
        Interrupted: when they have stopped for that.
    """
    lifeline, held = SPAWN.Pipe(duplex=False)  # workers end when nobody holds the other end any more
    ties = Ties(lifeline, SPAWN.Event())
    idle = [Worker.start(ties, environment) for environment in environments(visible_gpus(), workers)]
    interrupted = False
    running: dict[Future[Outcomes], tuple[int, Batch, Worker]] = {}
    upcoming = enumerate(batches)
    try:
        while True:
            while idle and not requested() and (following := next(upcoming, None)):
                future, worker = _submit(following[1], idle.pop(), ties)
                running[future] = (*following, worker)
            if not running:
                break
            for future in wait(running, timeout=LOOK_EVERY, return_when=FIRST_COMPLETED).done:
                place, batch, worker = running.pop(future)
                idle.append(worker)
                error = future.exception()
                if isinstance(error, KeyboardInterrupt):
                    interrupted = True
                    continue
                yield place, future.result() if error is None else [_told(error)] * len(batch.numbers)
            if requested():
                ties.asked_to_stop.set()
        if interrupted or next(upcoming, None) is not None:
            raise Interrupted
    finally:
        if running:
            held.close()
        for worker in [*idle, *(worker for _, _, worker in running.values())]:
            worker.pool.shutdown()
        held.close()
        lifeline.close()


@dataclass(frozen=True, eq=False)
class Ties:
    """What holds workers to the process that started them.

    Attributes:
        lifeline: ends when that process does.
        asked_to_stop: set when it is asked to stop.
    """

    lifeline: Connection
    asked_to_stop: Event


@dataclass(frozen=True, eq=False)
class Worker:
    """A process that runs batches.

    Attributes:
        pool: the process.
        environment: environment variables that are set in it.
    """

    pool: ProcessPoolExecutor
    environment: dict[str, str]

    @classmethod
    def start(cls, ties: Ties, environment: dict[str, str]) -> Self:
        """Start one that lives as long as the other end of the lifeline is held."""
        pool = ProcessPoolExecutor(1, mp_context=SPAWN, initializer=_begin, initargs=(ties, environment))
        return cls(pool, environment)


def environments(gpus: Sequence[str], workers: int) -> list[dict[str, str]]:
    """Return what is set in the environment of each worker: the only GPU that it sees, and how many share memory.

    Args:
        gpus: as CUDA names them; where there are none, a worker sees what this process sees.
        workers: how many there are.
    """
    if not gpus:
        return [{PROCESSES: str(workers), PROCESSES_ON_GPU: str(workers)}] * workers
    spread = list(islice(cycle(gpus), workers))
    return [
        {"CUDA_VISIBLE_DEVICES": gpu, PROCESSES: str(workers), PROCESSES_ON_GPU: str(spread.count(gpu))}
        for gpu in spread
    ]


def visible_gpus() -> list[str]:
    """Return the GPUs of NVIDIA that this process may use, as CUDA names them; torch takes seconds to answer that."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return [name.strip() for name in named.split(",") if name.strip()]
    return [str(number) for number, _ in enumerate(GPUS.glob("*"))]


def _submit(batch: Batch, worker: Worker, ties: Ties) -> tuple[Future[Outcomes], Worker]:
    """Have a worker run a batch, or one that takes its place if it has died meanwhile."""
    try:
        return worker.pool.submit(run_elsewhere, batch), worker
    except BrokenProcessPool:
        worker.pool.shutdown()
        worker = Worker.start(ties, worker.environment)
        return worker.pool.submit(run_elsewhere, batch), worker


def _begin(ties: Ties, environment: dict[str, str]) -> None:
    """Prepare a worker: it lives as long as the process that started it, which alone listens to signals."""
    os.environ.update(environment)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    listen(ties.asked_to_stop.is_set)
    threading.Thread(target=_die_with, args=(ties.lifeline,), daemon=True).start()


def _die_with(lifeline: Connection) -> None:
    with suppress(EOFError, OSError):
        lifeline.recv()  # nothing ever comes
    os._exit(1)


def _told(error: BaseException) -> Exception:
    if isinstance(error, BrokenProcessPool):
        return RuntimeError("its worker process ended abruptly; was there too little memory?")
    return error if isinstance(error, Exception) else RuntimeError(repr(error))


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
