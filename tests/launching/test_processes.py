"""Batches in worker processes."""

import dataclasses
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import batch_functions as functions
import pytest
from batch_functions import batch

from neural_sculpting.config.schemas import SeedGroup
from neural_sculpting.errors import UserError
from neural_sculpting.files import is_running
from neural_sculpting.launching import processes
from neural_sculpting.launching.batches import Batch, Outcomes, run
from neural_sculpting.launching.executors import inline
from neural_sculpting.launching.processes import environments, in_processes, visible_gpus
from neural_sculpting.launching.reporting import JobLost

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("logging_restored")]

MIXED = [
    batch(functions.double, 1, 2),
    batch(functions.die, 3),
    batch(functions.fail, 4, 5, 6),
    batch(functions.raise_one, 7, 8),
    batch(functions.environment, 9, OF_THE_JOB="5"),
    batch(functions.process, 10),
    batch(functions.process, 11),
    batch(lambda configs, jobs, folder: [0.0], 12),
]


@pytest.fixture(scope="module")
def mixed() -> dict[int, Outcomes]:
    """The outcomes of batches of all kinds that ran in two processes, by their indices."""
    return dict(in_processes(MIXED, workers=2))


def test_results_come_back(mixed):
    assert {index: len(outcomes) for index, outcomes in mixed.items()} == {
        index: len(each.numbers) for index, each in enumerate(MIXED)
    }
    assert mixed[0] == [2.0, 4.0]
    assert mixed[4] == [5.0]
    assert "OF_THE_JOB" not in os.environ
    assert {*mixed[5], *mixed[6]}.isdisjoint({float(os.getpid())})


def test_a_process_that_dies_costs_its_batch_alone(mixed):
    [error] = mixed[1]
    assert isinstance(error, JobLost)
    assert str(error) == "its worker process ended abruptly; was there too little memory?"


def test_exceptions_and_functions_that_cannot_be_pickled_are_reported(mixed):
    unpicklable, result, mistake = mixed[2]
    assert isinstance(unpicklable, RuntimeError)
    assert str(unpicklable) == "Unpicklable: bad luck"
    assert result == 1.0
    assert isinstance(mistake, UserError)
    assert str(mistake) == "seed=3: no"
    assert not hasattr(mistake, "__notes__")
    [error] = mixed[7]  # the function itself
    assert "pickle" in str(error)


def test_one_failure_of_all_jobs_stays_one_with_its_traceback(mixed):
    one, other = mixed[3]
    assert one is other
    assert isinstance(one, ValueError)
    assert "In the worker process:" in one.__notes__[0]
    assert "in raise_one" in one.__notes__[0]


def test_a_batch_is_taken_when_it_is_about_to_run():
    events: list[str] = []

    def batches() -> Iterator[Batch]:
        for number in range(3):
            events.append(f"taken {number}")
            yield batch(functions.double, number)

    for execute in (inline, partial(in_processes, workers=1)):
        events.clear()
        for index, _ in execute(batches()):
            events.append(f"ended {index}")
        assert events == ["taken 0", "ended 0", "taken 1", "ended 1", "taken 2", "ended 2"]


def test_a_worker_that_dies_between_batches_is_replaced():
    ended = in_processes(iter([batch(functions.process, 1), batch(functions.process, 2)]), workers=1)
    _, [first] = next(ended)
    os.kill(int(first), signal.SIGKILL)
    time.sleep(0.3)  # until it is noticed
    [(index, [second])] = ended
    assert index == 1
    assert second not in (first, float(os.getpid()))


def test_workers_are_spread_over_the_gpus(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,GPU-abc")
    batches = [batch(functions.gpu, number) for number in range(3)]
    seen = {index: float(outcome) for index, [outcome] in in_processes(iter(batches), workers=3)}
    assert sorted(seen.values()) == [3, 3, 4]  # the results of the function for "3" and "GPU-abc"
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "3,GPU-abc"


@pytest.mark.parametrize(
    ("gpus", "expected"),
    [
        ([], [(None, 3, 3)] * 3),
        (["5"], [("5", 3, 3)] * 3),
        (["5", "GPU-abc"], [("5", 3, 2), ("GPU-abc", 3, 1), ("5", 3, 2)]),
        (["0", "1", "2", "3"], [("0", 3, 1), ("1", 3, 1), ("2", 3, 1)]),
    ],
)
def test_a_worker_has_one_gpu_and_knows_how_many_share_memory(gpus, expected):
    names = ("CUDA_VISIBLE_DEVICES", "NEURAL_SCULPTING_PROCESSES", "NEURAL_SCULPTING_PROCESSES_ON_GPU")
    assert environments(gpus, workers=3) == [
        {name: str(value) for name, value in zip(names, values, strict=True) if value is not None}
        for values in expected
    ]


def test_workers_share_the_memory(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,4")
    groups: Any = [SeedGroup(device, (0,), (job,)) for job, device in enumerate(("cpu", "cuda"))]  # type: ignore
    devices = dataclasses.replace(batch(functions.memory_shares), groups=groups)
    assert run(devices) == [1200, 1200]  # alone
    shares = dict(in_processes([devices, devices], workers=2))
    assert shares == {0: [600, 1200], 1: [600, 1200]}  # each has its own GPU


@pytest.mark.parametrize(
    ("named", "listed", "gpus"),
    [
        ("1, 0", 4, ["1", "0"]),
        ("", 4, []),
        (None, 2, ["0", "1"]),
        (None, 0, []),
    ],
)
def test_gpus_that_this_process_may_use(monkeypatch, tmp_path, named, listed, gpus):
    monkeypatch.setattr(processes, "GPUS", tmp_path / "gpus")
    for number in range(listed):
        (tmp_path / "gpus" / f"0000:{number}").mkdir(parents=True)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if named is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert visible_gpus() == gpus


def test_too_few_results_are_a_failure_of_all():
    outcomes = run(batch(functions.forget, 1, 2))
    assert [str(each) for each in outcomes] == ["0 results for 2 jobs"] * 2


def end(processes: Sequence[int], within: float = 5) -> bool:
    """Whether all these processes end within some seconds."""
    limit = time.monotonic() + within
    while any(map(is_running, processes)) and time.monotonic() < limit:
        time.sleep(0.05)
    return not any(map(is_running, processes))


def wait_for_files(folder: Path, number: int) -> list[int]:
    """The names of files, which are numbers, as soon as there are so many."""
    end = time.monotonic() + 30
    while len(list(folder.glob("*"))) < number and time.monotonic() < end:
        time.sleep(0.05)
    return [int(path.name) for path in folder.iterdir()]


def test_workers_end_at_once_with_the_generator(tmp_path):
    batches = [batch(functions.double, 1), batch(functions.sleep, 2, folder=tmp_path / "in")]
    ended = in_processes(batches, workers=2)
    assert next(ended) == (0, [2.0])
    workers = wait_for_files(tmp_path / "in", 1)
    began = time.monotonic()
    ended.close()
    assert time.monotonic() - began < 5
    assert end(workers)


PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
import batch_functions as functions
from neural_sculpting.launching.processes import in_processes

if __name__ == "__main__":
    batches = [functions.batch(functions.{function}, number, folder=Path("in")) for number in range({number})]
    print(sorted(in_processes(batches, workers=2)))
"""


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str, int], "subprocess.Popen[str]"]:
    """Starts a process that runs a function in batches, in two worker processes."""

    def start(function: str, number: int) -> "subprocess.Popen[str]":
        text = PROGRAM.format(tests=str(Path(__file__).parent), function=function, number=number)
        (tmp_path / "program.py").write_text(text)
        command: dict[str, Any] = {"cwd": tmp_path, "text": True, "start_new_session": True}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command["preexec_fn"] = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # which a shell's `&` takes away
        return subprocess.Popen([sys.executable, "program.py"], **command, **pipes)

    return start


def test_lines_of_workers_arrive_whole(program):
    output, errors = program("talk", 4).communicate(timeout=60)
    assert output == "[(0, [0.0]), (1, [0.0]), (2, [0.0]), (3, [0.0])]\n"
    lines = errors.splitlines()
    assert len(lines) == 800
    assert all(re.fullmatch(r"\d\.\d+:x+end", line) and len(line) == 103 for line in lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_the_process_that_started_them(program, tmp_path, number):
    process = program("sleep", 2)
    workers = wait_for_files(tmp_path / "in", 2)
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does for Ctrl-C
    else:
        process.kill()
    _, errors = process.communicate(timeout=10)
    assert end(workers)
    assert errors.count("Traceback") == errors.count("KeyboardInterrupt\n") == (number == signal.SIGINT)
